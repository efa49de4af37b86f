/**
 * The RAM of a guest: bytes of the host at a guest-physical address. Pages are allocated in order of addresses,
 * so that a test which allocates in the same order gets the same addresses.
 *
 * It has the two methods by which `@iommufd/smmuv3` and the SDK access memory, `read` and `write`. The other methods throw if an
 * address is outside of the RAM.
 */

export const PAGE = 4096;

/** A range of addresses; the last one is excluded. */
export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

export class GuestRam {
  /** A range without memory. */
  hole: Range | undefined;
  private data: DataView;
  private free: bigint;
  private readonly end: bigint;

  /**
   * @param all its bytes
   * @param base the guest-physical address of the first byte
   * @param heap the range for {@link alloc}; all memory by default
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

  /** Moves the RAM to other bytes of the host, as in a migration. The content is copied. */
  moveTo(bytes: Uint8Array): void {
    bytes.set(this.bytesOfHost);
    this.bytesOfHost = bytes;
    this.data = viewOf(bytes);
  }

  /** Allocates pages, aligned to their total size. */
  alloc(pages = 1): bigint {
    const bytes = BigInt(pages * PAGE);
    const at = ((this.free + bytes - 1n) / bytes) * bytes;
    if (at + bytes > this.end) throw new Error('the guest has no more memory');
    this.free = at + bytes;
    return at;
  }

  /** @returns the bytes in place; undefined if a part is not memory */
  read(address: bigint, length: number): Uint8Array | undefined {
    return this.isThere(address, length) ? this.bytes(address, length) : undefined;
  }

  /** @returns false, without writing anything, if a part is not memory */
  write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.isThere(address, bytes.length)) return false;
    this.bytesOfHost.set(bytes, this.offset(address));
    return true;
  }

  /** The bytes in place, including those in the hole. */
  bytes(address: bigint, length: number): Uint8Array {
    const offset = this.offset(address);
    return this.bytesOfHost.subarray(offset, offset + length);
  }

  /** Reads a word of 64 bits. */
  read64(address: bigint): bigint {
    return this.data.getBigUint64(this.offset(address), true);
  }

  /** Writes consecutive words of 64 bits. */
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
