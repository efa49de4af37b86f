import {
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  iommu_hwpt_get_dirty_bitmap,
  iommufd_hwpt_get_dirty_bitmap_flags,
  iommufd_hwpt_set_dirty_tracking_flags,
} from '@iommufd/uapi';
import type { View } from '@iommufd/uapi/struct';
import { Errno, fail } from '../errno.js';
import { lowestBit } from '../ioas/align.js';
import type { DirtyRecorder } from '../iommu/domain.js';
import { PAGE, ULONG_MAX } from '../process/page.js';
import type { Process } from '../process/process.js';
import { command } from './command.js';
import { HwptPaging } from './hwpt.js';

const { IOMMU_HWPT_DIRTY_TRACKING_ENABLE } = iommufd_hwpt_set_dirty_tracking_flags;
const { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR } = iommufd_hwpt_get_dirty_bitmap_flags;

/** IOMMU_HWPT_SET_DIRTY_TRACKING: turning it on begins with everything clean. */
export const hwptSetDirtyTracking = command(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd, { context }) => {
  if ((cmd.flags & ~IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0) throw fail('EOPNOTSUPP');
  context.with(cmd.hwpt_id, HwptPaging, ({ domain, ioas }) => {
    const { dirty } = domain;
    if (dirty === undefined) throw fail('EOPNOTSUPP');
    const enable = (cmd.flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0;
    if (enable) {
      for (const { start, length } of ioas.table.allAreas()) dirty.read(start, length, true, () => undefined);
    }
    dirty.set(enable);
  });
});

/** IOMMU_HWPT_GET_DIRTY_BITMAP */
export const hwptGetDirtyBitmap = command(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd, { context, process }) => {
  if ((cmd.flags & ~IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) !== 0 || cmd.__reserved !== 0)
    throw fail('EOPNOTSUPP');
  context.with(cmd.hwpt_id, HwptPaging, ({ domain, ioas }) => {
    const last = checkRange(cmd, ioas.table.iovaAlignment);
    if (domain.dirty === undefined) throw fail('EOPNOTSUPP');
    const clear = (cmd.flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) === 0;
    const recorder = bitmapRecorder(process, cmd);
    try {
      ioas.table.readDirty(domain, cmd.iova, last, clear, recorder);
    } catch (cause) {
      // What the walk finds, a gap in the map or a bitmap that cannot be written, does not become the answer.
      if (!(cause instanceof Errno)) throw cause;
    }
  });
});

type Cmd = View<typeof iommu_hwpt_get_dirty_bitmap>;

function checkRange({ iova, length, page_size: pageSize }: Cmd, alignment: bigint): bigint {
  const last = BigInt.asUintN(64, iova + BigInt.asUintN(64, length - 1n));
  if (iova + BigInt.asUintN(64, length - 1n) > ULONG_MAX) throw fail('EOVERFLOW');
  const mask = alignment - 1n;
  if ((iova & mask) !== 0n || ((last + 1n) & mask) !== 0n) throw fail('EINVAL');
  if (pageSize === 0n) throw fail('EINVAL');
  const pageMask = pageSize - 1n;
  if ((iova & pageMask) !== 0n || ((last + 1n) & pageMask) !== 0n) throw fail('EINVAL');
  return last;
}

/** Sets the bits of dirty pages in the caller's bitmap; bits are never cleared there. */
function bitmapRecorder(
  { memorySpace: memory }: Process,
  { iova: base, page_size: pageSize, data }: Cmd,
): DirtyRecorder {
  // The page of the bitmap that was written last: the next bit is most likely in it, too.
  let current: { readonly number: bigint; readonly page: Uint8Array } | undefined;
  const set = (byte: bigint, bits: number): void => {
    const address = BigInt.asUintN(64, data + byte);
    const number = address / PAGE;
    if (current?.number !== number) current = { number, page: memory.writablePage(address) };
    const at = Number(address % PAGE);
    current.page[at] = (current.page[at] ?? 0) | bits;
  };
  // A page size that is no power of two counts as its lowest bit.
  const unit = lowestBit(pageSize);
  return (iova, length) => {
    const first = (iova - base) / unit;
    const last = (iova + length - 1n - base) / unit;
    try {
      for (let byte = first >> 3n; byte <= last >> 3n; byte++) {
        const from = byte === first >> 3n ? Number(first & 7n) : 0;
        const to = byte === last >> 3n ? Number(last & 7n) : 7;
        set(byte, ((1 << (to - from + 1)) - 1) << from);
      }
    } catch (cause) {
      // A bitmap that cannot be written does not stop the walk: `iova_bitmap_set()` returns nothing.
      if (!(cause instanceof Errno)) throw cause;
    }
  };
}
