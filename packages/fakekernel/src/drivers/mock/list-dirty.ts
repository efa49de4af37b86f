import { MOCK_HUGE_PAGE_SIZE, MOCK_PAGE_SIZE } from '@iommufd/uapi';
import type { DirtyRecorder } from '../../iommu/domain.js';
import type { Entry } from '../../iommu/table-entry.js';
import { MockDirty, reportWhole } from './mock-dirty.js';

const GRANULE = BigInt(MOCK_PAGE_SIZE);
const HUGE = BigInt(MOCK_HUGE_PAGE_SIZE);

/**
 * The dirty bits of a page table that is a list of 2 KiB entries, as in the mock driver before 6.19: one bit for each entry. The
 * entries of a huge page are marked as such: `mock_domain_read_and_clear_dirty()`.
 */
export class ListDirty extends MockDirty {
  override readonly readByArea: boolean;

  /** @param hugePageAt returns the huge page at an IOVA; undefined if the page table has no huge pages */
  constructor(private readonly hugePageAt?: (iova: bigint) => Entry | undefined) {
    super(reportWhole);
    this.readByArea = hugePageAt !== undefined;
  }

  override read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder | undefined): void {
    // If tracking is off, a read with a bitmap fails with EINVAL, which iommufd ignores.
    if (recorder !== undefined && !this.isOn) return;
    if (this.hugePageAt === undefined || recorder === undefined) super.read(iova, length, clear, recorder);
    else this.walk(iova, iova + length, clear, recorder, this.hugePageAt);
  }

  /**
   * A huge page is dirty if one of its entries is. It is reported from the current IOVA of the walk, which then advances by the
   * size of a huge page: a walk that begins inside a huge page has the same offset in the following ones.
   */
  private walk(
    iova: bigint,
    end: bigint,
    clear: boolean,
    recorder: DirtyRecorder,
    hugePageAt: (iova: bigint) => Entry | undefined,
  ): void {
    // The last huge page may have dirty entries beyond the range.
    const dirty = this.within(iova, end - 1n + HUGE);
    let next = 0;
    for (let at = iova; at < end;) {
      const page = hugePageAt(at);
      if (page !== undefined) {
        const inside = this.within(page.start, page.last);
        if (inside.length > 0) recorder(at, HUGE);
        if (clear) for (const each of inside) this.clean(each);
        at += HUGE;
        continue;
      }
      while ((dirty[next]?.entry.start ?? end) < at) next++;
      const start = dirty[next]?.entry.start;
      if (start === undefined) return;
      const ahead = hugePageAt(start);
      at = ahead?.start ?? start;
      if (ahead !== undefined || at >= end) continue;
      recorder(at, GRANULE);
      const found = dirty[next];
      if (clear && found !== undefined) this.clean(found);
      at += GRANULE;
    }
  }
}
