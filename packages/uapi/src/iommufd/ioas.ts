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
    last: address.inout('Its last IOVA, which belongs to it.'),
  },
  { code: code.iommu_iova_range },
);

/** The argument of {@link IOMMU_IOAS_IOVA_RANGES}. Source: `linux/iommufd.h`. */
export const iommu_ioas_iova_ranges = struct(
  'iommu_ioas_iova_ranges',
  'Asks which IOVAs can be mapped. Each attached device narrows the answer and each detached one may widen it.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_iova_ranges).'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    num_iovas: u32.inout('Elements that the array has room for; on return, how many ranges there are.'),
    __reserved: reserved(u32),
    allowed_iovas: userPointer({ count: 'num_iovas', type: iommu_iova_range, out: true }).in(
      'Where the kernel writes the ranges: as many as there is room for.',
    ),
    out_iova_alignment: u64.out(
      'What the start and the end of every mapping must be a multiple of, in bytes; at most the page size.',
    ),
  },
  { code: code.iommu_ioas_iova_ranges },
);

/** Asks which IOVAs can be mapped. */
export const IOMMU_IOAS_IOVA_RANGES = iommufdIoctl(
  'IOMMU_IOAS_IOVA_RANGES',
  iommufd_cmd.IOMMUFD_CMD_IOAS_IOVA_RANGES,
  iommu_ioas_iova_ranges,
  'Lists the ranges of IOVAs that can be mapped now.',
  {
    EMSGSIZE:
      'There are more ranges than num_iovas has room for; it now holds how many there are. Call again.',
  },
);

/** The argument of {@link IOMMU_IOAS_ALLOW_IOVAS}. Source: `linux/iommufd.h`. */
export const iommu_ioas_allow_iovas = struct(
  'iommu_ioas_allow_iovas',
  'Reserves ranges of IOVAs, so that no device may be attached that would take them away. Replaces the ranges that were reserved before; automatic placement then stays within them.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_allow_iovas).'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    num_iovas: u32.in('Elements of the array; 0 lifts the reservation.'),
    __reserved: reserved(u32),
    allowed_iovas: userPointer({ count: 'num_iovas', type: iommu_iova_range }).in(
      'The ranges, in any order, not overlapping.',
    ),
  },
  { code: code.iommu_ioas_allow_iovas },
);

/** Reserves ranges of IOVAs. */
export const IOMMU_IOAS_ALLOW_IOVAS = iommufdIoctl(
  'IOMMU_IOAS_ALLOW_IOVAS',
  iommufd_cmd.IOMMUFD_CMD_IOAS_ALLOW_IOVAS,
  iommu_ioas_allow_iovas,
  'Reserves ranges of IOVAs against being narrowed by devices.',
  {
    EINVAL: 'A range does not end after it starts, or two of them overlap.',
    EADDRINUSE: 'A device that is attached has taken part of a range away already.',
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
  'Moves the accounting of pinned memory to the calling process; all of it or nothing.',
  { EINVAL: 'A mapping was not made by IOMMU_IOAS_MAP_FILE.' },
);
