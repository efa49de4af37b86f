// Written by `pnpm compile` from iommufd.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** The identification registers of an SMMUv3 (IOMMU_HW_INFO_TYPE_ARM_SMMUV3), as the hardware has them. Not every bit applies to a guest. */
export interface IommuHwInfoArmSmmuv3 {
  /** (out) Errata that apply. Flags of iommu_hw_info_arm_smmuv3_flags. */
  flags: number;
  /** Must be zero. */
  __reserved: number;
  /** (out) SMMU_IDR0 to SMMU_IDR5. */
  idr: readonly [number, number, number, number, number, number];
  /** (out) SMMU_IIDR: implementer, product and revision. */
  iidr: number;
  /** (out) SMMU_AIDR: the version of the architecture. */
  aidr: number;
}

const iommu_hw_info_arm_smmuv3_names = ['flags', '__reserved', 'idr', 'iidr', 'aidr'];

export const iommu_hw_info_arm_smmuv3: Compiled<
  IommuHwInfoArmSmmuv3,
  ToEncode<IommuHwInfoArmSmmuv3, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      __reserved: 0,
      idr: [
        view.getUint32(at + 8, true),
        view.getUint32(at + 12, true),
        view.getUint32(at + 16, true),
        view.getUint32(at + 20, true),
        view.getUint32(at + 24, true),
        view.getUint32(at + 28, true),
      ],
      iidr: view.getUint32(at + 32, true),
      aidr: view.getUint32(at + 36, true),
    };
  },
  write(view, at, value) {
    const { flags, __reserved, idr, iidr, aidr } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!Array.isArray(idr) || idr.length !== 6) return false;
    const idr_0 = idr[0],
      idr_1 = idr[1],
      idr_2 = idr[2],
      idr_3 = idr[3],
      idr_4 = idr[4],
      idr_5 = idr[5];
    if (
      typeof idr_0 !== 'number' ||
      idr_0 >>> 0 !== idr_0 ||
      typeof idr_1 !== 'number' ||
      idr_1 >>> 0 !== idr_1 ||
      typeof idr_2 !== 'number' ||
      idr_2 >>> 0 !== idr_2 ||
      typeof idr_3 !== 'number' ||
      idr_3 >>> 0 !== idr_3 ||
      typeof idr_4 !== 'number' ||
      idr_4 >>> 0 !== idr_4 ||
      typeof idr_5 !== 'number' ||
      idr_5 >>> 0 !== idr_5
    )
      return false;
    if (typeof iidr !== 'number' || iidr >>> 0 !== iidr) return false;
    if (typeof aidr !== 'number' || aidr >>> 0 !== aidr) return false;
    if (!hasOnly(value, iommu_hw_info_arm_smmuv3_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 8, idr_0, true);
    view.setUint32(at + 12, idr_1, true);
    view.setUint32(at + 16, idr_2, true);
    view.setUint32(at + 20, idr_3, true);
    view.setUint32(at + 24, idr_4, true);
    view.setUint32(at + 28, idr_5, true);
    view.setUint32(at + 32, iidr, true);
    view.setUint32(at + 36, aidr, true);
    return true;
  },
};

/** The first two words of the guest's stream table entry (IOMMU_HWPT_DATA_ARM_SMMUV3). With V set, all fields except V, Config, S1Fmt, S1ContextPtr, S1CDMax, S1DSS, S1CIR, S1COR, S1CSH, S1STALLD and EATS must be zero; otherwise the call fails with EIO. */
export interface IommuHwptArmSmmuv3 {
  /** Words 0 and 1 of the entry; the codec `smmuv3_ste` names their fields. */
  ste: readonly [bigint, bigint];
}

const iommu_hwpt_arm_smmuv3_names = ['ste'];

export const iommu_hwpt_arm_smmuv3: Compiled<IommuHwptArmSmmuv3, ToEncode<IommuHwptArmSmmuv3>> = {
  read(view, at) {
    return {
      ste: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  write(view, at, value) {
    const { ste } = value;
    if (!Array.isArray(ste) || ste.length !== 2) return false;
    const ste_0 = ste[0],
      ste_1 = ste[1];
    if (!isU64(ste_0) || !isU64(ste_1)) return false;
    if (!hasOnly(value, iommu_hwpt_arm_smmuv3_names)) return false;
    view.setBigUint64(at, ste_0, true);
    view.setBigUint64(at + 8, ste_1, true);
    return true;
  },
};

/** An event record whose StreamID is the virtual one of the vDEVICE. */
export interface IommuVeventArmSmmuv3 {
  /** (out) The 256 bits of the record; the codec `smmuv3_event` names their fields. */
  evt: readonly [bigint, bigint, bigint, bigint];
}

const iommu_vevent_arm_smmuv3_names = ['evt'];

export const iommu_vevent_arm_smmuv3: Compiled<IommuVeventArmSmmuv3, ToEncode<IommuVeventArmSmmuv3>> = {
  read(view, at) {
    return {
      evt: [
        view.getBigUint64(at, true),
        view.getBigUint64(at + 8, true),
        view.getBigUint64(at + 16, true),
        view.getBigUint64(at + 24, true),
      ],
    };
  },
  write(view, at, value) {
    const { evt } = value;
    if (!Array.isArray(evt) || evt.length !== 4) return false;
    const evt_0 = evt[0],
      evt_1 = evt[1],
      evt_2 = evt[2],
      evt_3 = evt[3];
    if (!isU64(evt_0) || !isU64(evt_1) || !isU64(evt_2) || !isU64(evt_3)) return false;
    if (!hasOnly(value, iommu_vevent_arm_smmuv3_names)) return false;
    view.setBigUint64(at, evt_0, true);
    view.setBigUint64(at + 8, evt_1, true);
    view.setBigUint64(at + 16, evt_2, true);
    view.setBigUint64(at + 24, evt_3, true);
    return true;
  },
};

/** A command of the guest's command queue (IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3). The kernel accepts TLBI_NSNH_ALL, TLBI_NH_ALL, TLBI_NH_ASID, TLBI_NH_VA, TLBI_NH_VAA, ATC_INV, CFGI_CD and CFGI_CD_ALL; others fail with EIO. */
export interface IommuViommuArmSmmuv3Invalidate {
  /** The 128 bits of the command; the codec `smmuv3_command` names their fields. */
  cmd: readonly [bigint, bigint];
}

const iommu_viommu_arm_smmuv3_invalidate_names = ['cmd'];

export const iommu_viommu_arm_smmuv3_invalidate: Compiled<
  IommuViommuArmSmmuv3Invalidate,
  ToEncode<IommuViommuArmSmmuv3Invalidate>
> = {
  read(view, at) {
    return {
      cmd: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  write(view, at, value) {
    const { cmd } = value;
    if (!Array.isArray(cmd) || cmd.length !== 2) return false;
    const cmd_0 = cmd[0],
      cmd_1 = cmd[1];
    if (!isU64(cmd_0) || !isU64(cmd_1)) return false;
    if (!hasOnly(value, iommu_viommu_arm_smmuv3_invalidate_names)) return false;
    view.setBigUint64(at, cmd_0, true);
    view.setBigUint64(at + 8, cmd_1, true);
    return true;
  },
};
