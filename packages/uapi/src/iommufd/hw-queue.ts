import { enumeration } from '../struct/enumeration.js';
import { address, enumOf, objectId, structSize, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './hw-queue.generated.js';

/** Kinds of hardware queue. Source: `linux/iommufd.h`. */
export const iommu_hw_queue_type = enumeration(
  'iommu_hw_queue_type',
  'Kinds of hardware queue that a guest may own.',
  {
    IOMMU_HW_QUEUE_TYPE_DEFAULT: [0, 'Reserved: must not be used.'],
    IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV: [
      1,
      "A virtual command queue of NVIDIA's CMDQV. Allocate from index 0 upwards and destroy from the last one downwards; the length is a power of two, and the address a multiple of it.",
    ],
    IOMMU_HW_QUEUE_TYPE_SELFTEST: [0xdeadbeef, 'A queue of the mock driver of the selftests.'],
  },
);

/** The argument of {@link IOMMU_HW_QUEUE_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_hw_queue_alloc = struct(
  'iommu_hw_queue_alloc',
  'Allocates a queue for a guest that hardware reads directly from guest memory.',
  {
    size: structSize.in('sizeof(struct iommu_hw_queue_alloc).'),
    flags: u32.in('No flags are defined: 0.'),
    viommu_id: objectId('viommu').in('The virtual IOMMU.'),
    type: enumOf(iommu_hw_queue_type).in('The kind of queue.'),
    index: u32.in('Index of the queue in the virtual IOMMU, from 0.'),
    out_hw_queue_id: objectId('hw_queue').out('The new queue.'),
    nesting_parent_iova: address.in("Start of the queue's memory: an IOVA of the nest parent."),
    length: u64.in('Length of that memory in bytes.'),
  },
  { code: code.iommu_hw_queue_alloc },
);

/** Allocates a hardware queue for a guest. */
export const IOMMU_HW_QUEUE_ALLOC = iommufdIoctl(
  'IOMMU_HW_QUEUE_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_HW_QUEUE_ALLOC,
  iommu_hw_queue_alloc,
  'Allocates a queue for a guest that hardware reads from guest memory.',
  {
    EOPNOTSUPP: 'flags is not 0, or the virtual IOMMU has no queues of this type.',
    EINVAL: 'length is 0, or index, address or length is invalid for the type.',
    EEXIST: 'The queue of this index is allocated already.',
    EPERM: 'The memory is mapped without read permission.',
    EADDRINUSE: "A mapping of the nest parent's IOAS is not aligned to whole pages.",
    EIO: 'A queue with a lower index is not allocated yet.',
    ERANGE: 'The memory, rounded outwards to whole pages, exceeds 64 bits.',
    ENOENT: 'The virtual IOMMU does not exist, or its nest parent does not map the memory.',
    EOVERFLOW: 'The sum of nesting_parent_iova and length exceeds 64 bits.',
  },
);
