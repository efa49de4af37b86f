// Written by `pnpm compile` from hw-queue.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Allocates a queue for a guest that hardware reads directly from guest memory. */
export interface IommuHwQueueAlloc {
  /** sizeof(struct iommu_hw_queue_alloc). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** The virtual IOMMU. Id of viommu. */
  viommu_id: number;
  /** The kind of queue. One of iommu_hw_queue_type. */
  type: number;
  /** Index of the queue in the virtual IOMMU, from 0. */
  index: number;
  /** (out) The new queue. Id of hw_queue. */
  out_hw_queue_id: number;
  /** Start of the queue's memory: an IOVA of the nest parent. */
  nesting_parent_iova: bigint;
  /** Length of that memory in bytes. */
  length: bigint;
}

const iommu_hw_queue_alloc_names = [
  'size',
  'flags',
  'viommu_id',
  'type',
  'index',
  'out_hw_queue_id',
  'nesting_parent_iova',
  'length',
];

export const iommu_hw_queue_alloc: Compiled<IommuHwQueueAlloc, ToEncode<IommuHwQueueAlloc>> = {
  read(view, at) {
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
  write(view, at, value) {
    const { size, flags, viommu_id, type, index, out_hw_queue_id, nesting_parent_iova, length } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof index !== 'number' || index >>> 0 !== index) return false;
    if (typeof out_hw_queue_id !== 'number' || out_hw_queue_id >>> 0 !== out_hw_queue_id) return false;
    if (!isU64(nesting_parent_iova)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, iommu_hw_queue_alloc_names)) return false;
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
};
