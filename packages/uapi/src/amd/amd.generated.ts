// Written by `pnpm compile` from amd.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** The features of an AMD IOMMU (IOMMU_HW_INFO_TYPE_AMD). */
export interface IommuHwInfoAmd {
  /** (out) The extended feature register, MMIO offset 0x30. */
  efr: bigint;
  /** (out) The second extended feature register, MMIO offset 0x1a0. */
  efr2: bigint;
}

const iommu_hw_info_amd_names = ['efr', 'efr2'];

export const iommu_hw_info_amd: Compiled<IommuHwInfoAmd, ToEncode<IommuHwInfoAmd>> = {
  read(view, at) {
    return {
      efr: view.getBigUint64(at, true),
      efr2: view.getBigUint64(at + 8, true),
    };
  },
  write(view, at, value) {
    const { efr, efr2 } = value;
    if (!isU64(efr)) return false;
    if (!isU64(efr2)) return false;
    if (!hasOnly(value, iommu_hw_info_amd_names)) return false;
    view.setBigUint64(at, efr, true);
    view.setBigUint64(at + 8, efr2, true);
    return true;
  },
};

/** The guest's device table entry (IOMMU_HWPT_DATA_AMD_GUEST). The kernel uses only its guest translation fields. */
export interface IommuHwptAmdGuest {
  /** The 256 bits of the entry, in 64-bit words. */
  dte: readonly [bigint, bigint, bigint, bigint];
}

const iommu_hwpt_amd_guest_names = ['dte'];

export const iommu_hwpt_amd_guest: Compiled<IommuHwptAmdGuest, ToEncode<IommuHwptAmdGuest>> = {
  read(view, at) {
    return {
      dte: [
        view.getBigUint64(at, true),
        view.getBigUint64(at + 8, true),
        view.getBigUint64(at + 16, true),
        view.getBigUint64(at + 24, true),
      ],
    };
  },
  write(view, at, value) {
    const { dte } = value;
    if (!Array.isArray(dte) || dte.length !== 4) return false;
    const dte_0 = dte[0],
      dte_1 = dte[1],
      dte_2 = dte[2],
      dte_3 = dte[3];
    if (!isU64(dte_0) || !isU64(dte_1) || !isU64(dte_2) || !isU64(dte_3)) return false;
    if (!hasOnly(value, iommu_hwpt_amd_guest_names)) return false;
    view.setBigUint64(at, dte_0, true);
    view.setBigUint64(at + 8, dte_1, true);
    view.setBigUint64(at + 16, dte_2, true);
    view.setBigUint64(at + 24, dte_3, true);
    return true;
  },
};
