/**
 * The page table of a domain with dirty tracking, as in `io-pgtable-arm.c` with `IO_PGTABLE_QUIRK_ARM_HD`. Writable entries have
 * DBM, and are dirty at first. When the kernel has marked an entry as clean, a write of the hardware marks it as dirty again.
 * Tracking is always on: `arm_smmu_set_dirty_tracking()` does nothing.
 *
 * Marking an entry as clean does not invalidate TLBs: `iommu_dirty_bitmap_record()` gathers a range without a page size, and
 * `arm_smmu_iotlb_sync()` returns at once for such a range. If a TLB caches the dirty state (`Smmuv3Config.keepsDirtyState`), it
 * hides later writes.
 */
import { PageTable, type ShownEntry } from '../../hardware/page-table.js';
import type { KernelMapping } from '../../hardware/physical-memory.js';
import type { DirtyRecorder, DirtyTracking } from '../../iommu/domain.js';
import { type Entry, entryAt } from '../../iommu/table-entry.js';
import { RangeMap } from '../../lib/range-map.js';

/** A stage 1 page table whose writable entries are clean or dirty. */
export class DirtyTable extends PageTable implements DirtyTracking {
  readonly readByArea = true;
  /** Ranges of whole writable entries with AP[2] set. */
  private readonly clean = new RangeMap<true>();

  /** @param pageSizes bitmap of the sizes of entries */
  constructor(private readonly pageSizes: bigint) {
    super(false);
  }

  override unmap(iova: bigint, length: bigint): void {
    super.unmap(iova, length);
    this.markDirty({ start: iova, last: iova + length - 1n });
  }

  override lookup(address: bigint): KernelMapping | undefined {
    const mapping = super.lookup(address);
    if (mapping?.write !== true || this.clean.at(address) === undefined) return mapping;
    return {
      ...mapping,
      markDirty: () => {
        const shown = this.shown.at(address);
        if (shown !== undefined) this.markDirty(this.entryOf(address, shown));
      },
    };
  }

  set(): void {
    // Tracking is always on.
  }

  /**
   * `arm_lpae_read_and_clear_dirty()`: reports each dirty entry from the current IOVA of the walk, and advances by the size of
   * the entry. Therefore a walk that begins inside a block has the same offset in the following blocks. The walk ends at the
   * first IOVA without a mapping.
   */
  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder | undefined): void {
    if (recorder === undefined) {
      if (clear) this.cleanAll(iova, iova + length - 1n);
      return;
    }
    for (let at = iova; at < iova + length;) {
      const mapping = this.shown.at(at);
      if (mapping === undefined) return;
      const { start, last } = this.entryOf(at, mapping);
      const clean = this.clean.at(start);
      if (clean === undefined && mapping.value.protection.write) {
        recorder(at, last - start + 1n);
        if (clear) this.markClean(start, last);
      } else if (at === start) {
        // This finds the same entries as a walk entry by entry, but its time depends only on the number of dirty entries.
        at = (clean ?? mapping).last + 1n;
        continue;
      }
      at += last - start + 1n;
    }
  }

  private cleanAll(iova: bigint, last: bigint): void {
    this.markDirty({ start: iova, last });
    for (const { start, last: end, value } of this.shown.range(iova, last))
      if (value.protection.write) this.clean.insert(start, end, true);
  }

  /** Marks an entry as clean, and joins it with clean neighbours. */
  private markClean(start: bigint, last: bigint): void {
    const before = this.clean.at(start - 1n);
    const behind = this.clean.at(last + 1n);
    if (before !== undefined) this.clean.remove(before.start);
    if (behind !== undefined) this.clean.remove(behind.start);
    this.clean.insert(before?.start ?? start, behind?.last ?? last, true);
  }

  private markDirty({ start, last }: Entry): void {
    this.clean.cut(start, last, () => true);
  }

  private entryOf(iova: bigint, mapping: ShownEntry): Entry {
    return entryAt(iova, mapping, { pageSizes: this.pageSizes, largePages: mapping.value.largePages });
  }
}
