import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexibleBytes } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { address, flags, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './type1.generated.js';

/** Permissions of a mapping. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_map_flags = flagSet(
  'vfio_iommu_type1_dma_map_flags',
  'Permissions of a mapping.',
  {
    VFIO_DMA_MAP_FLAG_READ: [1, 'Devices may read.'],
    VFIO_DMA_MAP_FLAG_WRITE: [2, 'Devices may write.'],
    VFIO_DMA_MAP_FLAG_VADDR: [
      4,
      'Set the address of the memory of an existing mapping, after VFIO_DMA_UNMAP_FLAG_VADDR. Nothing is mapped.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_MAP_DMA}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_map = struct(
  'vfio_iommu_type1_dma_map',
  "Maps part of the caller's memory at an IOVA.",
  {
    argsz: argsz.in('Bytes allocated; at least 32.'),
    flags: flags(vfio_iommu_type1_dma_map_flags).in('Permissions, at least one; none with VADDR.'),
    vaddr: userPointer({ length: 'size' }).in('Start of the memory, page aligned.'),
    iova: address.in('Start of the mapping, page aligned.'),
    size: u64.in('Its length in bytes, whole pages.'),
  },
  { code: code.vfio_iommu_type1_dma_map },
);

/** Maps memory. `VFIO_DEVICE_PCI_HOT_RESET` has the same number. */
export const VFIO_IOMMU_MAP_DMA = ioctl(
  'VFIO_IOMMU_MAP_DMA',
  _IO(VFIO_TYPE, VFIO_BASE + 13),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_dma_map,
  "Maps part of the caller's memory at an IOVA, and pins it.",
  {
    ...vfioErrors,
    EINVAL:
      'argsz is less than 32, a flag is unknown, no permission is set, or the range is empty, unaligned or outside of the IOVAs that can be mapped.',
    EEXIST: 'Part of the range is mapped already.',
    ENOMEM: 'Out of memory, or the pinned pages would exceed the limit of locked memory.',
    ENOSPC: 'The container has the maximum number of mappings.',
    ENODEV: 'On an iommufd: no compatibility IOAS is set.',
    EOVERFLOW: 'The sum of an address and a size exceeds 64 bits.',
  },
);

/** A bitmap of dirty pages in the caller's memory. Source: `linux/vfio.h`. */
export const vfio_bitmap = struct(
  'vfio_bitmap',
  "A bitmap of dirty pages in the caller's memory.",
  {
    pgsize: u64.in('Number of bytes per bit.'),
    size: u64.in('Length of the bitmap in bytes; whole 64-bit words.'),
    data: userPointer({ length: 'size', out: true }).in(
      'The bitmap, which the caller must clear: bit n of its 64-bit words is the page at the start of the range plus n * pgsize.',
    ),
  },
  { code: code.vfio_bitmap },
);

/** Options of an unmap. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_unmap_flags = flagSet(
  'vfio_iommu_type1_dma_unmap_flags',
  'Options of an unmap.',
  {
    VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP: [
      1,
      'Report dirty pages of the range first; data holds a vfio_bitmap. Not on an iommufd.',
    ],
    VFIO_DMA_UNMAP_FLAG_ALL: [2, 'Unmap everything; iova and size must be 0.'],
    VFIO_DMA_UNMAP_FLAG_VADDR: [
      4,
      'Keep the mapping, but drop the address of its memory until VFIO_DMA_MAP_FLAG_VADDR sets it. Not on an iommufd.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_UNMAP_DMA}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dma_unmap = struct(
  'vfio_iommu_type1_dma_unmap',
  'Unmaps a range of IOVAs.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 24.'),
    flags: flags(vfio_iommu_type1_dma_unmap_flags).in('Options.'),
    iova: address.in('Start of the range.'),
    size: u64.inout('Its length in bytes; on return, the number of unmapped bytes.'),
    data: flexibleBytes.in('With VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP a vfio_bitmap, otherwise nothing.'),
  },
  { code: code.vfio_iommu_type1_dma_unmap },
);

/** Unmaps memory. `VFIO_DEVICE_QUERY_GFX_PLANE` has the same number. */
export const VFIO_IOMMU_UNMAP_DMA = ioctl(
  'VFIO_IOMMU_UNMAP_DMA',
  _IO(VFIO_TYPE, VFIO_BASE + 14),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_dma_unmap,
  'Unmaps a range of IOVAs, or everything. On return, size is the number of unmapped bytes.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, a flag is unknown, the combination of flags is invalid, the range is unaligned, or it contains only part of a mapping.',
    ENOENT:
      'On an iommufd: the range contains only part of a mapping; on older kernels also, nothing is mapped in the range.',
    ENODEV: 'On an iommufd: no compatibility IOAS is set.',
    EOVERFLOW: 'The sum of iova and size exceeds 64 bits.',
    EBUSY: 'On an iommufd: an access inside the kernel pins pages of the range and does not release them.',
    EOPNOTSUPP: 'On an iommufd: the range ends within a mapping of device memory, which cannot be split.',
  },
);

/** The operations on the tracking of dirty pages. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dirty_bitmap_flags = flagSet(
  'vfio_iommu_type1_dirty_bitmap_flags',
  'Operation on the tracking of dirty pages; exactly one flag is set.',
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
    argsz: argsz.in('Bytes allocated, including data but not the bitmap that it points at; at least 8.'),
    flags: flags(vfio_iommu_type1_dirty_bitmap_flags).in('The operation.'),
    data: flexibleBytes.in(
      'With VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP a vfio_iommu_type1_dirty_bitmap_get, otherwise nothing.',
    ),
  },
  { code: code.vfio_iommu_type1_dirty_bitmap },
);

/** The data of VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_dirty_bitmap_get = struct(
  'vfio_iommu_type1_dirty_bitmap_get',
  'Reports the dirty pages of a range.',
  {
    iova: address.in('Start of the range; the first bit of the bitmap is the page there.'),
    size: u64.in('Its length in bytes.'),
    bitmap: vfio_bitmap.in('The bitmap. pgsize is the smallest page size of the IOMMU.'),
  },
  { code: code.vfio_iommu_type1_dirty_bitmap_get },
);

/** Tracks dirty pages. `VFIO_DEVICE_FEATURE` has the same number. */
export const VFIO_IOMMU_DIRTY_PAGES = ioctl(
  'VFIO_IOMMU_DIRTY_PAGES',
  _IO(VFIO_TYPE, VFIO_BASE + 17),
  // The compatibility table of iommufd has this number, but the request fails there with ENOTTY.
  ['vfio-container'],
  vfio_iommu_type1_dirty_bitmap,
  'Starts, stops or reads the tracking of dirty pages.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, not exactly one flag is set, the range is invalid, or tracking is off.',
  },
);
