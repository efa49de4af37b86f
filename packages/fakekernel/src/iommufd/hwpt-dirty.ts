/**
 * Dirty tracking: IOMMU_HWPT_SET_DIRTY_TRACKING and IOMMU_HWPT_GET_DIRTY_BITMAP. The domain records which pages are dirty; the
 * page table of the IOAS walks its areas (`ioas/io-page-table.ts`); `iova-bitmap.ts` writes the caller's bitmap.
 */
import type { iommu_hwpt_get_dirty_bitmap } from '@iommufd/uapi';
import {
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  iommufd_hwpt_get_dirty_bitmap_flags,
  iommufd_hwpt_set_dirty_tracking_flags,
} from '@iommufd/uapi';
import type { View } from '@iommufd/uapi/struct';
import { Errno, fail } from '../errno.js';
import { checkedLast } from '../ioas/io-page-table.js';
import { allocate } from '../process/failure-points.js';
import { ULONG_MAX } from '../process/page.js';
import type { Features } from '../versions/kernel-version.js';
import { command } from './command.js';
import { HwptPaging } from './hwpt.js';
import { IovaBitmap } from './iova-bitmap.js';

const { IOMMU_HWPT_DIRTY_TRACKING_ENABLE } = iommufd_hwpt_set_dirty_tracking_flags;
const { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR } = iommufd_hwpt_get_dirty_bitmap_flags;

/** IOMMU_HWPT_SET_DIRTY_TRACKING: marks all pages as clean before it enables tracking. */
export const hwptSetDirtyTracking = command(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd, call) => {
  if ((cmd.flags & ~IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0) throw fail('EOPNOTSUPP');
  const { domain, ioas } = call.hold(cmd.hwpt_id, HwptPaging);
  const { dirty } = domain;
  if (dirty === undefined) throw fail('EOPNOTSUPP');
  const enable = (cmd.flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0;
  if (enable) ioas.table.clearDirty(dirty);
  dirty.set(enable);
});

/** IOMMU_HWPT_GET_DIRTY_BITMAP */
export const hwptGetDirtyBitmap = command(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd, call) => {
  if ((cmd.flags & ~IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) !== 0 || cmd.__reserved !== 0)
    throw fail('EOPNOTSUPP');
  const { domain, ioas } = call.hold(cmd.hwpt_id, HwptPaging);
  const { features } = call.context.kernel;
  const last = checkRange(cmd, ioas.table.iovaAlignment, features);
  const { dirty } = domain;
  if (dirty === undefined) throw fail('EOPNOTSUPP');
  const clear = (cmd.flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) === 0;
  const length = last - cmd.iova + 1n;
  allocate('iova_bitmap_alloc()');
  const bitmap = new IovaBitmap(call.process.memorySpace, cmd.iova, length, cmd.page_size, cmd.data);
  try {
    ioas.table.readDirty(dirty, cmd.iova, last, clear, (iova, length) => bitmap.set(iova, length));
  } catch (cause) {
    // Linux ignores this error: a gap between areas ends the walk, and the ioctl succeeds.
    if (!(cause instanceof Errno)) throw cause;
  }
});

type Cmd = View<typeof iommu_hwpt_get_dirty_bitmap>;

/** `iommufd_check_iova_range()`. @returns the last IOVA @throws EINVAL | EOVERFLOW */
function checkRange(
  { iova, length, page_size: pageSize }: Cmd,
  alignment: bigint,
  { dirtyLengthZeroRefused }: Features,
): bigint {
  // In versions that accept a length of 0, `length - 1` wraps.
  const last = dirtyLengthZeroRefused ? checkedLast(iova, length) : wrappedLast(iova, length);
  const mask = alignment - 1n;
  if ((iova & mask) !== 0n || ((last + 1n) & mask) !== 0n) throw fail('EINVAL');
  if (pageSize === 0n) throw fail('EINVAL');
  const pageMask = pageSize - 1n;
  if ((iova & pageMask) !== 0n || ((last + 1n) & pageMask) !== 0n) throw fail('EINVAL');
  return last;
}

/** `iova + (length - 1)` in 64 bits: a length of 0 at IOVA 0 is the whole address space. @throws EOVERFLOW */
function wrappedLast(iova: bigint, length: bigint): bigint {
  const last = iova + BigInt.asUintN(64, length - 1n);
  if (last > ULONG_MAX) throw fail('EOVERFLOW');
  return last;
}
