// Written by `pnpm compile` from veventq.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly } from '../struct/value-checks.js';

/** Allocates a queue of events of a virtual IOMMU, which are read from its fd. */
export interface IommuVeventqAlloc {
  /** sizeof(struct iommu_veventq_alloc). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** The virtual IOMMU. Id of viommu. */
  viommu_id: number;
  /** The type of the events. A virtual IOMMU has at most one queue of each type. One of iommu_veventq_type. */
  type: number;
  /** Maximum number of queued events, at least 1. Further events are lost, which the queue reports. */
  veventq_depth: number;
  /** (out) The new queue. Id of veventq. */
  out_veventq_id: number;
  /** (out) Its file descriptor, which the caller closes. */
  out_veventq_fd: number;
  /** Must be zero. */
  __reserved?: number;
}

const iommu_veventq_alloc_names = [
  'size',
  'flags',
  'viommu_id',
  'type',
  'veventq_depth',
  'out_veventq_id',
  'out_veventq_fd',
  '__reserved',
];

export const iommu_veventq_alloc: Compiled<IommuVeventqAlloc, ToEncode<IommuVeventqAlloc, '__reserved'>> = {
  read(view, at) {
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
  write(view, at, value) {
    const { size, flags, viommu_id, type, veventq_depth, out_veventq_id, out_veventq_fd, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof veventq_depth !== 'number' || veventq_depth >>> 0 !== veventq_depth) return false;
    if (typeof out_veventq_id !== 'number' || out_veventq_id >>> 0 !== out_veventq_id) return false;
    if (typeof out_veventq_fd !== 'number' || out_veventq_fd >>> 0 !== out_veventq_fd) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (size === 28 && __reserved === undefined) return false;
    if (!hasOnly(value, iommu_veventq_alloc_names)) return false;
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
};

/** The header of every event of a vEVENTQ. If sequence numbers are consecutive, no event was lost. A distance of n means that n - 1 events were lost in between. */
export interface IommufdVeventHeader {
  /** (out) Whether this header reports lost events at the tail. Flags of iommu_veventq_flag. */
  flags: number;
  /** (out) Number of the event, 0 to INT_MAX (2147483647). The next number after INT_MAX is 0. */
  sequence: number;
}

const iommufd_vevent_header_names = ['flags', 'sequence'];

export const iommufd_vevent_header: Compiled<IommufdVeventHeader, ToEncode<IommufdVeventHeader>> = {
  read(view, at) {
    return {
      flags: view.getUint32(at, true),
      sequence: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { flags, sequence } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof sequence !== 'number' || sequence >>> 0 !== sequence) return false;
    if (!hasOnly(value, iommufd_vevent_header_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, sequence, true);
    return true;
  },
};
