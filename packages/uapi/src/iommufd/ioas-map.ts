import { flagSet } from '../struct/enumeration.js';
import { address, flags, objectId, s32, structSize, u32, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './ioas-map.generated.js';

/** Placement and permissions of a mapping. Source: `linux/iommufd.h`. */
export const iommufd_ioas_map_flags = flagSet(
  'iommufd_ioas_map_flags',
  'Placement and permissions of a mapping.',
  {
    IOMMU_IOAS_MAP_FIXED_IOVA: [1, 'Map at the given IOVA. Without the flag, the kernel chooses one.'],
    IOMMU_IOAS_MAP_WRITEABLE: [2, 'Devices may write.'],
    IOMMU_IOAS_MAP_READABLE: [4, 'Devices may read.'],
  },
);

const mapErrors = {
  EOPNOTSUPP: 'A flag is unknown.',
  EINVAL:
    'Neither READABLE nor WRITEABLE is set, length is 0, or the range is not within the ranges, or not aligned to the alignment, that IOMMU_IOAS_IOVA_RANGES returns.',
  EEXIST: 'Part of the fixed range is mapped already.',
  ENOSPC: 'No free range is long enough for the mapping.',
  ENOMEM: 'Out of memory, or the pinned pages would exceed the limit of locked memory.',
} as const;

/** The argument of {@link IOMMU_IOAS_MAP}. Source: `linux/iommufd.h`. */
export const iommu_ioas_map = struct(
  'iommu_ioas_map',
  "Maps part of the caller's memory at an IOVA.",
  {
    size: structSize.in('sizeof(struct iommu_ioas_map).'),
    flags: flags(iommufd_ioas_map_flags).in('Placement and permissions.'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    __reserved: reserved(u32),
    user_va: userPointer({ length: 'length' }).in('Start of the memory.'),
    length: u64.in('Its length in bytes.'),
    iova: address.inout(
      'Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel.',
    ),
  },
  { code: code.iommu_ioas_map },
);

/** Maps user memory. */
export const IOMMU_IOAS_MAP = iommufdIoctl(
  'IOMMU_IOAS_MAP',
  iommufd_cmd.IOMMUFD_CMD_IOAS_MAP,
  iommu_ioas_map,
  "Maps part of the caller's memory into an IOAS.",
  {
    ...mapErrors,
    EOPNOTSUPP: 'A flag is unknown, or __reserved is not zero.',
    EFAULT: 'Part of the memory is not mapped in the caller, or is not writable although the mapping is.',
  },
);

/** The argument of {@link IOMMU_IOAS_MAP_FILE}. Source: `linux/iommufd.h`. */
export const iommu_ioas_map_file = struct(
  'iommu_ioas_map_file',
  'Maps part of a memfd at an IOVA. The mapping outlives the file descriptor and does not depend on an address space.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_map_file).'),
    flags: flags(iommufd_ioas_map_flags).in('Placement and permissions.'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    fd: s32.as({ kind: 'fd' }).in('The memfd.'),
    start: u64.as({ kind: 'hex' }).in('Offset of the memory in the file, in bytes.'),
    length: u64.in('Its length in bytes.'),
    iova: address.inout(
      'Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel.',
    ),
  },
  { code: code.iommu_ioas_map_file },
);

/** Maps memory of a file. */
export const IOMMU_IOAS_MAP_FILE = iommufdIoctl(
  'IOMMU_IOAS_MAP_FILE',
  iommufd_cmd.IOMMUFD_CMD_IOAS_MAP_FILE,
  iommu_ioas_map_file,
  'Maps part of a memfd into an IOAS.',
  { ...mapErrors, EBADF: 'fd is not open.', ENODEV: 'fd is a dma-buf that has been revoked.' },
);

/** The argument of {@link IOMMU_IOAS_COPY}. Source: `linux/iommufd.h`. */
export const iommu_ioas_copy = struct(
  'iommu_ioas_copy',
  'Maps the memory of a range of one IOAS in another IOAS. Both mappings share the pages, which are pinned once.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_copy).'),
    flags: flags(iommufd_ioas_map_flags).in('Placement and permissions of the copy.'),
    dst_ioas_id: objectId('ioas').in('The IOAS of the copy.'),
    src_ioas_id: objectId('ioas').in('The IOAS of the original; may be the same one.'),
    length: u64.in('Length of the copy in bytes.'),
    dst_iova: address.inout(
      'Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel.',
    ),
    src_iova: address.in('Start of the original.'),
  },
  { code: code.iommu_ioas_copy },
);

/** Copies a mapping. */
export const IOMMU_IOAS_COPY = iommufdIoctl(
  'IOMMU_IOAS_COPY',
  iommufd_cmd.IOMMUFD_CMD_IOAS_COPY,
  iommu_ioas_copy,
  'Maps the memory of a range of one IOAS in another IOAS.',
  {
    ...mapErrors,
    ENOENT: 'An IOAS does not exist, or part of the original range is not mapped.',
    EPERM: 'The copy would be writable, and the original is not.',
  },
);

/** The argument of {@link IOMMU_IOAS_UNMAP}. Source: `linux/iommufd.h`. */
export const iommu_ioas_unmap = struct(
  'iommu_ioas_unmap',
  'Unmaps every mapping within a range of IOVAs. Mappings are not split. An iova of 0 with a length of 2^64-1 unmaps all.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_unmap).'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    iova: address.in('Start of the range.'),
    length: u64.inout('Its length in bytes; on return, the number of unmapped bytes.'),
  },
  { code: code.iommu_ioas_unmap },
);

/** Unmaps memory. */
export const IOMMU_IOAS_UNMAP = iommufdIoctl(
  'IOMMU_IOAS_UNMAP',
  iommufd_cmd.IOMMUFD_CMD_IOAS_UNMAP,
  iommu_ioas_unmap,
  'Unmaps every mapping within a range of IOVAs.',
  {
    ENOENT: 'Nothing is mapped there, or a mapping lies only partly within the range.',
    EBUSY: 'An access inside the kernel pins pages of the range and does not release them.',
  },
);

/** The argument of {@link IOMMU_IOAS_NOIOMMU_GET_PA}. Source: `linux/iommufd.h`. */
export const iommu_ioas_noiommu_get_pa = struct(
  'iommu_ioas_noiommu_get_pa',
  'Returns the physical address of an IOVA, for devices without an IOMMU.',
  {
    size: structSize.in('sizeof(struct iommu_ioas_noiommu_get_pa).'),
    flags: u32.in('No flags are defined: 0.'),
    ioas_id: objectId('ioas').in('The IOAS.'),
    __reserved: reserved(u32),
    iova: address.in('The IOVA.'),
    length: u64.inout(
      'Maximum number of bytes; on return, the number of physically contiguous bytes from there.',
    ),
    out_phys: address.out('The physical address.'),
  },
  { code: code.iommu_ioas_noiommu_get_pa },
);

/** Returns the physical address of an IOVA. */
export const IOMMU_IOAS_NOIOMMU_GET_PA = iommufdIoctl(
  'IOMMU_IOAS_NOIOMMU_GET_PA',
  iommufd_cmd.IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA,
  iommu_ioas_noiommu_get_pa,
  'Returns the physical address of an IOVA, for devices without an IOMMU.',
  { EPERM: 'The caller lacks CAP_SYS_RAWIO.' },
);
