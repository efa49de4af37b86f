/**
 * The RAM of a guest: bytes of the host that the guest sees from an address on. Pages are given out from the lowest address up,
 * so that a test that asks for the same things in the same order finds them at the same addresses.
 *
 * It has the two methods by which `@iommufd/smmuv3` and the SDK see memory, `read` and `write`; the others throw where there is
 * no memory.
 */

export const PAGE = 4096;

/** Addresses from the first one up to, and without, the last one. */
export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

export class GuestRam {
  /** There is no memory in this range. */
  hole: Range | undefined;
  private data: DataView;
  private free: bigint;
  private readonly end: bigint;

  /**
   * @param all its bytes
   * @param base the guest's address of the first one
   * @param heap what {@link alloc} gives out: all if it is left out
   */
  constructor(
    private bytesOfHost: Uint8Array,
    readonly base: bigint,
    heap?: Range,
  ) {
    this.data = viewOf(bytesOfHost);
    this.free = heap?.from ?? base;
    this.end = heap?.to ?? base + BigInt(bytesOfHost.length);
  }

  /** All of its bytes. */
  get all(): Uint8Array {
    return this.bytesOfHost;
  }

  /** The same RAM in other bytes of the host, as after a migration: what is in it is copied. */
  moveTo(bytes: Uint8Array): void {
    bytes.set(this.bytesOfHost);
    this.bytesOfHost = bytes;
    this.data = viewOf(bytes);
  }

  /** Pages that are not used yet, aligned to their size. */
  alloc(pages = 1): bigint {
    const bytes = BigInt(pages * PAGE);
    const at = ((this.free + bytes - 1n) / bytes) * bytes;
    if (at + bytes > this.end) throw new Error('the guest has no more memory');
    this.free = at + bytes;
    return at;
  }

  /** @returns the bytes in place; undefined if not all of them are memory */
  read(address: bigint, length: number): Uint8Array | undefined {
    return this.isThere(address, length) ? this.bytes(address, length) : undefined;
  }

  /** @returns false if not all of it is memory: nothing is written then */
  write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.isThere(address, bytes.length)) return false;
    this.bytesOfHost.set(bytes, this.offset(address));
    return true;
  }

  /** Bytes in place, also those in the hole. */
  bytes(address: bigint, length: number): Uint8Array {
    const offset = this.offset(address);
    return this.bytesOfHost.subarray(offset, offset + length);
  }

  /** A word of 64 bits. */
  read64(address: bigint): bigint {
    return this.data.getBigUint64(this.offset(address), true);
  }

  /** Words of 64 bits, one after another. */
  write64(address: bigint, ...words: readonly bigint[]): void {
    const offset = this.offset(address);
    words.forEach((word, i) => this.data.setBigUint64(offset + 8 * i, word, true));
  }

  private isThere(address: bigint, length: number): boolean {
    const end = address + BigInt(length);
    if (address < this.base || end > this.base + BigInt(this.bytesOfHost.length)) return false;
    return this.hole === undefined || end <= this.hole.from || address >= this.hole.to;
  }

  private offset(address: bigint): number {
    return Number(address - this.base);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
