import type { GuestRam } from './guest-ram.js';

/** Shifts of the indexes of levels 1 and 2. Pages have 4 KiB, an index 9 bits, an address 39 bits. */
const UPPER = [30n, 21n];
const LAST = 12n;

const TABLE = 0b11n;
/** Bits of a page that every access may read and write: valid, AP[1], inner shareable, accessed (AF), not global (nG). */
const PAGE_OF_ALL = 0b11n | (1n << 6n) | (3n << 8n) | (1n << 10n) | (1n << 11n);
/** The address bits of a descriptor. */
const ADDRESS = 0x0000_ffff_ffff_f000n;

/** A stage 1 page table in the guest's memory, in the format of VMSAv8-64. */
export class PageTable {
  /** CD.T0SZ for addresses of 39 bits. */
  static readonly T0SZ = 64 - 39;
  /** The address of the first table. */
  readonly root: bigint;

  constructor(private readonly ram: GuestRam) {
    this.root = ram.allocPage();
  }

  map(iova: bigint, page: bigint): void {
    this.ram.write64(this.descriptorOf(iova), page | PAGE_OF_ALL);
  }

  /** Unmaps the page, without an invalidation: it may still be cached. */
  unmap(iova: bigint): void {
    this.ram.write64(this.descriptorOf(iova), 0n);
  }

  /** The address of the leaf descriptor of an address. Missing tables are allocated. */
  private descriptorOf(iova: bigint): bigint {
    const { ram } = this;
    let table = this.root;
    for (const shift of UPPER) {
      const at = table + offsetOf(iova, shift);
      if ((ram.read64(at) & 1n) === 0n) ram.write64(at, ram.allocPage() | TABLE);
      table = ram.read64(at) & ADDRESS;
    }
    return table + offsetOf(iova, LAST);
  }
}

/** The offset of an address's descriptor in its table. */
function offsetOf(iova: bigint, shift: bigint): bigint {
  return 8n * ((iova >> shift) & 0x1ffn);
}
