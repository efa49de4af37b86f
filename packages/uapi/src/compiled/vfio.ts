// Written by `pnpm compile` from the declarations: change those, and run it again.
import {
  vfio_bitmap,
  vfio_device_attach_iommufd_pt,
  vfio_device_bind_iommufd,
  vfio_device_detach_iommufd_pt,
  vfio_device_feature_bus_master,
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_range,
  vfio_device_feature_dma_logging_report,
  vfio_device_feature_mig_data_size,
  vfio_device_feature_mig_state,
  vfio_device_feature_migration,
  vfio_device_feature_zpci_err,
  vfio_device_info,
  vfio_group_status,
  vfio_info_cap_header,
  vfio_iommu_type1_dma_map,
  vfio_iommu_type1_info,
  vfio_iova_range,
  vfio_irq_info,
  vfio_region_dma_range,
  vfio_region_info,
} from '../vfio/index.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  vfio_bitmap,
  (view, at) => {
    return {
      pgsize: view.getBigUint64(at, true),
      size: view.getBigUint64(at + 8, true),
      data: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { pgsize, size, data } = value;
    if (!isU64(pgsize)) return false;
    if (!isU64(size)) return false;
    if (!isU64(data)) return false;
    if (!hasOnly(value, 3)) return false;
    view.setBigUint64(at, pgsize, true);
    view.setBigUint64(at + 8, size, true);
    view.setBigUint64(at + 16, data, true);
    return true;
  },
);

compiled(
  vfio_device_attach_iommufd_pt,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      pt_id: view.getUint32(at + 8, true),
      pasid: view.getUint32(at + 12, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, pt_id, pasid } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof pt_id !== 'number' || pt_id >>> 0 !== pt_id) return false;
    if (typeof pasid !== 'number' || pasid >>> 0 !== pasid) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, pt_id, true);
    view.setUint32(at + 12, pasid, true);
    return true;
  },
);

compiled(
  vfio_device_bind_iommufd,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      iommufd: view.getInt32(at + 8, true),
      out_devid: view.getUint32(at + 12, true),
      token_uuid_ptr: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, iommufd, out_devid, token_uuid_ptr } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof iommufd !== 'number' || (iommufd | 0) !== iommufd) return false;
    if (typeof out_devid !== 'number' || out_devid >>> 0 !== out_devid) return false;
    if (!isU64(token_uuid_ptr)) return false;
    if (!hasOnly(value, 5)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, iommufd, true);
    view.setUint32(at + 12, out_devid, true);
    view.setBigUint64(at + 16, token_uuid_ptr, true);
    return true;
  },
);

compiled(
  vfio_device_detach_iommufd_pt,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      pasid: view.getUint32(at + 8, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, pasid } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof pasid !== 'number' || pasid >>> 0 !== pasid) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, pasid, true);
    return true;
  },
);

compiled(
  vfio_device_feature_bus_master,
  (view, at) => {
    return {
      op: view.getUint32(at, true),
    };
  },
  (view, at, value) => {
    const { op } = value;
    if (typeof op !== 'number' || op >>> 0 !== op) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, op, true);
    return true;
  },
);

compiled(
  vfio_device_feature_dma_logging_control,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      page_size: view.getBigUint64(at, true),
      num_ranges: view.getUint32(at + 8, true),
      __reserved: 0,
      ranges: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { page_size, num_ranges, __reserved, ranges } = value;
    if (!isU64(page_size)) return false;
    if (typeof num_ranges !== 'number' || num_ranges >>> 0 !== num_ranges) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(ranges)) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setBigUint64(at, page_size, true);
    view.setUint32(at + 8, num_ranges, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, ranges, true);
    return true;
  },
);

compiled(
  vfio_device_feature_dma_logging_range,
  (view, at) => {
    return {
      iova: view.getBigUint64(at, true),
      length: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { iova, length } = value;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, iova, true);
    view.setBigUint64(at + 8, length, true);
    return true;
  },
);

compiled(
  vfio_device_feature_dma_logging_report,
  (view, at) => {
    return {
      iova: view.getBigUint64(at, true),
      length: view.getBigUint64(at + 8, true),
      page_size: view.getBigUint64(at + 16, true),
      bitmap: view.getBigUint64(at + 24, true),
    };
  },
  (view, at, value) => {
    const { iova, length, page_size, bitmap } = value;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!isU64(page_size)) return false;
    if (!isU64(bitmap)) return false;
    if (!hasOnly(value, 4)) return false;
    view.setBigUint64(at, iova, true);
    view.setBigUint64(at + 8, length, true);
    view.setBigUint64(at + 16, page_size, true);
    view.setBigUint64(at + 24, bitmap, true);
    return true;
  },
);

compiled(
  vfio_device_feature_mig_data_size,
  (view, at) => {
    return {
      stop_copy_length: view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { stop_copy_length } = value;
    if (!isU64(stop_copy_length)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, stop_copy_length, true);
    return true;
  },
);

compiled(
  vfio_device_feature_mig_state,
  (view, at) => {
    return {
      device_state: view.getUint32(at, true),
      data_fd: view.getInt32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { device_state, data_fd } = value;
    if (typeof device_state !== 'number' || device_state >>> 0 !== device_state) return false;
    if (typeof data_fd !== 'number' || (data_fd | 0) !== data_fd) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, device_state, true);
    view.setUint32(at + 4, data_fd, true);
    return true;
  },
);

compiled(
  vfio_device_feature_migration,
  (view, at) => {
    return {
      flags: view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { flags } = value;
    if (!isU64(flags)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, flags, true);
    return true;
  },
);

compiled(
  vfio_device_feature_zpci_err,
  (view, at) => {
    return {
      data: view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { data } = value;
    if (!isU64(data)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, data, true);
    return true;
  },
);

compiled(
  vfio_device_info,
  (view, at) => {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      num_regions: view.getUint32(at + 8, true),
      num_irqs: view.getUint32(at + 12, true),
      cap_offset: view.getUint32(at + 16, true),
      pad: 0,
    };
  },
  (view, at, value) => {
    const { argsz, flags, num_regions, num_irqs, cap_offset, pad } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof num_regions !== 'number' || num_regions >>> 0 !== num_regions) return false;
    if (typeof num_irqs !== 'number' || num_irqs >>> 0 !== num_irqs) return false;
    if (typeof cap_offset !== 'number' || cap_offset >>> 0 !== cap_offset) return false;
    if (pad !== undefined && pad !== 0) return false;
    if (pad === undefined && argsz === 20) return false;
    if (!hasOnly(value, 5 + (pad === undefined ? 0 : 1))) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, num_regions, true);
    view.setUint32(at + 12, num_irqs, true);
    view.setUint32(at + 16, cap_offset, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
);

compiled(
  vfio_group_status,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    return true;
  },
);

compiled(
  vfio_info_cap_header,
  (view, at) => {
    return {
      id: view.getUint16(at, true),
      version: view.getUint16(at + 2, true),
      next: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { id, version, next } = value;
    if (typeof id !== 'number' || (id & 65535) !== id) return false;
    if (typeof version !== 'number' || (version & 65535) !== version) return false;
    if (typeof next !== 'number' || next >>> 0 !== next) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint16(at, id, true);
    view.setUint16(at + 2, version, true);
    view.setUint32(at + 4, next, true);
    return true;
  },
);

compiled(
  vfio_iommu_type1_dma_map,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      vaddr: view.getBigUint64(at + 8, true),
      iova: view.getBigUint64(at + 16, true),
      size: view.getBigUint64(at + 24, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, vaddr, iova, size } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (!isU64(vaddr)) return false;
    if (!isU64(iova)) return false;
    if (!isU64(size)) return false;
    if (!hasOnly(value, 5)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, vaddr, true);
    view.setBigUint64(at + 16, iova, true);
    view.setBigUint64(at + 24, size, true);
    return true;
  },
);

compiled(
  vfio_iommu_type1_info,
  (view, at) => {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      iova_pgsizes: view.getBigUint64(at + 8, true),
      cap_offset: view.getUint32(at + 16, true),
      pad: 0,
    };
  },
  (view, at, value) => {
    const { argsz, flags, iova_pgsizes, cap_offset, pad } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (!isU64(iova_pgsizes)) return false;
    if (typeof cap_offset !== 'number' || cap_offset >>> 0 !== cap_offset) return false;
    if (pad !== undefined && pad !== 0) return false;
    if (pad === undefined && argsz === 20) return false;
    if (!hasOnly(value, 4 + (pad === undefined ? 0 : 1))) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, iova_pgsizes, true);
    view.setUint32(at + 16, cap_offset, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
);

compiled(
  vfio_iova_range,
  (view, at) => {
    return {
      start: view.getBigUint64(at, true),
      end: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { start, end } = value;
    if (!isU64(start)) return false;
    if (!isU64(end)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, start, true);
    view.setBigUint64(at + 8, end, true);
    return true;
  },
);

compiled(
  vfio_irq_info,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      index: view.getUint32(at + 8, true),
      count: view.getUint32(at + 12, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, index, count } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof index !== 'number' || index >>> 0 !== index) return false;
    if (typeof count !== 'number' || count >>> 0 !== count) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, index, true);
    view.setUint32(at + 12, count, true);
    return true;
  },
);

compiled(
  vfio_region_dma_range,
  (view, at) => {
    return {
      offset: view.getBigUint64(at, true),
      length: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { offset, length } = value;
    if (!isU64(offset)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, offset, true);
    view.setBigUint64(at + 8, length, true);
    return true;
  },
);

compiled(
  vfio_region_info,
  (view, at) => {
    return {
      argsz: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      index: view.getUint32(at + 8, true),
      cap_offset: view.getUint32(at + 12, true),
      size: view.getBigUint64(at + 16, true),
      offset: view.getBigUint64(at + 24, true),
    };
  },
  (view, at, value) => {
    const { argsz, flags, index, cap_offset, size, offset } = value;
    if (typeof argsz !== 'number' || argsz >>> 0 !== argsz) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof index !== 'number' || index >>> 0 !== index) return false;
    if (typeof cap_offset !== 'number' || cap_offset >>> 0 !== cap_offset) return false;
    if (!isU64(size)) return false;
    if (!isU64(offset)) return false;
    if (!hasOnly(value, 6)) return false;
    view.setUint32(at, argsz, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, index, true);
    view.setUint32(at + 12, cap_offset, true);
    view.setBigUint64(at + 16, size, true);
    view.setBigUint64(at + 24, offset, true);
    return true;
  },
);
