import { type Cd, contextDescriptor } from './context-descriptor.js';
import type { GuestRam } from './guest-ram.js';
import { type Leaf, PageTables } from './page-tables.js';

/** Stage 1 of a guest: a context descriptor and page tables in its RAM. */
export class Stage1 {
  /** The address of the context descriptor: S1ContextPtr of a stream table entry. */
  readonly context: bigint;
  /** The address of the first page table: TTB0. */
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

  /** Maps a page or a block of the guest's memory. */
  show(iova: bigint, ipa: bigint, leaf?: Leaf): void {
    this.tables.map(this.root, iova, ipa, leaf);
  }

  /** Unmaps an address. */
  hide(iova: bigint): void {
    this.describe(iova, 0n);
  }

  /** Sets the descriptor of an address at a level. */
  describe(iova: bigint, descriptor: bigint, level = 3): void {
    this.ram.write64(this.slot(iova, level), descriptor);
  }

  /** The address of the descriptor of an input address. Missing tables are allocated. */
  slot(iova: bigint, level = 3): bigint {
    return this.tables.slot(this.root, iova, level);
  }
}
