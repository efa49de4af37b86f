import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexibleBytes } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { address, flags, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './type1.generated.js';

/** How memory is mapped. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_map_flags = flagSet(
  'vfio_iommu_type1_dma_map_flags',
  'Permissions of a mapping.',
  {
    VFIO_DMA_MAP_FLAG_READ: [1, 'Devices may read.'],
    VFIO_DMA_MAP_FLAG_WRITE: [2, 'Devices may write.'],
    VFIO_DMA_MAP_FLAG_VADDR: [
      4,
      'Map nothing; tell where the memory of an existing mapping is now, after VFIO_DMA_UNMAP_FLAG_VADDR.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_MAP_DMA}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_map = struct(
  'vfio_iommu_type1_dma_map',
  "Maps part of the caller's memory at an IOVA.",
  {
    argsz: argsz.in('Bytes allocated; at least 32.'),
    flags: flags(vfio_iommu_type1_dma_map_flags).in(
      'Permissions, of which there must be one; none with VADDR.',
    ),
    vaddr: userPointer({ length: 'size' }).in('Where the memory starts, page aligned.'),
    iova: address.in('Where it is mapped, page aligned.'),
    size: u64.in('Its length in bytes, whole pages.'),
  },
  { code: code.vfio_iommu_type1_dma_map },
);

/** Maps memory. The number is also `VFIO_DEVICE_PCI_HOT_RESET`'s. */
export const VFIO_IOMMU_MAP_DMA = ioctl(
  'VFIO_IOMMU_MAP_DMA',
  _IO(VFIO_TYPE, VFIO_BASE + 13),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_dma_map,
  "Maps part of the caller's memory at an IOVA, and pins it.",
  {
    ...vfioErrors,
    EINVAL:
      'argsz is less than 32, a flag is not known or no permission is given, the range is empty, unaligned or beyond the IOVAs that can be mapped.',
    EEXIST: 'Part of the range is mapped already.',
    ENOMEM: 'Out of memory, or more would be pinned than the limit of locked memory allows.',
    ENOSPC: 'The container has as many mappings as it may have.',
    ENODEV: 'On an iommufd: there is no compatibility IOAS.',
    EOVERFLOW: 'An address and a size add up to more than 64 bits hold.',
  },
);

/** A bitmap of dirty pages in the caller's memory. Source: `linux/vfio.h`. */
export const vfio_bitmap = struct(
  'vfio_bitmap',
  "A bitmap of dirty pages in the caller's memory.",
  {
    pgsize: u64.in('How many bytes a bit stands for.'),
    size: u64.in('Length of the bitmap in bytes; whole 64-bit words.'),
    data: userPointer({ length: 'size', out: true }).in(
      'The bitmap, all zero before: bit n of its 64-bit words is the page at the start of the range plus n * pgsize.',
    ),
  },
  { code: code.vfio_bitmap },
);

/** What an unmap does. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_unmap_flags = flagSet(
  'vfio_iommu_type1_dma_unmap_flags',
  'What an unmap does beside or instead of unmapping a range.',
  {
    VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP: [
      1,
      'Report dirty pages of the range first; data holds a vfio_bitmap. Not on an iommufd.',
    ],
    VFIO_DMA_UNMAP_FLAG_ALL: [2, 'Unmap everything; iova and size are 0.'],
    VFIO_DMA_UNMAP_FLAG_VADDR: [
      4,
      'Leave it mapped, but forget where the memory is, until VFIO_DMA_MAP_FLAG_VADDR tells. Not on an iommufd.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_UNMAP_DMA}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_unmap = struct(
  'vfio_iommu_type1_dma_unmap',
  'Unmaps a range of IOVAs.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 24.'),
    flags: flags(vfio_iommu_type1_dma_unmap_flags).in('What to do beside or instead of it.'),
    iova: address.in('Where the range starts.'),
    size: u64.inout('Its length in bytes; on return, how many bytes were unmapped.'),
    data: flexibleBytes.in('With VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP a vfio_bitmap, otherwise nothing.'),
  },
  { code: code.vfio_iommu_type1_dma_unmap },
);

/** Unmaps memory. The number is also `VFIO_DEVICE_QUERY_GFX_PLANE`'s. */
export const VFIO_IOMMU_UNMAP_DMA = ioctl(
  'VFIO_IOMMU_UNMAP_DMA',
  _IO(VFIO_TYPE, VFIO_BASE + 14),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_dma_unmap,
  'Unmaps a range of IOVAs, or everything; size tells afterwards how much that was.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, a flag is not known or flags exclude each other, the range is unaligned, or it holds part of a mapping.',
    ENOENT:
      'On an iommufd: the range holds part of a mapping; on older kernels also, nothing is mapped there.',
    ENODEV: 'On an iommufd: there is no compatibility IOAS.',
    EOVERFLOW: 'iova and size add up to more than 64 bits hold.',
    EBUSY: 'On an iommufd: an access of the kernel holds pages of the range and does not let go.',
    EOPNOTSUPP: 'On an iommufd: the range ends within memory of a device, which cannot be cut.',
  },
);

/** What to do about dirty pages. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dirty_bitmap_flags = flagSet(
  'vfio_iommu_type1_dirty_bitmap_flags',
  'What to do about dirty pages; exactly one of them.',
  {
    VFIO_IOMMU_DIRTY_PAGES_FLAG_START: [1, 'Start tracking.'],
    VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP: [2, 'Stop tracking.'],
    VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP: [
      4,
      'Report the pages of a range; data holds a vfio_iommu_type1_dirty_bitmap_get.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_DIRTY_PAGES}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dirty_bitmap = struct(
  'vfio_iommu_type1_dirty_bitmap',
  'Starts, stops or reads the tracking of dirty pages.',
  {
    argsz: argsz.in('Bytes allocated, data included but not the bitmap that it points at; at least 8.'),
    flags: flags(vfio_iommu_type1_dirty_bitmap_flags).in('What to do.'),
    data: flexibleBytes.in(
      'With VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP a vfio_iommu_type1_dirty_bitmap_get, otherwise nothing.',
    ),
  },
  { code: code.vfio_iommu_type1_dirty_bitmap },
);

/** The data of VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dirty_bitmap_get = struct(
  'vfio_iommu_type1_dirty_bitmap_get',
  'Asks which pages of a range are dirty.',
  {
    iova: address.in('Where the range starts: the first bit of the bitmap.'),
    size: u64.in('Its length in bytes.'),
    bitmap: vfio_bitmap.in('Where to report them. pgsize is the smallest page size of the IOMMU.'),
  },
  { code: code.vfio_iommu_type1_dirty_bitmap_get },
);

/** Tracks dirty pages. The number is also `VFIO_DEVICE_FEATURE`'s. */
export const VFIO_IOMMU_DIRTY_PAGES = ioctl(
  'VFIO_IOMMU_DIRTY_PAGES',
  _IO(VFIO_TYPE, VFIO_BASE + 17),
  // An iommufd has the number in its compatibility table, but only to refuse it with ENOTTY.
  ['vfio-container'],
  vfio_iommu_type1_dirty_bitmap,
  'Starts, stops or reads the tracking of dirty pages.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, not exactly one flag is set, the range is wrong, or tracking is off.',
  },
);
