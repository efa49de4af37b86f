// Written by `pnpm compile` from option.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Sets or returns an option. */
export interface IommuOption {
  /** sizeof(struct iommu_option). */
  size: number;
  /** Which option. One of iommufd_option. */
  option_id: number;
  /** Whether to set or to return it. One of iommufd_option_ops. */
  op: number;
  /** Must be zero. */
  __reserved: number;
  /** The IOAS, for an option of an IOAS; 0 for an option of the context. Id of ioas. */
  object_id: number;
  /** (inout) The value: read by IOMMU_OPTION_OP_SET, written by IOMMU_OPTION_OP_GET. */
  val64: bigint;
}

const iommu_option_names = ['size', 'option_id', 'op', '__reserved', 'object_id', 'val64'];

export const iommu_option: Compiled<IommuOption, ToEncode<IommuOption, '__reserved'>> = {
  read(view, at) {
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
  write(view, at, value) {
    const { size, option_id, op, __reserved, object_id, val64 } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof option_id !== 'number' || option_id >>> 0 !== option_id) return false;
    if (typeof op !== 'number' || (op & 65535) !== op) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (typeof object_id !== 'number' || object_id >>> 0 !== object_id) return false;
    if (!isU64(val64)) return false;
    if (!hasOnly(value, iommu_option_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, option_id, true);
    view.setUint16(at + 8, op, true);
    view.setUint16(at + 10, 0, true);
    view.setUint32(at + 12, object_id, true);
    view.setBigUint64(at + 16, val64, true);
    return true;
  },
};
