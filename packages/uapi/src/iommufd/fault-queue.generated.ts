// Written by `pnpm compile` from fault-queue.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Allocates a queue of page faults. Faults are read from its fd, and responses are written to it. */
export interface IommuFaultAlloc {
  /** sizeof(struct iommu_fault_alloc). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** (out) The new queue, for the fault_id of IOMMU_HWPT_ALLOC. Id of fault. */
  out_fault_id: number;
  /** (out) Its file descriptor, which the caller closes. */
  out_fault_fd: number;
}

const iommu_fault_alloc_names = ['size', 'flags', 'out_fault_id', 'out_fault_fd'];

export const iommu_fault_alloc: Compiled<IommuFaultAlloc, ToEncode<IommuFaultAlloc>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      out_fault_id: view.getUint32(at + 8, true),
      out_fault_fd: view.getUint32(at + 12, true),
    };
  },
  write(view, at, value) {
    const { size, flags, out_fault_id, out_fault_fd } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof out_fault_id !== 'number' || out_fault_id >>> 0 !== out_fault_id) return false;
    if (typeof out_fault_fd !== 'number' || out_fault_fd >>> 0 !== out_fault_fd) return false;
    if (!hasOnly(value, iommu_fault_alloc_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, out_fault_id, true);
    view.setUint32(at + 12, out_fault_fd, true);
    return true;
  },
};

/** Answers a whole group of page faults. */
export interface IommuHwptPageResponse {
  /** The cookie of the group. */
  cookie: number;
  /** The answer. One of iommufd_page_response_code. */
  code: number;
}

const iommu_hwpt_page_response_names = ['cookie', 'code'];

export const iommu_hwpt_page_response: Compiled<IommuHwptPageResponse, ToEncode<IommuHwptPageResponse>> = {
  read(view, at) {
    return {
      cookie: view.getUint32(at, true),
      code: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { cookie, code } = value;
    if (typeof cookie !== 'number' || cookie >>> 0 !== cookie) return false;
    if (typeof code !== 'number' || code >>> 0 !== code) return false;
    if (!hasOnly(value, iommu_hwpt_page_response_names)) return false;
    view.setUint32(at, cookie, true);
    view.setUint32(at + 4, code, true);
    return true;
  },
};

/** A page fault that waits for a response. */
export interface IommuHwptPgfault {
  /** (out) Whether pasid is valid, and whether the group ends here. Flags of iommu_hwpt_pgfault_flags. */
  flags: number;
  /** (out) The device that faulted. Id of device. */
  dev_id: number;
  /** (out) The process address space id of the access, if IOMMU_PGFAULT_FLAGS_PASID_VALID is set. */
  pasid: number;
  /** (out) The index of the page request group, as the device numbers it. */
  grpid: number;
  /** (out) The requested access. Flags of iommu_hwpt_pgfault_perm. */
  perm: number;
  /** Must be zero. */
  __reserved: number;
  /** (out) The address of the access. */
  addr: bigint;
  /** (out) A hint of how many bytes the device will access from there; 0 without a hint. */
  length: number;
  /** (out) Identifies the group in the response. */
  cookie: number;
}

const iommu_hwpt_pgfault_names = [
  'flags',
  'dev_id',
  'pasid',
  'grpid',
  'perm',
  '__reserved',
  'addr',
  'length',
  'cookie',
];

export const iommu_hwpt_pgfault: Compiled<IommuHwptPgfault, ToEncode<IommuHwptPgfault, '__reserved'>> = {
  read(view, at) {
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
  write(view, at, value) {
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
    if (!hasOnly(value, iommu_hwpt_pgfault_names)) return false;
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
};
