import { vfio_device_feature_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';

const { VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PROBE, VFIO_DEVICE_FEATURE_SET } =
  vfio_device_feature_flags;

/** A request of VFIO_DEVICE_FEATURE, with its flags. */
export interface Feature {
  readonly flags: number;
  /** Address and length of its data. */
  readonly data: bigint;
  readonly length: number;
}

/**
 * `vfio_check_feature()`.
 * @param operations the operations that the feature supports, of VFIO_DEVICE_FEATURE_GET and _SET
 * @param least the smallest size of its data, in bytes
 * @returns false if the request only probes for the feature
 * @throws EINVAL
 */
export function checkFeature({ flags, length }: Feature, operations: number, least: number): boolean {
  const wanted = flags & (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET);
  if ((wanted & ~operations) !== 0) throw fail('EINVAL');
  if ((flags & VFIO_DEVICE_FEATURE_PROBE) !== 0) return false;
  if (wanted === 0 || length < least) throw fail('EINVAL');
  return true;
}
