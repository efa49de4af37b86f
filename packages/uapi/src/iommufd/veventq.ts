import { iommu_viommu_event_selftest } from '../selftest/data.js';
import { iommu_vevent_arm_smmuv3 } from '../smmuv3/iommufd.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags, objectId, structSize, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommu_vevent_tegra241_cmdqv } from '../tegra241/tegra241.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './veventq.generated.js';

/** Flags of {@link iommufd_vevent_header}. Source: `linux/iommufd.h`. */
export const iommu_veventq_flag = flagSet('iommu_veventq_flag', 'Flags of iommufd_vevent_header.', {
  IOMMU_VEVENTQ_FLAG_LOST_EVENTS: [
    1,
    'Events were lost at the tail of the queue; no data follows this header.',
  ],
});

/** The header of every event that is read from a vEVENTQ. Source: `linux/iommufd.h`. */
export const iommufd_vevent_header = struct(
  'iommufd_vevent_header',
  'The header of every event of a vEVENTQ. If sequence numbers are consecutive, no event was lost. A distance of n means that n - 1 events were lost in between.',
  {
    flags: flags(iommu_veventq_flag).out('Whether this header reports lost events at the tail.'),
    sequence: u32.out('Number of the event, 0 to INT_MAX (2147483647). The next number after INT_MAX is 0.'),
  },
  { code: code.iommufd_vevent_header },
);

/** The formats of the events of a queue. Source: `linux/iommufd.h`. */
export const iommu_veventq_type = enumeration('iommu_veventq_type', 'Formats of the events of a vEVENTQ.', {
  IOMMU_VEVENTQ_TYPE_DEFAULT: [0, 'Reserved: must not be used.'],
  IOMMU_VEVENTQ_TYPE_ARM_SMMUV3: [1, 'Arm SMMUv3 event records: iommu_vevent_arm_smmuv3.'],
  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV: [2, "Errors of NVIDIA's CMDQV: iommu_vevent_tegra241_cmdqv."],
  IOMMU_VEVENTQ_TYPE_SELFTEST: [0xbeefbeef, 'The mock driver of the selftests: iommu_viommu_event_selftest.'],
});

/** The data that follows each header, by the queue's type. */
export const veventData = {
  [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3]: iommu_vevent_arm_smmuv3,
  [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV]: iommu_vevent_tegra241_cmdqv,
  [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST]: iommu_viommu_event_selftest,
} as const;

/** The argument of {@link IOMMU_VEVENTQ_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_veventq_alloc = struct(
  'iommu_veventq_alloc',
  'Allocates a queue of events of a virtual IOMMU, which are read from its fd.',
  {
    size: structSize.in('sizeof(struct iommu_veventq_alloc).'),
    flags: u32.in('No flags are defined: 0.'),
    viommu_id: objectId('viommu').in('The virtual IOMMU.'),
    type: enumOf(iommu_veventq_type).in(
      'The type of the events. A virtual IOMMU has at most one queue of each type.',
    ),
    veventq_depth: u32.in(
      'Maximum number of queued events, at least 1. Further events are lost, which the queue reports.',
    ),
    out_veventq_id: objectId('veventq').out('The new queue.'),
    out_veventq_fd: u32.as({ kind: 'fd' }).out('Its file descriptor, which the caller closes.'),
  },
  { added: { __reserved: reserved(u32) }, code: code.iommu_veventq_alloc },
);

/** Allocates a queue of events. */
export const IOMMU_VEVENTQ_ALLOC = iommufdIoctl(
  'IOMMU_VEVENTQ_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_VEVENTQ_ALLOC,
  iommu_veventq_alloc,
  'Allocates a queue of events of a virtual IOMMU and opens its file.',
  {
    EOPNOTSUPP: 'flags or a reserved field is not 0, or type is IOMMU_VEVENTQ_TYPE_DEFAULT.',
    EINVAL: 'veventq_depth is 0 or too large.',
    EEXIST: 'The virtual IOMMU has a queue of this type already.',
    EMFILE: 'The process has no file descriptor left.',
  },
);
