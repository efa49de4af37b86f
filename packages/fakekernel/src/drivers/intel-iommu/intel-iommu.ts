/**
 * Linux's driver for Intel VT-d: `drivers/iommu/intel/iommu.c`. It chooses the stage of a domain, attaches devices (`attach.ts`),
 * and reports the unit's capabilities. Nested translation, dirty tracking and page requests are not modelled: {@link FakeVtd}
 * refuses a unit that has them.
 */
import {
  iommu_hw_info_type,
  iommu_hw_info_vtd,
  iommu_hw_info_vtd_flags,
  iommufd_hwpt_alloc_flags,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import { VtdUnit } from '../../hardware/vtd/vtd-unit.js';
import type { VtdConfig } from '../../hardware/vtd/config.js';
import type { Device } from '../../iommu/device.js';
import type { PagingDomain } from '../../iommu/domain.js';
import type { Capabilities, HardwareInfo, IommuDriver } from '../../iommu/driver.js';
import { NO_PASID } from '../../iommu/group.js';
import type { UserData } from '../../iommu/user-data.js';
import { block } from './attach.js';
import { type DmarFormat, DmarDomain } from './paging-domain.js';

const { IOMMU_HWPT_ALLOC_DIRTY_TRACKING, IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID } =
  iommufd_hwpt_alloc_flags;
const { IOMMU_HW_INFO_TYPE_DEFAULT, IOMMU_HW_INFO_TYPE_INTEL_VTD } = iommu_hw_info_type;
const SECOND_STAGE_FLAGS =
  IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_ALLOC_PASID;

const PAGE_4K = 1n << 12n;
const PAGE_2M = 1n << 21n;
const PAGE_1G = 1n << 30n;

/** The driver's state of one unit: `struct intel_iommu`. */
export class IntelIommu implements IommuDriver {
  readonly name = 'intel-iommu';
  readonly userPasidTable = false;
  readonly unit: VtdUnit;

  constructor(config: VtdConfig) {
    this.unit = new VtdUnit(config);
  }

  /** `pasid_supported()` */
  get supportsPasids(): boolean {
    const { SMTS, PASID } = this.unit.ecap;
    return SMTS === 1 && PASID === 1;
  }

  capabilities(): Capabilities {
    const { SC, IR } = this.unit.ecap;
    return {
      cacheCoherency: true,
      dirtyTracking: false,
      enforceCacheCoherency: SC === 1,
      ats: false,
      isolatedMsi: IR === 1 && this.unit.config.interruptRemapping !== false,
    };
  }

  /** `intel_iommu_hw_info()`. The erratum is reported for every processor. */
  hardwareInfo(_device: Device, type: number): HardwareInfo {
    if (type !== IOMMU_HW_INFO_TYPE_DEFAULT && type !== IOMMU_HW_INFO_TYPE_INTEL_VTD)
      throw fail('EOPNOTSUPP');
    const { cap, ecap } = this.unit.config;
    const data = encode(iommu_hw_info_vtd, {
      flags: iommu_hw_info_vtd_flags.IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17,
      cap_reg: cap,
      ecap_reg: ecap,
    });
    return { type: IOMMU_HW_INFO_TYPE_INTEL_VTD, data };
  }

  /**
   * `intel_iommu_domain_alloc_paging_flags()`: the first stage if it supports the flags, otherwise the second. Older versions
   * prefer the second stage.
   */
  allocPaging({ features }: Device, flags: number, data: UserData | undefined): PagingDomain {
    if (data !== undefined) throw fail('EOPNOTSUPP');
    const format = features.vtdPrefersFirstStage
      ? (this.firstStage(flags) ?? this.secondStage(flags))
      : (this.secondStage(flags) ?? this.firstStage(flags));
    if (format === undefined) throw fail('EOPNOTSUPP');
    return new DmarDomain(this, format);
  }

  /** `intel_iommu_domain_alloc_first_stage()`. @returns undefined for EOPNOTSUPP */
  private firstStage(flags: number): DmarFormat | undefined {
    const { cap, ecap } = this.unit;
    if ((flags & ~IOMMU_HWPT_ALLOC_PASID) !== 0) return undefined;
    // Legacy mode has only the second stage.
    if (ecap.SMTS === 0 || ecap.FSTS === 0) return undefined;
    const pageSizes = PAGE_4K | PAGE_2M | (cap.FS1GP === 1 ? PAGE_1G : 0n);
    return { stage: 'first', width: cap.FS5LP === 1 ? 57 : 48, pageSizes };
  }

  /** `intel_iommu_domain_alloc_second_stage()`. @returns undefined for EOPNOTSUPP */
  private secondStage(flags: number): DmarFormat | undefined {
    const { cap, ecap } = this.unit;
    if ((flags & ~SECOND_STAGE_FLAGS) !== 0) return undefined;
    const needsNesting = (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0;
    const needsDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    // `nested_supported()` and `ssads_supported()`.
    if ((needsNesting && !(ecap.SMTS === 1 && ecap.NEST === 1)) || needsDirty) return undefined;
    if (ecap.SMTS === 1 && ecap.SSTS === 0) return undefined;
    const large = (cap.SSLPS & 1) === 0 ? 0n : PAGE_2M | ((cap.SSLPS & 2) === 0 ? 0n : PAGE_1G);
    return { stage: 'second', width: this.secondStageWidth, pageSizes: PAGE_4K | large };
  }

  /** `iommu_calculate_agaw()`: the widest table that the unit supports, limited to the width of its requests. */
  private get secondStageWidth(): number {
    const { SAGAW, MGAW } = this.unit.cap;
    const widest = 30 + 9 * (31 - Math.clz32(SAGAW));
    return Math.min(widest, MGAW + 1);
  }

  block(device: Device): void {
    block(device, NO_PASID);
  }

  blockPasid(device: Device, pasid: number): void {
    block(device, pasid);
  }
}
