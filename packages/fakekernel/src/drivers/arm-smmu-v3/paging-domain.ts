import { fail } from '../../errno.js';
import { lowestBit } from '../../lib/align.js';
import type { Protection } from '../../iommu/domain.js';
import type { Device } from '../../iommu/device.js';
import { PagingDomain } from '../../iommu/domain.js';
import type { Extent } from '../../process/memory-object.js';
import type { ArmSmmu } from './arm-smmu.js';
import { attachPaging, setPasid } from './attach.js';
import { invalidateRange } from './invalidate.js';
import { PageTable, type TableFormat, tableFormat } from './page-table.js';
import { smmuDevice, type SmmuDevice } from './smmu-device.js';

/** Bits of the addresses that the kernel's stage 1 translates: those of the processors, VA_BITS. */
const STAGE1_BITS = 48;

/** A device that uses a domain, itself or as the parent of its nested one. */
export interface DomainMaster {
  readonly device: SmmuDevice;
  readonly pasid: number;
  /** Its own cache of translations is on. */
  readonly usesAts: boolean;
}

/** What a domain is to be. */
export interface DomainKind {
  readonly isStage1: boolean;
  /** Stage 2, which guests put stage 1 before. */
  readonly isNestParent: boolean;
  /** Stage 2 decides the type of memory. */
  readonly forcesWriteBack: boolean;
}

/** A page table of the kernel's, as stage 1 or as stage 2. */
export class SmmuDomain extends PagingDomain {
  readonly pageSizes: bigint;
  readonly aperture: PagingDomain['aperture'];
  readonly isStage1: boolean;
  readonly isNestParent: boolean;
  readonly forcesWriteBack: boolean;
  readonly format: TableFormat;
  /** Its ASID or VMID, under which translations are cached. */
  readonly tag: number;
  /** What TTB0 or S2TTB holds. */
  readonly tableAddress: bigint;
  /** Who is to be told of changes. */
  readonly masters: DomainMaster[] = [];
  private readonly table: PageTable;

  /** @throws EBUSY | ENOSPC if there is no ASID or VMID left */
  constructor(
    readonly smmu: ArmSmmu,
    { isStage1, isNestParent, forcesWriteBack }: DomainKind,
  ) {
    super(smmu);
    const { oas, pageSizes } = smmu.probed;
    this.isStage1 = isStage1;
    this.isNestParent = isNestParent;
    this.forcesWriteBack = forcesWriteBack;
    this.pageSizes = pageSizes;
    const inputBits = isStage1 ? STAGE1_BITS : oas;
    this.aperture = { start: 0n, last: (1n << BigInt(inputBits)) - 1n };
    this.format = tableFormat(inputBits, oas, lowestBit(pageSizes).toString(2).length - 1);
    this.table = new PageTable(!isStage1);
    this.tag = isStage1 ? smmu.asids.take() : smmu.vmids.take();
    this.tableAddress = smmu.memory.addTable(this.table);
  }

  override map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    protection: Protection,
  ): void {
    // VFIO's old request lets a mapping through without read or write permission.
    if (!protection.read && !protection.write) throw fail('EINVAL');
    this.table.map(iova, length, extents, offset, protection);
  }

  override unmap(iova: bigint, length: bigint): void {
    this.table.unmap(iova, length);
    invalidateRange(this, iova, length);
  }

  override attach(device: Device): void {
    attachPaging(smmuDevice(device), this);
  }

  override setPasid(device: Device, pasid: number): void {
    setPasid(smmuDevice(device), this, pasid);
  }

  override free(): void {
    this.smmu.memory.removeTable(this.tableAddress);
    (this.isStage1 ? this.smmu.asids : this.smmu.vmids).giveBack(this.tag);
  }
}
