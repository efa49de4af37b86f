import { LinkedSet } from '../lib/linked-set.js';
import type { Pages } from './pages.js';

/** Bytes of a pointer to a page, and of an entry of a batch: an address and how many pages follow it. */
const POINTER = 8;
const BATCH_ENTRY = 12;

/** The pages of every mapping of a kernel, and how much memory there is to pin them with. */
export class PagesRegistry extends LinkedSet<Pages> {
  /** `TEMP_MEMORY_LIMIT`, in bytes: what one pin may take for its lists. The selftest can lower it. */
  memoryLimit = 65536;

  /** How many pages are pinned at once. */
  get pinBatch(): number {
    return Math.max(1, Math.floor(this.memoryLimit / POINTER));
  }

  /** How many runs of pages are worked on at once. */
  get runsAtOnce(): number {
    return Math.max(1, Math.floor(this.memoryLimit / BATCH_ENTRY));
  }
}
