import type { ErrnoName } from '@iommufd/uapi';
import { fail } from '../../errno.js';

/** ASIDs or VMIDs: the lowest free number from 1 on. 0 stands for no stage 2, and is never given out. */
export class IdPool {
  private readonly taken = new Set<number>();

  constructor(
    private readonly bits: number,
    /** What it fails with when there is none. */
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
