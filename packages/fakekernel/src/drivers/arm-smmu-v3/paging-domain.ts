/**
 * Paging domains: `struct arm_smmu_domain`. Stage 1 for devices of the host, tagged by ASID; stage 2 for nest parents, and for an
 * SMMU without stage 1, tagged by VMID. Unmapping invalidates the TLB and the ATCs (`invalidate.ts`). `attach.ts` attaches
 * devices.
 */
import { arm_smmu_features } from '@iommufd/uapi';
import { lowestBit } from '../../lib/align.js';
import type { Device } from '../../iommu/device.js';
import type { PagingDomain } from '../../iommu/domain.js';
import type { IommuDriver } from '../../iommu/driver.js';
import { PageTable } from '../../hardware/page-table.js';
import type { PhysicalMemory } from '../../hardware/physical-memory.js';
import { TableDomain } from '../../hardware/table-domain.js';
import { attachPaging, setPasid } from './attach.js';
import type { CommandQueue } from './command-queue.js';
import { DirtyTable } from './dirty-table.js';
import type { IdPool } from './id-pool.js';
import { invalidateRange } from './invalidate.js';
import { restrictBits, type TableFormat, tableFormat } from './page-table.js';
import type { Probed } from './probe.js';
import { smmuDevice, type SmmuDevice } from './smmu-device.js';

/** VA_BITS: the input address size of the kernel's stage 1. */
const STAGE1_BITS = 48;

/** A device that uses a domain, directly or as the parent of its nested domain: `struct arm_smmu_master_domain`. */
export interface DomainMaster {
  readonly device: SmmuDevice;
  readonly pasid: number;
  /** True if ATS is enabled: changes must then invalidate its ATC. */
  readonly usesAts: boolean;
}

/** The parts of the SMMU that a domain uses. */
interface DomainParts {
  readonly probed: Probed;
  readonly memory: PhysicalMemory;
  readonly commands: CommandQueue;
  /** ASIDs for stage 1, VMIDs for stage 2. */
  readonly ids: IdPool;
}

/** The kind of a new domain. */
export interface DomainKind {
  readonly isStage1: boolean;
  /** Stage 2 for nesting. */
  readonly isNestParent: boolean;
  /** STE.S2FWB: stage 2 overrides the memory type to write-back. */
  readonly forcesWriteBack: boolean;
  /** IOMMU_HWPT_ALLOC_DIRTY_TRACKING, only with stage 1: `IO_PGTABLE_QUIRK_ARM_HD`. */
  readonly tracksDirty: boolean;
}

/** A page table of the kernel, used as stage 1 or stage 2. */
export class SmmuDomain extends TableDomain {
  readonly pageSizes: bigint;
  readonly aperture: PagingDomain['aperture'];
  readonly isStage1: boolean;
  readonly isNestParent: boolean;
  readonly forcesWriteBack: boolean;
  readonly format: TableFormat;
  override readonly dirty: DirtyTable | undefined;
  /** Its ASID or VMID. */
  readonly tag: number;
  /** The value of CD.TTB0 or STE.S2TTB. */
  readonly tableAddress: bigint;
  /** The attached devices, whose caches changes must invalidate. */
  readonly masters: DomainMaster[] = [];
  /** True if TLB invalidations can have ranges. */
  readonly hasRanges: boolean;
  readonly commands: CommandQueue;
  readonly table: PageTable;
  private readonly memory: PhysicalMemory;
  private readonly ids: IdPool;

  /** @throws EBUSY | ENOSPC if all ASIDs or VMIDs are in use */
  constructor(
    driver: IommuDriver,
    { probed, memory, commands, ids }: DomainParts,
    { isStage1, isNestParent, forcesWriteBack, tracksDirty }: DomainKind,
  ) {
    super(driver);
    const { features, oas, pageSizes } = probed;
    this.hasRanges = (features & arm_smmu_features.ARM_SMMU_FEAT_RANGE_INV) !== 0;
    this.memory = memory;
    this.commands = commands;
    this.ids = ids;
    this.isStage1 = isStage1;
    this.isNestParent = isNestParent;
    this.forcesWriteBack = forcesWriteBack;
    this.pageSizes = pageSizes;
    const pageBits = lowestBit(pageSizes).toString(2).length - 1;
    const inputBits = restrictBits(isStage1 ? STAGE1_BITS : oas, pageBits);
    this.aperture = { start: 0n, last: (1n << BigInt(inputBits)) - 1n };
    this.format = tableFormat(inputBits, restrictBits(oas, pageBits), pageBits);
    this.dirty = tracksDirty ? new DirtyTable(pageSizes) : undefined;
    this.table = this.dirty ?? new PageTable(!isStage1);
    this.tag = ids.take();
    this.tableAddress = memory.addTable(this.table);
  }

  override unmap(iova: bigint, length: bigint): void {
    super.unmap(iova, length);
    invalidateRange(this, iova, length);
  }

  override attach(device: Device): void {
    attachPaging(smmuDevice(device), this);
  }

  override setPasid(device: Device, pasid: number): void {
    setPasid(smmuDevice(device), this, pasid);
  }

  override free(): void {
    this.memory.removeTable(this.tableAddress);
    this.ids.giveBack(this.tag);
  }
}
