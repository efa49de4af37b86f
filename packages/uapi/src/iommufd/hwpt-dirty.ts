import { flagSet } from '../struct/enumeration.js';
import { address, flags, objectId, structSize, u32, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './hwpt-dirty.generated.js';

/** Source: `linux/iommufd.h`. */
export const iommufd_hwpt_set_dirty_tracking_flags = flagSet(
  'iommufd_hwpt_set_dirty_tracking_flags',
  'Turns dirty tracking on or off.',
  { IOMMU_HWPT_DIRTY_TRACKING_ENABLE: [1, 'Turn it on. Without the flag, turn it off.'] },
);

/** The argument of {@link IOMMU_HWPT_SET_DIRTY_TRACKING}. Source: `linux/iommufd.h`. */
export const iommu_hwpt_set_dirty_tracking = struct(
  'iommu_hwpt_set_dirty_tracking',
  'Turns the tracking of dirty pages on or off.',
  {
    size: structSize.in('sizeof(struct iommu_hwpt_set_dirty_tracking).'),
    flags: flags(iommufd_hwpt_set_dirty_tracking_flags).in('On or off.'),
    hwpt_id: objectId('hwpt').in('The page table, allocated with IOMMU_HWPT_ALLOC_DIRTY_TRACKING.'),
    __reserved: reserved(u32),
  },
  { code: code.iommu_hwpt_set_dirty_tracking },
);

/** Turns dirty tracking on or off. */
export const IOMMU_HWPT_SET_DIRTY_TRACKING = iommufdIoctl(
  'IOMMU_HWPT_SET_DIRTY_TRACKING',
  iommufd_cmd.IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING,
  iommu_hwpt_set_dirty_tracking,
  'Turns the tracking of dirty pages on or off. Turning it on clears the dirty state.',
  {
    EOPNOTSUPP:
      'A flag is unknown, a reserved field is not zero, or the page table does not track dirty pages.',
  },
);

/** Source: `linux/iommufd.h`. */
export const iommufd_hwpt_get_dirty_bitmap_flags = flagSet(
  'iommufd_hwpt_get_dirty_bitmap_flags',
  'Flags of a read of dirty pages.',
  {
    IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: [
      1,
      'Leave the pages dirty. For a range that is about to be unmapped, this avoids a flush of the TLB.',
    ],
  },
);

/** The argument of {@link IOMMU_HWPT_GET_DIRTY_BITMAP}. Source: `linux/iommufd.h`. */
export const iommu_hwpt_get_dirty_bitmap = struct(
  'iommu_hwpt_get_dirty_bitmap',
  'Reads which pages of a range devices have written to. By default it also clears their dirty state.',
  {
    size: structSize.in('sizeof(struct iommu_hwpt_get_dirty_bitmap).'),
    hwpt_id: objectId('hwpt').in('The page table.'),
    flags: flags(iommufd_hwpt_get_dirty_bitmap_flags).in('How to read.'),
    __reserved: reserved(u32),
    iova: address.in('Start of the range; the first bit of the bitmap is the page there.'),
    length: u64.in('Its length in bytes.'),
    page_size: u64.in('Number of bytes per bit; a power of two.'),
    data: userPointer({ bitmap: { of: 'length', page: 'page_size', word: 8 }, out: true }).in(
      'The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. The kernel sets bits and never clears any.',
    ),
  },
  { code: code.iommu_hwpt_get_dirty_bitmap },
);

/** Reads dirty pages. */
export const IOMMU_HWPT_GET_DIRTY_BITMAP = iommufdIoctl(
  'IOMMU_HWPT_GET_DIRTY_BITMAP',
  iommufd_cmd.IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP,
  iommu_hwpt_get_dirty_bitmap,
  'Reads which pages of a range devices have written to.',
  {
    EINVAL:
      'page_size is 0, or iova and length are not multiples of it, or not of the alignment of the IOAS.',
    EOPNOTSUPP:
      'A flag is unknown, a reserved field is not zero, or the page table does not track dirty pages.',
  },
);
