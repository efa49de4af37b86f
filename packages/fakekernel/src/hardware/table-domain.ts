/** A paging domain of a driver whose page table is a {@link PageTable}, which the hardware walks. */
import { fail } from '../errno.js';
import { PagingDomain, type Protection } from '../iommu/domain.js';
import type { Extent } from '../process/memory-object.js';
import type { PageTable } from './page-table.js';

/** @see the head of this file */
export abstract class TableDomain extends PagingDomain {
  abstract readonly table: PageTable;

  /** @throws EINVAL without read and write permission, which VFIO_IOMMU_MAP_DMA allows: no format has such an entry */
  override map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    protection: Protection,
    largePages: boolean,
  ): void {
    if (!protection.read && !protection.write) throw fail('EINVAL');
    this.table.map(iova, length, extents, offset, protection, largePages);
  }

  override unmap(iova: bigint, length: bigint): void {
    this.table.unmap(iova, length);
  }
}
