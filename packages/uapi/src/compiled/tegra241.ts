// Written by `pnpm compile` from the declarations: change those, and run it again.
import {
  iommu_hw_info_tegra241_cmdqv,
  iommu_vevent_tegra241_cmdqv,
  iommu_viommu_tegra241_cmdqv,
} from '../tegra241/tegra241.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  iommu_hw_info_tegra241_cmdqv,
  (view, at) => {
    if (view.getUint8(at + 7) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      version: view.getUint8(at + 4),
      log2vcmdqs: view.getUint8(at + 5),
      log2vsids: view.getUint8(at + 6),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { flags, version, log2vcmdqs, log2vsids, __reserved } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof version !== 'number' || (version & 255) !== version) return false;
    if (typeof log2vcmdqs !== 'number' || (log2vcmdqs & 255) !== log2vcmdqs) return false;
    if (typeof log2vsids !== 'number' || (log2vsids & 255) !== log2vsids) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 4 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, flags, true);
    view.setUint8(at + 4, version);
    view.setUint8(at + 5, log2vcmdqs);
    view.setUint8(at + 6, log2vsids);
    view.setUint8(at + 7, 0);
    return true;
  },
);

compiled(
  iommu_vevent_tegra241_cmdqv,
  (view, at) => {
    return {
      lvcmdq_err_map: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  (view, at, value) => {
    const { lvcmdq_err_map } = value;
    if (!Array.isArray(lvcmdq_err_map) || lvcmdq_err_map.length !== 2) return false;
    const lvcmdq_err_map_0 = lvcmdq_err_map[0],
      lvcmdq_err_map_1 = lvcmdq_err_map[1];
    if (!isU64(lvcmdq_err_map_0) || !isU64(lvcmdq_err_map_1)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, lvcmdq_err_map_0, true);
    view.setBigUint64(at + 8, lvcmdq_err_map_1, true);
    return true;
  },
);

compiled(
  iommu_viommu_tegra241_cmdqv,
  (view, at) => {
    return {
      out_vintf_mmap_offset: view.getBigUint64(at, true),
      out_vintf_mmap_length: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { out_vintf_mmap_offset, out_vintf_mmap_length } = value;
    if (!isU64(out_vintf_mmap_offset)) return false;
    if (!isU64(out_vintf_mmap_length)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, out_vintf_mmap_offset, true);
    view.setBigUint64(at + 8, out_vintf_mmap_length, true);
    return true;
  },
);
