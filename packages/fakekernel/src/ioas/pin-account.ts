import type { Process } from '../process/process.js';

/** The pinned pages of one mapping, counted against the limit of the process that made it. */
export class PinAccount {
  /** Pages that are counted now. */
  charged = 0;

  constructor(
    public process: Process,
    /** With CAP_IPC_LOCK at the time of the mapping nothing is counted. */
    readonly counts: boolean,
  ) {}

  /** @param pages may be negative: they are not pinned any more @throws ENOMEM if that is more than the limit allows */
  charge(pages: number): void {
    if (this.counts) this.process.lock(pages);
    this.charged += pages;
  }

  /** Counts for another process from now on; the caller has looked at its limit. */
  moveTo(process: Process): void {
    if (this.counts) {
      this.process.lock(-this.charged);
      process.lock(this.charged);
    }
    this.process = process;
  }
}
