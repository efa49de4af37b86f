import type { ErrnoName } from '@iommufd/uapi';
import { fail } from '../../errno.js';

/** An allocator of ASIDs or VMIDs. It allocates the lowest free number, from 1 on: VMID 0 means no stage 2. */
export class IdPool {
  private readonly taken = new Set<number>();

  constructor(
    private readonly bits: number,
    /** The errno if all numbers are in use. */
    private readonly exhausted: ErrnoName,
  ) {}

  take(): number {
    let id = 1;
    while (this.taken.has(id)) id++;
    if (id >= 1 << this.bits) throw fail(this.exhausted);
    this.taken.add(id);
    return id;
  }

  giveBack(id: number): void {
    this.taken.delete(id);
  }
}
