import { enumeration } from '../struct/enumeration.js';
import { enumOf, objectId, structSize, u16, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './option.generated.js';

/** The options of a context or an IOAS. Source: `linux/iommufd.h`. */
export const iommufd_option = enumeration('iommufd_option', 'Options of a context or an IOAS.', {
  IOMMU_OPTION_RLIMIT_MODE: [
    0,
    'The limit of locked memory for pinned pages: 0 per user, 1 per process. Of the whole context (object_id 0). Setting it requires CAP_SYS_RESOURCE and a context without objects.',
  ],
  IOMMU_OPTION_HUGE_PAGES: [
    1,
    'Whether an IOAS (object_id) may map contiguous pages as one large page: 1 yes, 0 no.',
  ],
});

/** The operations on an option. Source: `linux/iommufd.h`. */
export const iommufd_option_ops = enumeration('iommufd_option_ops', 'Operations on an option.', {
  IOMMU_OPTION_OP_SET: [0, 'Set it to val64.'],
  IOMMU_OPTION_OP_GET: [1, 'Return it in val64.'],
});

/** The argument of {@link IOMMU_OPTION}. Source: `linux/iommufd.h`. */
export const iommu_option = struct(
  'iommu_option',
  'Sets or returns an option.',
  {
    size: structSize.in('sizeof(struct iommu_option).'),
    option_id: enumOf(iommufd_option).in('Which option.'),
    op: u16.as({ kind: 'enum', of: iommufd_option_ops }).in('Whether to set or to return it.'),
    __reserved: reserved(u16),
    object_id: objectId('ioas').in('The IOAS, for an option of an IOAS; 0 for an option of the context.'),
    val64: u64.inout('The value: read by IOMMU_OPTION_OP_SET, written by IOMMU_OPTION_OP_GET.'),
  },
  { code: code.iommu_option },
);

/** Sets or returns an option. */
export const IOMMU_OPTION = iommufdIoctl(
  'IOMMU_OPTION',
  iommufd_cmd.IOMMUFD_CMD_OPTION,
  iommu_option,
  'Sets or returns an option of the context or of an IOAS.',
  {
    EINVAL: 'val64 is not a value of this option.',
    EOPNOTSUPP: 'The option or the operation is unknown, or object_id is not 0 for an option of the context.',
    EPERM: 'IOMMU_OPTION_RLIMIT_MODE without CAP_SYS_RESOURCE.',
    EADDRINUSE:
      'IOMMU_OPTION_HUGE_PAGES: a mapping is not aligned to whole pages, which is required without large pages.',
    EBUSY: 'IOMMU_OPTION_RLIMIT_MODE: the context has objects already.',
  },
);
