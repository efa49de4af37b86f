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

/** Which fields of the answer count. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_flags = flagSet(
  'vfio_iommu_type1_info_flags',
  'Which fields of vfio_iommu_type1_info count.',
  {
    VFIO_IOMMU_INFO_PGSIZES: [1, 'iova_pgsizes.'],
    VFIO_IOMMU_INFO_CAPS: [2, 'cap_offset: there are capabilities, though maybe no room for them.'],
  },
);

/** The capabilities behind {@link vfio_iommu_type1_info}, by the id in their header. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_cap = enumeration(
  'vfio_iommu_type1_info_cap',
  'Ids of the capabilities of a type-1 IOMMU.',
  {
    VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE: [
      1,
      'Which IOVAs can be mapped: vfio_iommu_type1_info_cap_iova_range.',
    ],
    VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION: [
      2,
      'Dirty pages can be tracked: vfio_iommu_type1_info_cap_migration.',
    ],
    VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL: [3, 'How many mappings are left: vfio_iommu_type1_info_dma_avail.'],
  },
);

/** The argument of {@link VFIO_IOMMU_GET_INFO}. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info = struct(
  'vfio_iommu_type1_info',
  'Describes a type-1 IOMMU; capabilities follow the struct where argsz leaves room for them.',
  {
    argsz: argsz.inout('Bytes allocated, at least 16; on return, what struct and capabilities take.'),
    flags: flags(vfio_iommu_type1_info_flags).out('Which of the other fields count.'),
    iova_pgsizes: u64
      .as({ kind: 'hex' })
      .out('Page sizes: bit n set means that pages of 2^n bytes can be mapped.'),
  },
  {
    added: {
      cap_offset: u32.out(
        'Where the first capability begins, in bytes from the start of the struct; 0 if none is there.',
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
  'The IOVAs that can be mapped: those that no device in the container reserves.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, the version 1.'),
    nr_iovas: u32.out('How many ranges follow.'),
    reserved: reserved(u32),
    iova_ranges: flexible(vfio_iova_range).out('The ranges, in ascending order.'),
  },
  { code: code.vfio_iommu_type1_info_cap_iova_range },
);

/** The capability VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_cap_migration = struct(
  'vfio_iommu_type1_info_cap_migration',
  'How dirty pages can be tracked.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, the version 1.'),
    flags: u32.out('No flags are defined: 0.'),
    pgsize_bitmap: u64
      .as({ kind: 'hex' })
      .out('Page sizes: bit n set means that pages of 2^n bytes can be tracked.'),
    max_dirty_bitmap_size: u64.out('The longest bitmap that may be asked for, in bytes.'),
  },
  { code: code.vfio_iommu_type1_info_cap_migration },
);

/** The capability VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL. Source: `linux/vfio.h`. */
export const vfio_iommu_type1_info_dma_avail = struct(
  'vfio_iommu_type1_info_dma_avail',
  'How many more mappings there may be.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, the version 1.'),
    avail: u32.out(
      'The number of mappings that can still be made; 2^32-1 on an iommufd, which has no limit.',
    ),
  },
  { code: code.vfio_iommu_type1_info_dma_avail },
);

/** Describes the IOMMU of a container. The number is also `VFIO_DEVICE_GET_PCI_HOT_RESET_INFO`'s. */
export const VFIO_IOMMU_GET_INFO = ioctl(
  'VFIO_IOMMU_GET_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 12),
  ['vfio-container', 'iommufd'],
  vfio_iommu_type1_info,
  'Tells page sizes and capabilities of a type-1 IOMMU. Call again with the argsz that came back to get them all.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is less than 16.',
    ENODEV: 'On an iommufd: there is no compatibility IOAS.',
  },
);
