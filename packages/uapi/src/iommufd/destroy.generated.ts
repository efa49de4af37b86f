// Written by `pnpm compile` from destroy.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly } from '../struct/value-checks.js';

/** Destroys an object by its id. */
export interface IommuDestroy {
  /** sizeof(struct iommu_destroy). */
  size: number;
  /** The object, of any kind that user space allocates. Id of ioas or hwpt or fault or viommu or vdevice or veventq or hw_queue or access. */
  id: number;
}

const iommu_destroy_names = ['size', 'id'];

export const iommu_destroy: Compiled<IommuDestroy, ToEncode<IommuDestroy>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      id: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { size, id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof id !== 'number' || id >>> 0 !== id) return false;
    if (!hasOnly(value, iommu_destroy_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, id, true);
    return true;
  },
};
