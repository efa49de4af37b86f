import { type Cd, contextDescriptor } from './context-descriptor.js';
import type { GuestRam } from './guest-ram.js';
import { type Leaf, PageTables } from './page-tables.js';

/** Stage 1 of a guest, in two pages of its RAM and those that its tables take: a context descriptor, and page tables. */
export class Stage1 {
  /** Where the context descriptor is: S1ContextPtr of a stream table entry. */
  readonly context: bigint;
  /** Of the page tables: TTB0. */
  readonly root: bigint;
  private readonly tables: PageTables;

  constructor(private readonly ram: GuestRam) {
    this.context = ram.alloc();
    this.root = ram.alloc();
    this.tables = new PageTables(ram);
  }

  /** Writes the context descriptor. */
  setUp(cd: Cd = {}): void {
    this.ram.write(this.context, contextDescriptor({ TTB0: this.root, ...cd }));
  }

  /** Shows a page, or a block, of the guest's memory at an address. */
  show(iova: bigint, ipa: bigint, leaf?: Leaf): void {
    this.tables.map(this.root, iova, ipa, leaf);
  }

  /** Shows nothing there. */
  hide(iova: bigint): void {
    this.describe(iova, 0n);
  }

  /** Sets the descriptor of an address, of this level. */
  describe(iova: bigint, descriptor: bigint, level = 3): void {
    this.ram.write64(this.slot(iova, level), descriptor);
  }

  /** Where the descriptor of an address is. Tables on the way are made. */
  slot(iova: bigint, level = 3): bigint {
    return this.tables.slot(this.root, iova, level);
  }
}
