const PAGE = 4096;

/** The guest's memory, by guest-physical address. */
export class GuestRam {
  private next: bigint;

  /**
   * @param base its first guest-physical address
   * @param bytesAt returns the memory in place, starting at an offset
   */
  constructor(
    readonly base: bigint,
    private readonly bytesAt: (offset: number, length: number) => Uint8Array,
  ) {
    this.next = base;
  }

  /** Allocates an unused zeroed page. */
  allocPage(): bigint {
    const page = this.next;
    this.next += BigInt(PAGE);
    return page;
  }

  bytes(address: bigint, length: number): Uint8Array {
    return this.bytesAt(Number(address - this.base), length);
  }

  read64(address: bigint): bigint {
    return this.view(address).getBigUint64(0, true);
  }

  write64(address: bigint, value: bigint): void {
    this.view(address).setBigUint64(0, value, true);
  }

  private view(address: bigint): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes(address, 8);
    return new DataView(buffer, byteOffset, byteLength);
  }
}
