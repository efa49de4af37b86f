// Written by `pnpm compile` from the declarations: change those, and run it again.
import {
  iommu_hwpt_invalidate_selftest,
  iommu_hwpt_selftest,
  iommu_test_hw_info,
  iommu_viommu_event_selftest,
  iommu_viommu_invalidate_selftest,
  iommu_viommu_selftest,
} from '../selftest/index.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  iommu_hwpt_invalidate_selftest,
  (view, at) => {
    return {
      flags: view.getUint32(at, true),
      iotlb_id: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { flags, iotlb_id } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof iotlb_id !== 'number' || iotlb_id >>> 0 !== iotlb_id) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, iotlb_id, true);
    return true;
  },
);

compiled(
  iommu_hwpt_selftest,
  (view, at) => {
    return {
      iotlb: view.getUint32(at, true),
      pagetable_type: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { iotlb, pagetable_type } = value;
    if (typeof iotlb !== 'number' || iotlb >>> 0 !== iotlb) return false;
    if (typeof pagetable_type !== 'number' || pagetable_type >>> 0 !== pagetable_type) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, iotlb, true);
    view.setUint32(at + 4, pagetable_type, true);
    return true;
  },
);

compiled(
  iommu_test_hw_info,
  (view, at) => {
    return {
      flags: view.getUint32(at, true),
      test_reg: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { flags, test_reg } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof test_reg !== 'number' || test_reg >>> 0 !== test_reg) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, test_reg, true);
    return true;
  },
);

compiled(
  iommu_viommu_event_selftest,
  (view, at) => {
    return {
      virt_id: view.getUint32(at, true),
    };
  },
  (view, at, value) => {
    const { virt_id } = value;
    if (typeof virt_id !== 'number' || virt_id >>> 0 !== virt_id) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, virt_id, true);
    return true;
  },
);

compiled(
  iommu_viommu_invalidate_selftest,
  (view, at) => {
    return {
      flags: view.getUint32(at, true),
      vdev_id: view.getUint32(at + 4, true),
      cache_id: view.getUint32(at + 8, true),
    };
  },
  (view, at, value) => {
    const { flags, vdev_id, cache_id } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof vdev_id !== 'number' || vdev_id >>> 0 !== vdev_id) return false;
    if (typeof cache_id !== 'number' || cache_id >>> 0 !== cache_id) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, vdev_id, true);
    view.setUint32(at + 8, cache_id, true);
    return true;
  },
);

compiled(
  iommu_viommu_selftest,
  (view, at) => {
    return {
      in_data: view.getUint32(at, true),
      out_data: view.getUint32(at + 4, true),
      out_mmap_offset: view.getBigUint64(at + 8, true),
      out_mmap_length: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { in_data, out_data, out_mmap_offset, out_mmap_length } = value;
    if (typeof in_data !== 'number' || in_data >>> 0 !== in_data) return false;
    if (typeof out_data !== 'number' || out_data >>> 0 !== out_data) return false;
    if (!isU64(out_mmap_offset)) return false;
    if (!isU64(out_mmap_length)) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, in_data, true);
    view.setUint32(at + 4, out_data, true);
    view.setBigUint64(at + 8, out_mmap_offset, true);
    view.setBigUint64(at + 16, out_mmap_length, true);
    return true;
  },
);
