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
import { PAGE, PAGE_MASK, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
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
    if (enable) ioas.table.clearDirty(dirty);
    dirty.set(enable);
  });
});

/** IOMMU_HWPT_GET_DIRTY_BITMAP */
export const hwptGetDirtyBitmap = command(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd, { context, process }) => {
  if ((cmd.flags & ~IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) !== 0 || cmd.__reserved !== 0)
    throw fail('EOPNOTSUPP');
  context.with(cmd.hwpt_id, HwptPaging, ({ domain, ioas }) => {
    const last = checkRange(cmd, ioas.table.iovaAlignment);
    const { dirty } = domain;
    if (dirty === undefined) throw fail('EOPNOTSUPP');
    const clear = (cmd.flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) === 0;
    const recorder = bitmapRecorder(process, cmd);
    try {
      ioas.table.readDirty(dirty, cmd.iova, last, clear, recorder);
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
  // The page of the bitmap that was written last: the next bit is most likely in it, too. A page of the bitmap where
  // nothing is dirty is not looked at.
  let address = 0n;
  let page: Uint8Array | undefined;
  const pageAt = (at: bigint): Uint8Array => {
    if (page === undefined || at !== address) {
      page = memory.writablePage(at);
      address = at;
    }
    return page;
  };
  // A page size that is no power of two counts as its lowest bit.
  const unit = lowestBit(pageSize);
  return (iova, length) => {
    const first = (iova - base) / unit;
    const last = (iova + length - 1n - base) / unit;
    const byte = BigInt.asUintN(64, data + first / 8n);
    let bit = Number(byte % PAGE) * 8 + Number(first % 8n);
    let end = bit + Number(last - first) + 1;
    try {
      for (let at = byte & PAGE_MASK; end > 0; at = BigInt.asUintN(64, at + PAGE)) {
        setBits(pageAt(at), bit, Math.min(end, PAGE_BITS));
        bit = 0;
        end -= PAGE_BITS;
      }
    } catch (cause) {
      // A bitmap that cannot be written does not stop the walk: `iova_bitmap_set()` returns nothing.
      if (!(cause instanceof Errno)) throw cause;
    }
  };
}

const PAGE_BITS = PAGE_SIZE * 8;

function setBits(bytes: Uint8Array, from: number, end: number): void {
  for (let bit = from; bit < end;) {
    const index = bit >>> 3;
    if (bit % 8 === 0 && end - bit >= 8) {
      bytes.fill(0xff, index, end >>> 3);
      bit = (end >>> 3) * 8;
    } else {
      bytes[index] = (bytes[index] ?? 0) | (1 << (bit % 8));
      bit++;
    }
  }
}
