// Written by `pnpm compile` from the declarations: change those, and run it again.
import { iommu_hw_info_vtd, iommu_hwpt_vtd_s1, iommu_hwpt_vtd_s1_invalidate } from '../vtd/vtd.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  iommu_hw_info_vtd,
  (view, at) => {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      __reserved: 0,
      cap_reg: view.getBigUint64(at + 8, true),
      ecap_reg: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { flags, __reserved, cap_reg, ecap_reg } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(cap_reg)) return false;
    if (!isU64(ecap_reg)) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, 0, true);
    view.setBigUint64(at + 8, cap_reg, true);
    view.setBigUint64(at + 16, ecap_reg, true);
    return true;
  },
);

compiled(
  iommu_hwpt_vtd_s1,
  (view, at) => {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      flags: view.getBigUint64(at, true),
      pgtbl_addr: view.getBigUint64(at + 8, true),
      addr_width: view.getUint32(at + 16, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { flags, pgtbl_addr, addr_width, __reserved } = value;
    if (!isU64(flags)) return false;
    if (!isU64(pgtbl_addr)) return false;
    if (typeof addr_width !== 'number' || addr_width >>> 0 !== addr_width) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setBigUint64(at, flags, true);
    view.setBigUint64(at + 8, pgtbl_addr, true);
    view.setUint32(at + 16, addr_width, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
);

compiled(
  iommu_hwpt_vtd_s1_invalidate,
  (view, at) => {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      addr: view.getBigUint64(at, true),
      npages: view.getBigUint64(at + 8, true),
      flags: view.getUint32(at + 16, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { addr, npages, flags, __reserved } = value;
    if (!isU64(addr)) return false;
    if (!isU64(npages)) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setBigUint64(at, addr, true);
    view.setBigUint64(at + 8, npages, true);
    view.setUint32(at + 16, flags, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
);
