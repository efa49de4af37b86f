import { address, objectId, structSize, u32, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './ioas.generated.js';

/** The argument of {@link IOMMU_IOAS_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_ioas_alloc = struct(
  'iommu_ioas_alloc',
  'Allocates an IO address space (IOAS): a map from IOVAs to memory.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_alloc).'),
    flags: u32.in('No flags are defined: 0.'),
    out_ioas_id: objectId('ioas').out('The new IOAS.'),
  },
  { code: code.iommu_ioas_alloc },
);

/** Allocates an IOAS. */
export const IOMMU_IOAS_ALLOC = iommufdIoctl(
  'IOMMU_IOAS_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_IOAS_ALLOC,
  iommu_ioas_alloc,
  'Allocates an empty IO address space.',
  { EOPNOTSUPP: 'flags is not 0.' },
);

/** An interval of IOVAs, an element of the arrays below. Source: `linux/iommufd.h`. */
export const iommu_iova_range = struct(
  'iommu_iova_range',
  'An interval of IOVAs.',
  {
    start: address.inout('Its first IOVA.'),
    last: address.inout('Its last IOVA, inclusive.'),
  },
  { code: code.iommu_iova_range },
);

/** The argument of {@link IOMMU_IOAS_IOVA_RANGES}. Source: `linux/iommufd.h`. */
export const iommu_ioas_iova_ranges = struct(
  'iommu_ioas_iova_ranges',
  'Returns the ranges of IOVAs that can be mapped. Attaching a device may narrow them, and detaching one may widen them.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_iova_ranges).'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    num_iovas: u32.inout('Capacity of the array in elements; on return, the number of ranges.'),
    __reserved: reserved(u32),
    allowed_iovas: userPointer({ count: 'num_iovas', type: iommu_iova_range, out: true }).in(
      'The array for the ranges. The kernel writes as many as it has room for.',
    ),
    out_iova_alignment: u64.out(
      'Required alignment of the start and the length of every mapping, in bytes; at most the page size.',
    ),
  },
  { code: code.iommu_ioas_iova_ranges },
);

/** Returns the ranges of IOVAs that can be mapped. */
export const IOMMU_IOAS_IOVA_RANGES = iommufdIoctl(
  'IOMMU_IOAS_IOVA_RANGES',
  iommufd_cmd.IOMMUFD_CMD_IOAS_IOVA_RANGES,
  iommu_ioas_iova_ranges,
  'Returns the ranges of IOVAs that can be mapped now.',
  {
    EMSGSIZE:
      'The array is too short for all ranges. num_iovas is now their number; call again with a larger array.',
  },
);

/** The argument of {@link IOMMU_IOAS_ALLOW_IOVAS}. Source: `linux/iommufd.h`. */
export const iommu_ioas_allow_iovas = struct(
  'iommu_ioas_allow_iovas',
  'Reserves ranges of IOVAs: a device that would make part of them unusable cannot be attached. It replaces the ranges reserved before. Automatic placement then stays within them.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_allow_iovas).'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    num_iovas: u32.in('Number of elements of the array; 0 removes the reservation.'),
    __reserved: reserved(u32),
    allowed_iovas: userPointer({ count: 'num_iovas', type: iommu_iova_range }).in(
      'The ranges, in any order. They must not overlap.',
    ),
  },
  { code: code.iommu_ioas_allow_iovas },
);

/** Reserves ranges of IOVAs. */
export const IOMMU_IOAS_ALLOW_IOVAS = iommufdIoctl(
  'IOMMU_IOAS_ALLOW_IOVAS',
  iommufd_cmd.IOMMUFD_CMD_IOAS_ALLOW_IOVAS,
  iommu_ioas_allow_iovas,
  'Reserves ranges of IOVAs, so that no attached device can make them unusable.',
  {
    EINVAL: 'The last IOVA of a range is not above its start, or two ranges overlap.',
    EADDRINUSE: 'An attached device makes part of a range unusable.',
  },
);

/** The argument of {@link IOMMU_IOAS_CHANGE_PROCESS}. Source: `linux/iommufd.h`. */
export const iommu_ioas_change_process = struct(
  'iommu_ioas_change_process',
  'Charges the pinned memory of every mapping to the calling process, as after a live update.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_change_process).'),
    __reserved: reserved(u32),
  },
  { code: code.iommu_ioas_change_process },
);

/** Moves the accounting of pinned memory to the caller. */
export const IOMMU_IOAS_CHANGE_PROCESS = iommufdIoctl(
  'IOMMU_IOAS_CHANGE_PROCESS',
  iommufd_cmd.IOMMUFD_CMD_IOAS_CHANGE_PROCESS,
  iommu_ioas_change_process,
  'Moves the accounting of pinned memory to the calling process: of all mappings or, on failure, of none.',
  { EINVAL: 'A mapping was not made by IOMMU_IOAS_MAP_FILE.' },
);
