// Written by `pnpm compile` from tegra241.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** The fields for the PARAM register of a CMDQ-V that a virtual machine monitor emulates (IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV). */
export interface IommuHwInfoTegra241Cmdqv {
  /** (out) No flags are defined: 0. */
  flags: number;
  /** (out) Version of the hardware: PARAM[3:0]. */
  version: number;
  /** (out) Base 2 logarithm of the number of virtual command queues: PARAM[7:4]. */
  log2vcmdqs: number;
  /** (out) Base 2 logarithm of the number of stream ids that can be replaced: PARAM[15:12]. */
  log2vsids: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_hw_info_tegra241_cmdqv_names = ['flags', 'version', 'log2vcmdqs', 'log2vsids', '__reserved'];

export const iommu_hw_info_tegra241_cmdqv: Compiled<
  IommuHwInfoTegra241Cmdqv,
  ToEncode<IommuHwInfoTegra241Cmdqv, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint8(at + 7) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      version: view.getUint8(at + 4),
      log2vcmdqs: view.getUint8(at + 5),
      log2vsids: view.getUint8(at + 6),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { flags, version, log2vcmdqs, log2vsids, __reserved } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof version !== 'number' || (version & 255) !== version) return false;
    if (typeof log2vcmdqs !== 'number' || (log2vcmdqs & 255) !== log2vcmdqs) return false;
    if (typeof log2vsids !== 'number' || (log2vsids & 255) !== log2vsids) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_hw_info_tegra241_cmdqv_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint8(at + 4, version);
    view.setUint8(at + 5, log2vcmdqs);
    view.setUint8(at + 6, log2vsids);
    view.setUint8(at + 7, 0);
    return true;
  },
};

/** The virtual command queues of the interface that are in error. */
export interface IommuVeventTegra241Cmdqv {
  /** (out) One bit for each of 128 logical queues, as in the LVCMDQ_ERR_MAP registers. */
  lvcmdq_err_map: readonly [bigint, bigint];
}

const iommu_vevent_tegra241_cmdqv_names = ['lvcmdq_err_map'];

export const iommu_vevent_tegra241_cmdqv: Compiled<
  IommuVeventTegra241Cmdqv,
  ToEncode<IommuVeventTegra241Cmdqv>
> = {
  read(view, at) {
    return {
      lvcmdq_err_map: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  write(view, at, value) {
    const { lvcmdq_err_map } = value;
    if (!Array.isArray(lvcmdq_err_map) || lvcmdq_err_map.length !== 2) return false;
    const lvcmdq_err_map_0 = lvcmdq_err_map[0],
      lvcmdq_err_map_1 = lvcmdq_err_map[1];
    if (!isU64(lvcmdq_err_map_0) || !isU64(lvcmdq_err_map_1)) return false;
    if (!hasOnly(value, iommu_vevent_tegra241_cmdqv_names)) return false;
    view.setBigUint64(at, lvcmdq_err_map_0, true);
    view.setBigUint64(at + 8, lvcmdq_err_map_1, true);
    return true;
  },
};

/** Location of the page with the registers of the virtual interface, for mmap() (IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV). */
export interface IommuViommuTegra241Cmdqv {
  /** (out) Offset to pass to mmap() on the iommufd. */
  out_vintf_mmap_offset: bigint;
  /** (out) Length of the mapping in bytes. */
  out_vintf_mmap_length: bigint;
}

const iommu_viommu_tegra241_cmdqv_names = ['out_vintf_mmap_offset', 'out_vintf_mmap_length'];

export const iommu_viommu_tegra241_cmdqv: Compiled<
  IommuViommuTegra241Cmdqv,
  ToEncode<IommuViommuTegra241Cmdqv>
> = {
  read(view, at) {
    return {
      out_vintf_mmap_offset: view.getBigUint64(at, true),
      out_vintf_mmap_length: view.getBigUint64(at + 8, true),
    };
  },
  write(view, at, value) {
    const { out_vintf_mmap_offset, out_vintf_mmap_length } = value;
    if (!isU64(out_vintf_mmap_offset)) return false;
    if (!isU64(out_vintf_mmap_length)) return false;
    if (!hasOnly(value, iommu_viommu_tegra241_cmdqv_names)) return false;
    view.setBigUint64(at, out_vintf_mmap_offset, true);
    view.setBigUint64(at + 8, out_vintf_mmap_length, true);
    return true;
  },
};
