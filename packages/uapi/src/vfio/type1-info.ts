import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexible } from '../struct/array.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { address, flags, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import { vfio_info_cap_header } from './info-cap.js';
import * as code from './type1-info.generated.js';

/** The valid fields of {@link vfio_iommu_type1_info}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_flags = flagSet(
  'vfio_iommu_type1_info_flags',
  'The valid fields of vfio_iommu_type1_info.',
  {
    VFIO_IOMMU_INFO_PGSIZES: [1, 'iova_pgsizes.'],
    VFIO_IOMMU_INFO_CAPS: [2, 'The IOMMU has capabilities; cap_offset is valid if argsz has room for them.'],
  },
);

/** The capabilities that follow {@link vfio_iommu_type1_info}, by the id in their header. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_cap = enumeration(
  'vfio_iommu_type1_info_cap',
  'Ids of the capabilities of a type-1 IOMMU.',
  {
    VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE: [
      1,
      'The IOVAs that can be mapped: vfio_iommu_type1_info_cap_iova_range.',
    ],
    VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION: [
      2,
      'Dirty pages can be tracked: vfio_iommu_type1_info_cap_migration.',
    ],
    VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL: [
      3,
      'The number of mappings that can still be made: vfio_iommu_type1_info_dma_avail.',
    ],
  },
);

/** The argument of {@link VFIO_IOMMU_GET_INFO}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info = struct(
  'vfio_iommu_type1_info',
  'Describes a type-1 IOMMU. Capabilities follow the struct if argsz has room for them.',
  {
    argsz: argsz.inout('Bytes allocated, at least 16; on return, the size of struct and capabilities.'),
    flags: flags(vfio_iommu_type1_info_flags).out('The valid fields.'),
    iova_pgsizes: u64
      .as({ kind: 'hex' })
      .out('Page sizes: bit n set means that pages of 2^n bytes can be mapped.'),
  },
  {
    added: {
      cap_offset: u32.out(
        'Offset of the first capability, in bytes from the start of the struct; 0 if none is present.',
      ),
      pad: reserved(u32),
    },
    code: code.vfio_iommu_type1_info,
  },
);

/** A range of IOVAs. Source: `linux/vfio.h`. */
export const vfio_iova_range = struct(
  'vfio_iova_range',
  'A range of IOVAs, both ends included.',
  {
    start: address.out('The first address.'),
    end: address.out('The last address.'),
  },
  { code: code.vfio_iova_range },
);

/** The capability VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_cap_iova_range = struct(
  'vfio_iommu_type1_info_cap_iova_range',
  'The IOVAs that can be mapped, because no device of the container reserves them.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, the version 1.'),
    nr_iovas: u32.out('Number of ranges that follow.'),
    reserved: reserved(u32),
    iova_ranges: flexible(vfio_iova_range).out('The ranges, in ascending order.'),
  },
  { code: code.vfio_iommu_type1_info_cap_iova_range },
);

/** The capability VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_cap_migration = struct(
  'vfio_iommu_type1_info_cap_migration',
  'Capabilities of the tracking of dirty pages.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, the version 1.'),
    flags: u32.out('No flags are defined: 0.'),
    pgsize_bitmap: u64
      .as({ kind: 'hex' })
      .out('Page sizes: bit n set means that pages of 2^n bytes can be tracked.'),
    max_dirty_bitmap_size: u64.out('Maximum size of a bitmap, in bytes.'),
  },
  { code: code.vfio_iommu_type1_info_cap_migration },
);

/** The capability VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_dma_avail = struct(
  'vfio_iommu_type1_info_dma_avail',
  'The number of mappings that can still be made.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, the version 1.'),
    avail: u32.out(
      'The number of mappings that can still be made; 2^32-1 on an iommufd, which has no limit.',
    ),
  },
  { code: code.vfio_iommu_type1_info_dma_avail },
);

/** Describes the IOMMU of a container. `VFIO_DEVICE_GET_PCI_HOT_RESET_INFO` has the same number. */
export const VFIO_IOMMU_GET_INFO = ioctl(
  'VFIO_IOMMU_GET_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 12),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_info,
  'Returns page sizes and capabilities of a type-1 IOMMU. To get all capabilities, call again with the returned argsz.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is less than 16.',
    ENODEV: 'On an iommufd: no compatibility IOAS is set.',
  },
);
