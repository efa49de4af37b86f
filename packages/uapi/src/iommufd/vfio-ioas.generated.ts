// Written by `pnpm compile` from vfio-ioas.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly } from '../struct/value-checks.js';

/** Sets, returns or clears the IOAS that requests of a VFIO container use when they are made on an iommufd. */
export interface IommuVfioIoas {
  /** sizeof(struct iommu_vfio_ioas). */
  size: number;
  /** (inout) The IOAS: read by IOMMU_VFIO_IOAS_SET, written by IOMMU_VFIO_IOAS_GET. Id of ioas. */
  ioas_id: number;
  /** The operation. One of iommufd_vfio_ioas_op. */
  op: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_vfio_ioas_names = ['size', 'ioas_id', 'op', '__reserved'];

export const iommu_vfio_ioas: Compiled<IommuVfioIoas, ToEncode<IommuVfioIoas, '__reserved'>> = {
  read(view, at) {
    if (view.getUint16(at + 10, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      op: view.getUint16(at + 8, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { size, ioas_id, op, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof op !== 'number' || (op & 65535) !== op) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_vfio_ioas_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint16(at + 8, op, true);
    view.setUint16(at + 10, 0, true);
    return true;
  },
};
