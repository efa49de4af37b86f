/** Paging domains: `struct dmar_domain`, with the first-stage or second-stage page table of the kernel. */
import { PageTable } from '../../hardware/page-table.js';
import type { Device } from '../../iommu/device.js';
import { TableDomain } from '../../hardware/table-domain.js';
import type { Domain, PagingDomain } from '../../iommu/domain.js';
import { attach, setPasid } from './attach.js';
import type { IntelIommu } from './intel-iommu.js';

/** The format of a page table. */
export interface DmarFormat {
  readonly stage: 'first' | 'second';
  /** Number of address bits. */
  readonly width: number;
  readonly pageSizes: bigint;
}

/** A page table of the kernel. */
export class DmarDomain extends TableDomain {
  readonly pageSizes: bigint;
  readonly aperture: PagingDomain['aperture'];
  readonly table: PageTable;

  constructor(
    override readonly driver: IntelIommu,
    readonly format: DmarFormat,
  ) {
    super(driver);
    this.pageSizes = format.pageSizes;
    this.table = new PageTable(format.stage === 'second');
    // Only the lower half of first-stage addresses is used, because addresses in the upper half would have to be canonical.
    const bits = format.stage === 'first' ? format.width - 1 : format.width;
    this.aperture = { start: 0n, last: (1n << BigInt(bits)) - 1n };
  }

  override attach(device: Device): void {
    attach(device, this);
  }

  override setPasid(device: Device, pasid: number, old: Domain | undefined): void {
    setPasid(device, this, pasid, old);
  }
}
