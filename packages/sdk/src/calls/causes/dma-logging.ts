/** Causes of failures of VFIO_DEVICE_FEATURE_DMA_LOGGING_START. */
import type { DirtyRange } from '../../objects/page-bitmap.js';
import type { VfioDevice } from '../../objects/vfio-device.js';
import { type Cause, either, hex, spanOf } from './cause.js';

export const loggingCause =
  (device: VfioDevice, ranges: readonly DirtyRange[], pageSize: bigint): Cause =>
  (code) => {
    if (code === 'ENOTTY') return `${device.describe()} does not log its writes.`;
    if (code === 'E2BIG') return `There are ${ranges.length} ranges, more than the kernel accepts.`;
    if (code !== 'EINVAL') return undefined;
    if (ranges.length === 0) return 'ranges is empty.';
    for (const [i, { iova, length }] of ranges.entries()) {
      if (iova % pageSize !== 0n || length % pageSize !== 0n)
        return `ranges[${i}], ${hex(iova)} and ${length} bytes, is not aligned to pages of ${pageSize} bytes.`;
    }
    const sorted = [...ranges].sort((a, b) => (a.iova < b.iova ? -1 : 1));
    for (const [i, range] of sorted.entries()) {
      const before = sorted[i - 1];
      if (before !== undefined && before.iova + before.length > range.iova)
        return `The ranges ${spanOf(before)} and ${spanOf(range)} overlap.`;
    }
    return either('logging is already enabled', 'the device cannot log these ranges with this page size');
  };
