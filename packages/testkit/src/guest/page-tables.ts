/**
 * Stage 1 page tables in the memory of a guest, in the format of VMSAv8-64: pages of 4 KiB, levels 1 to 3, addresses of 39 bits.
 * `context-descriptor.ts` has the matching fields of a context descriptor. Source: Arm DDI 0487, D8.3.
 */
import type { GuestRam } from './guest-ram.js';

/** The level and fields of a page or block descriptor. */
export interface Leaf {
  /** 3 for a page, 2 for a block of 2 MiB, 1 for a block of 1 GiB; 3 by default. */
  readonly level?: number;
  /** AP[2:1]; 1 by default, which allows all reads and writes. */
  readonly ap?: number;
  readonly accessed?: boolean;
  readonly global?: boolean;
  readonly uxn?: boolean;
  readonly pxn?: boolean;
}

const TABLE = 3n;
/** SH: inner shareable, as in Linux. */
const SHAREABLE = 3n << 8n;
/** The address bits of a descriptor. */
const ADDRESS = 0x0000_ffff_ffff_f000n;

/** The descriptor of a page or block at this address. */
export function leafOf(
  address: bigint,
  { level = 3, ap = 1, accessed = true, global = false, uxn = false, pxn = false }: Leaf = {},
): bigint {
  const flags =
    (BigInt(ap) << 6n) |
    SHAREABLE |
    (accessed ? 1n << 10n : 0n) |
    (global ? 0n : 1n << 11n) |
    (uxn ? 1n << 54n : 0n) |
    (pxn ? 1n << 53n : 0n);
  return address | flags | (level === 3 ? 3n : 1n);
}

/** The descriptor of a table of the next level. */
export const tableOf = (address: bigint): bigint => address | TABLE;

/** The page tables in a guest's memory. Each is identified by the address of its first table. */
export class PageTables {
  constructor(private readonly ram: Pick<GuestRam, 'alloc' | 'read64' | 'write64'>) {}

  /** Maps an address, without an invalidation. */
  map(root: bigint, address: bigint, to: bigint, leaf: Leaf = {}): void {
    this.ram.write64(this.slot(root, address, leaf.level), leafOf(to, leaf));
  }

  /** The address of the descriptor of an input address. Missing tables are allocated. */
  slot(root: bigint, address: bigint, level = 3): bigint {
    let table = root;
    for (let at = 1; ; at++) {
      const index = (address >> BigInt(39 - 9 * at)) & 511n;
      const slot = table + index * 8n;
      if (at === level) return slot;
      if (this.ram.read64(slot) === 0n) this.ram.write64(slot, tableOf(this.ram.alloc()));
      table = this.ram.read64(slot) & ADDRESS;
    }
  }
}
