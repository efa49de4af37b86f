// Written by `pnpm compile` from the declarations: change those, and run it again.
import { iommu_hw_info_amd, iommu_hwpt_amd_guest } from '../amd/amd.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  iommu_hw_info_amd,
  (view, at) => {
    return {
      efr: view.getBigUint64(at, true),
      efr2: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { efr, efr2 } = value;
    if (!isU64(efr)) return false;
    if (!isU64(efr2)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, efr, true);
    view.setBigUint64(at + 8, efr2, true);
    return true;
  },
);

compiled(
  iommu_hwpt_amd_guest,
  (view, at) => {
    return {
      dte: [
        view.getBigUint64(at, true),
        view.getBigUint64(at + 8, true),
        view.getBigUint64(at + 16, true),
        view.getBigUint64(at + 24, true),
      ],
    };
  },
  (view, at, value) => {
    const { dte } = value;
    if (!Array.isArray(dte) || dte.length !== 4) return false;
    const dte_0 = dte[0],
      dte_1 = dte[1],
      dte_2 = dte[2],
      dte_3 = dte[3];
    if (!isU64(dte_0) || !isU64(dte_1) || !isU64(dte_2) || !isU64(dte_3)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, dte_0, true);
    view.setBigUint64(at + 8, dte_1, true);
    view.setBigUint64(at + 16, dte_2, true);
    view.setBigUint64(at + 24, dte_3, true);
    return true;
  },
);
