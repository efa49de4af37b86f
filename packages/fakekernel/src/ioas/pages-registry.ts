import { LinkedSet } from '../lib/linked-set.js';
import type { Pages } from './pages.js';

/** Sizes in bytes of a page pointer, and of an entry of `struct pfn_batch`, which is a PFN and a count. */
const POINTER = 8;
const BATCH_ENTRY = 12;

/** All {@link Pages} of a kernel, and the memory limit for pinning them. */
export class PagesRegistry extends LinkedSet<Pages> {
  /** `TEMP_MEMORY_LIMIT` in bytes: temporary memory of one pin. IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT lowers it. */
  memoryLimit = 65536;

  /** Pages that one call of `pin_user_pages()` pins. */
  get pinBatch(): number {
    return Math.max(1, Math.floor(this.memoryLimit / POINTER));
  }

  /** Number of runs of pages in one batch. */
  get runsAtOnce(): number {
    return Math.max(1, Math.floor(this.memoryLimit / BATCH_ENTRY));
  }
}
