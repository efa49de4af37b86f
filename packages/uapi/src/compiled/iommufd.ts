// Written by `pnpm compile` from the declarations: change those, and run it again.
import {
  iommu_destroy,
  iommu_fault_alloc,
  iommu_hw_queue_alloc,
  iommu_hwpt_alloc,
  iommu_hwpt_get_dirty_bitmap,
  iommu_hwpt_invalidate,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_hwpt_set_dirty_tracking,
  iommu_ioas_alloc,
  iommu_ioas_allow_iovas,
  iommu_ioas_change_process,
  iommu_ioas_copy,
  iommu_ioas_iova_ranges,
  iommu_ioas_map,
  iommu_ioas_map_file,
  iommu_ioas_noiommu_get_pa,
  iommu_ioas_unmap,
  iommu_iova_range,
  iommu_option,
  iommu_vdevice_alloc,
  iommu_veventq_alloc,
  iommu_vfio_ioas,
  iommu_viommu_alloc,
  iommufd_vevent_header,
} from '../iommufd/index.js';
import { compiled } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/fits.js';

compiled(
  iommu_destroy,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      id: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { size, id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof id !== 'number' || id >>> 0 !== id) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, id, true);
    return true;
  },
);

compiled(
  iommu_fault_alloc,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      out_fault_id: view.getUint32(at + 8, true),
      out_fault_fd: view.getUint32(at + 12, true),
    };
  },
  (view, at, value) => {
    const { size, flags, out_fault_id, out_fault_fd } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof out_fault_id !== 'number' || out_fault_id >>> 0 !== out_fault_id) return false;
    if (typeof out_fault_fd !== 'number' || out_fault_fd >>> 0 !== out_fault_fd) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, out_fault_id, true);
    view.setUint32(at + 12, out_fault_fd, true);
    return true;
  },
);

compiled(
  iommu_hw_queue_alloc,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      viommu_id: view.getUint32(at + 8, true),
      type: view.getUint32(at + 12, true),
      index: view.getUint32(at + 16, true),
      out_hw_queue_id: view.getUint32(at + 20, true),
      nesting_parent_iova: view.getBigUint64(at + 24, true),
      length: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, viommu_id, type, index, out_hw_queue_id, nesting_parent_iova, length } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof index !== 'number' || index >>> 0 !== index) return false;
    if (typeof out_hw_queue_id !== 'number' || out_hw_queue_id >>> 0 !== out_hw_queue_id) return false;
    if (!isU64(nesting_parent_iova)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, 8)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, viommu_id, true);
    view.setUint32(at + 12, type, true);
    view.setUint32(at + 16, index, true);
    view.setUint32(at + 20, out_hw_queue_id, true);
    view.setBigUint64(at + 24, nesting_parent_iova, true);
    view.setBigUint64(at + 32, length, true);
    return true;
  },
);

compiled(
  iommu_hwpt_alloc,
  (view, at) => {
    if ((view.getUint32(at + 20, true) | view.getUint32(at + 44, true)) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      dev_id: view.getUint32(at + 8, true),
      pt_id: view.getUint32(at + 12, true),
      out_hwpt_id: view.getUint32(at + 16, true),
      __reserved: 0,
      data_type: view.getUint32(at + 24, true),
      data_len: view.getUint32(at + 28, true),
      data_uptr: view.getBigUint64(at + 32, true),
      fault_id: view.getUint32(at + 40, true),
      __reserved2: 0,
    };
  },
  (view, at, value) => {
    const {
      size,
      flags,
      dev_id,
      pt_id,
      out_hwpt_id,
      __reserved,
      data_type,
      data_len,
      data_uptr,
      fault_id,
      __reserved2,
    } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof pt_id !== 'number' || pt_id >>> 0 !== pt_id) return false;
    if (typeof out_hwpt_id !== 'number' || out_hwpt_id >>> 0 !== out_hwpt_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (typeof data_type !== 'number' || data_type >>> 0 !== data_type) return false;
    if (typeof data_len !== 'number' || data_len >>> 0 !== data_len) return false;
    if (!isU64(data_uptr)) return false;
    if (typeof fault_id !== 'number' || fault_id >>> 0 !== fault_id) return false;
    if (__reserved2 !== undefined && __reserved2 !== 0) return false;
    if (__reserved2 === undefined && size === 44) return false;
    if (!hasOnly(value, 9 + (__reserved === undefined ? 0 : 1) + (__reserved2 === undefined ? 0 : 1)))
      return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, dev_id, true);
    view.setUint32(at + 12, pt_id, true);
    view.setUint32(at + 16, out_hwpt_id, true);
    view.setUint32(at + 20, 0, true);
    view.setUint32(at + 24, data_type, true);
    view.setUint32(at + 28, data_len, true);
    view.setBigUint64(at + 32, data_uptr, true);
    view.setUint32(at + 40, fault_id, true);
    view.setUint32(at + 44, 0, true);
    return true;
  },
);

compiled(
  iommu_hwpt_get_dirty_bitmap,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      hwpt_id: view.getUint32(at + 4, true),
      flags: view.getUint32(at + 8, true),
      __reserved: 0,
      iova: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      page_size: view.getBigUint64(at + 32, true),
      data: view.getBigUint64(at + 40, true),
    };
  },
  (view, at, value) => {
    const { size, hwpt_id, flags, __reserved, iova, length, page_size, data } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!isU64(page_size)) return false;
    if (!isU64(data)) return false;
    if (!hasOnly(value, 7 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, hwpt_id, true);
    view.setUint32(at + 8, flags, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, iova, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, page_size, true);
    view.setBigUint64(at + 40, data, true);
    return true;
  },
);

compiled(
  iommu_hwpt_invalidate,
  (view, at) => {
    if (view.getUint32(at + 28, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      hwpt_id: view.getUint32(at + 4, true),
      data_uptr: view.getBigUint64(at + 8, true),
      data_type: view.getUint32(at + 16, true),
      entry_len: view.getUint32(at + 20, true),
      entry_num: view.getUint32(at + 24, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (!isU64(data_uptr)) return false;
    if (typeof data_type !== 'number' || data_type >>> 0 !== data_type) return false;
    if (typeof entry_len !== 'number' || entry_len >>> 0 !== entry_len) return false;
    if (typeof entry_num !== 'number' || entry_num >>> 0 !== entry_num) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 6 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, hwpt_id, true);
    view.setBigUint64(at + 8, data_uptr, true);
    view.setUint32(at + 16, data_type, true);
    view.setUint32(at + 20, entry_len, true);
    view.setUint32(at + 24, entry_num, true);
    view.setUint32(at + 28, 0, true);
    return true;
  },
);

compiled(
  iommu_hwpt_page_response,
  (view, at) => {
    return {
      cookie: view.getUint32(at, true),
      code: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { cookie, code } = value;
    if (typeof cookie !== 'number' || cookie >>> 0 !== cookie) return false;
    if (typeof code !== 'number' || code >>> 0 !== code) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, cookie, true);
    view.setUint32(at + 4, code, true);
    return true;
  },
);

compiled(
  iommu_hwpt_pgfault,
  (view, at) => {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      dev_id: view.getUint32(at + 4, true),
      pasid: view.getUint32(at + 8, true),
      grpid: view.getUint32(at + 12, true),
      perm: view.getUint32(at + 16, true),
      __reserved: 0,
      addr: view.getBigUint64(at + 24, true),
      length: view.getUint32(at + 32, true),
      cookie: view.getUint32(at + 36, true),
    };
  },
  (view, at, value) => {
    const { flags, dev_id, pasid, grpid, perm, __reserved, addr, length, cookie } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof pasid !== 'number' || pasid >>> 0 !== pasid) return false;
    if (typeof grpid !== 'number' || grpid >>> 0 !== grpid) return false;
    if (typeof perm !== 'number' || perm >>> 0 !== perm) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(addr)) return false;
    if (typeof length !== 'number' || length >>> 0 !== length) return false;
    if (typeof cookie !== 'number' || cookie >>> 0 !== cookie) return false;
    if (!hasOnly(value, 8 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, dev_id, true);
    view.setUint32(at + 8, pasid, true);
    view.setUint32(at + 12, grpid, true);
    view.setUint32(at + 16, perm, true);
    view.setUint32(at + 20, 0, true);
    view.setBigUint64(at + 24, addr, true);
    view.setUint32(at + 32, length, true);
    view.setUint32(at + 36, cookie, true);
    return true;
  },
);

compiled(
  iommu_hwpt_set_dirty_tracking,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      hwpt_id: view.getUint32(at + 8, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { size, flags, hwpt_id, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, hwpt_id, true);
    view.setUint32(at + 12, 0, true);
    return true;
  },
);

compiled(
  iommu_ioas_alloc,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      out_ioas_id: view.getUint32(at + 8, true),
    };
  },
  (view, at, value) => {
    const { size, flags, out_ioas_id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof out_ioas_id !== 'number' || out_ioas_id >>> 0 !== out_ioas_id) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, out_ioas_id, true);
    return true;
  },
);

compiled(
  iommu_ioas_allow_iovas,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      num_iovas: view.getUint32(at + 8, true),
      __reserved: 0,
      allowed_iovas: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { size, ioas_id, num_iovas, __reserved, allowed_iovas } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof num_iovas !== 'number' || num_iovas >>> 0 !== num_iovas) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(allowed_iovas)) return false;
    if (!hasOnly(value, 4 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint32(at + 8, num_iovas, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, allowed_iovas, true);
    return true;
  },
);

compiled(
  iommu_ioas_change_process,
  (view, at) => {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { size, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 1 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, 0, true);
    return true;
  },
);

compiled(
  iommu_ioas_copy,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      dst_ioas_id: view.getUint32(at + 8, true),
      src_ioas_id: view.getUint32(at + 12, true),
      length: view.getBigUint64(at + 16, true),
      dst_iova: view.getBigUint64(at + 24, true),
      src_iova: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, dst_ioas_id, src_ioas_id, length, dst_iova, src_iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof dst_ioas_id !== 'number' || dst_ioas_id >>> 0 !== dst_ioas_id) return false;
    if (typeof src_ioas_id !== 'number' || src_ioas_id >>> 0 !== src_ioas_id) return false;
    if (!isU64(length)) return false;
    if (!isU64(dst_iova)) return false;
    if (!isU64(src_iova)) return false;
    if (!hasOnly(value, 7)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, dst_ioas_id, true);
    view.setUint32(at + 12, src_ioas_id, true);
    view.setBigUint64(at + 16, length, true);
    view.setBigUint64(at + 24, dst_iova, true);
    view.setBigUint64(at + 32, src_iova, true);
    return true;
  },
);

compiled(
  iommu_ioas_iova_ranges,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      num_iovas: view.getUint32(at + 8, true),
      __reserved: 0,
      allowed_iovas: view.getBigUint64(at + 16, true),
      out_iova_alignment: view.getBigUint64(at + 24, true),
    };
  },
  (view, at, value) => {
    const { size, ioas_id, num_iovas, __reserved, allowed_iovas, out_iova_alignment } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof num_iovas !== 'number' || num_iovas >>> 0 !== num_iovas) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(allowed_iovas)) return false;
    if (!isU64(out_iova_alignment)) return false;
    if (!hasOnly(value, 5 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint32(at + 8, num_iovas, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, allowed_iovas, true);
    view.setBigUint64(at + 24, out_iova_alignment, true);
    return true;
  },
);

compiled(
  iommu_ioas_map,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      __reserved: 0,
      user_va: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      iova: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, ioas_id, __reserved, user_va, length, iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(user_va)) return false;
    if (!isU64(length)) return false;
    if (!isU64(iova)) return false;
    if (!hasOnly(value, 6 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, user_va, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, iova, true);
    return true;
  },
);

compiled(
  iommu_ioas_map_file,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      fd: view.getInt32(at + 12, true),
      start: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      iova: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, ioas_id, fd, start, length, iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof fd !== 'number' || (fd | 0) !== fd) return false;
    if (!isU64(start)) return false;
    if (!isU64(length)) return false;
    if (!isU64(iova)) return false;
    if (!hasOnly(value, 7)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, fd, true);
    view.setBigUint64(at + 16, start, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, iova, true);
    return true;
  },
);

compiled(
  iommu_ioas_noiommu_get_pa,
  (view, at) => {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      __reserved: 0,
      iova: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      out_phys: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, ioas_id, __reserved, iova, length, out_phys } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!isU64(out_phys)) return false;
    if (!hasOnly(value, 6 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, iova, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, out_phys, true);
    return true;
  },
);

compiled(
  iommu_ioas_unmap,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      iova: view.getBigUint64(at + 8, true),
      length: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { size, ioas_id, iova, length } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setBigUint64(at + 8, iova, true);
    view.setBigUint64(at + 16, length, true);
    return true;
  },
);

compiled(
  iommu_iova_range,
  (view, at) => {
    return {
      start: view.getBigUint64(at, true),
      last: view.getBigUint64(at + 8, true),
    };
  },
  (view, at, value) => {
    const { start, last } = value;
    if (!isU64(start)) return false;
    if (!isU64(last)) return false;
    if (!hasOnly(value, 2)) return false;
    view.setBigUint64(at, start, true);
    view.setBigUint64(at + 8, last, true);
    return true;
  },
);

compiled(
  iommu_option,
  (view, at) => {
    if (view.getUint16(at + 10, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      option_id: view.getUint32(at + 4, true),
      op: view.getUint16(at + 8, true),
      __reserved: 0,
      object_id: view.getUint32(at + 12, true),
      val64: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { size, option_id, op, __reserved, object_id, val64 } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof option_id !== 'number' || option_id >>> 0 !== option_id) return false;
    if (typeof op !== 'number' || (op & 65535) !== op) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (typeof object_id !== 'number' || object_id >>> 0 !== object_id) return false;
    if (!isU64(val64)) return false;
    if (!hasOnly(value, 5 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, option_id, true);
    view.setUint16(at + 8, op, true);
    view.setUint16(at + 10, 0, true);
    view.setUint32(at + 12, object_id, true);
    view.setBigUint64(at + 16, val64, true);
    return true;
  },
);

compiled(
  iommu_vdevice_alloc,
  (view, at) => {
    return {
      size: view.getUint32(at, true),
      viommu_id: view.getUint32(at + 4, true),
      dev_id: view.getUint32(at + 8, true),
      out_vdevice_id: view.getUint32(at + 12, true),
      virt_id: view.getBigUint64(at + 16, true),
    };
  },
  (view, at, value) => {
    const { size, viommu_id, dev_id, out_vdevice_id, virt_id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof out_vdevice_id !== 'number' || out_vdevice_id >>> 0 !== out_vdevice_id) return false;
    if (!isU64(virt_id)) return false;
    if (!hasOnly(value, 5)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, viommu_id, true);
    view.setUint32(at + 8, dev_id, true);
    view.setUint32(at + 12, out_vdevice_id, true);
    view.setBigUint64(at + 16, virt_id, true);
    return true;
  },
);

compiled(
  iommu_veventq_alloc,
  (view, at) => {
    if (view.getUint32(at + 28, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      viommu_id: view.getUint32(at + 8, true),
      type: view.getUint32(at + 12, true),
      veventq_depth: view.getUint32(at + 16, true),
      out_veventq_id: view.getUint32(at + 20, true),
      out_veventq_fd: view.getUint32(at + 24, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { size, flags, viommu_id, type, veventq_depth, out_veventq_id, out_veventq_fd, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof veventq_depth !== 'number' || veventq_depth >>> 0 !== veventq_depth) return false;
    if (typeof out_veventq_id !== 'number' || out_veventq_id >>> 0 !== out_veventq_id) return false;
    if (typeof out_veventq_fd !== 'number' || out_veventq_fd >>> 0 !== out_veventq_fd) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (__reserved === undefined && size === 28) return false;
    if (!hasOnly(value, 7 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, viommu_id, true);
    view.setUint32(at + 12, type, true);
    view.setUint32(at + 16, veventq_depth, true);
    view.setUint32(at + 20, out_veventq_id, true);
    view.setUint32(at + 24, out_veventq_fd, true);
    view.setUint32(at + 28, 0, true);
    return true;
  },
);

compiled(
  iommu_vfio_ioas,
  (view, at) => {
    if (view.getUint16(at + 10, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      op: view.getUint16(at + 8, true),
      __reserved: 0,
    };
  },
  (view, at, value) => {
    const { size, ioas_id, op, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof op !== 'number' || (op & 65535) !== op) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, 3 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint16(at + 8, op, true);
    view.setUint16(at + 10, 0, true);
    return true;
  },
);

compiled(
  iommu_viommu_alloc,
  (view, at) => {
    if (view.getUint32(at + 28, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      type: view.getUint32(at + 8, true),
      dev_id: view.getUint32(at + 12, true),
      hwpt_id: view.getUint32(at + 16, true),
      out_viommu_id: view.getUint32(at + 20, true),
      data_len: view.getUint32(at + 24, true),
      __reserved: 0,
      data_uptr: view.getBigUint64(at + 32, true),
    };
  },
  (view, at, value) => {
    const { size, flags, type, dev_id, hwpt_id, out_viommu_id, data_len, __reserved, data_uptr } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (typeof out_viommu_id !== 'number' || out_viommu_id >>> 0 !== out_viommu_id) return false;
    if (typeof data_len !== 'number' || data_len >>> 0 !== data_len) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (__reserved === undefined && size === 28) return false;
    if (!isU64(data_uptr)) return false;
    if (!hasOnly(value, 8 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, type, true);
    view.setUint32(at + 12, dev_id, true);
    view.setUint32(at + 16, hwpt_id, true);
    view.setUint32(at + 20, out_viommu_id, true);
    view.setUint32(at + 24, data_len, true);
    view.setUint32(at + 28, 0, true);
    view.setBigUint64(at + 32, data_uptr, true);
    return true;
  },
);

compiled(
  iommufd_vevent_header,
  (view, at) => {
    return {
      flags: view.getUint32(at, true),
      sequence: view.getUint32(at + 4, true),
    };
  },
  (view, at, value) => {
    const { flags, sequence } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof sequence !== 'number' || sequence >>> 0 !== sequence) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, sequence, true);
    return true;
  },
);
