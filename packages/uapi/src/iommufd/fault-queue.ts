import { enumeration, flagSet } from '../struct/enumeration.js';
import { address, enumOf, flags, objectId, structSize, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './fault-queue.generated.js';

/** The argument of {@link IOMMU_FAULT_QUEUE_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_fault_alloc = struct(
  'iommu_fault_alloc',
  'Allocates a queue of page faults. Faults are read from its fd, and responses are written to it.',
  {
    size: structSize.in('sizeof(struct iommu_fault_alloc).'),
    flags: u32.in('No flags are defined: 0.'),
    out_fault_id: objectId('fault').out('The new queue, for the fault_id of IOMMU_HWPT_ALLOC.'),
    out_fault_fd: u32.as({ kind: 'fd' }).out('Its file descriptor, which the caller closes.'),
  },
  { code: code.iommu_fault_alloc },
);

/** Allocates a queue of page faults. */
export const IOMMU_FAULT_QUEUE_ALLOC = iommufdIoctl(
  'IOMMU_FAULT_QUEUE_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_FAULT_QUEUE_ALLOC,
  iommu_fault_alloc,
  'Allocates a queue of page faults and opens its file.',
  { EOPNOTSUPP: 'flags is not 0.', EMFILE: 'The process has no file descriptor left.' },
);

/** Source: `linux/iommufd.h`. */
export const iommu_hwpt_pgfault_flags = flagSet('iommu_hwpt_pgfault_flags', 'Flags of a page fault record.', {
  IOMMU_PGFAULT_FLAGS_PASID_VALID: [1, 'pasid is valid.'],
  IOMMU_PGFAULT_FLAGS_LAST_PAGE: [2, 'The last fault of its group. The group can be answered now.'],
});

/** Source: `linux/iommufd.h`; PCI Express 10.4.1. */
export const iommu_hwpt_pgfault_perm = flagSet(
  'iommu_hwpt_pgfault_perm',
  'The kinds of access that the device requests.',
  {
    IOMMU_PGFAULT_PERM_READ: [1, 'Read.'],
    IOMMU_PGFAULT_PERM_WRITE: [2, 'Write.'],
    IOMMU_PGFAULT_PERM_EXEC: [4, 'Execute; only with a PASID.'],
    IOMMU_PGFAULT_PERM_PRIV: [8, 'Privileged access; only with a PASID.'],
  },
);

/** A record of a page fault queue. Source: `linux/iommufd.h`. */
export const iommu_hwpt_pgfault = struct(
  'iommu_hwpt_pgfault',
  'A page fault that waits for a response.',
  {
    flags: flags(iommu_hwpt_pgfault_flags).out('Whether pasid is valid, and whether the group ends here.'),
    dev_id: objectId('device').out('The device that faulted.'),
    pasid: u32.out('The process address space id of the access, if IOMMU_PGFAULT_FLAGS_PASID_VALID is set.'),
    grpid: u32.out('The index of the page request group, as the device numbers it.'),
    perm: flags(iommu_hwpt_pgfault_perm).out('The requested access.'),
    __reserved: reserved(u32),
    addr: address.out('The address of the access.'),
    length: u32.out('A hint of how many bytes the device will access from there; 0 without a hint.'),
    cookie: u32.as({ kind: 'hex' }).out('Identifies the group in the response.'),
  },
  { code: code.iommu_hwpt_pgfault },
);

/** Source: `linux/iommufd.h`; PCI Express 10.4.2.1. */
export const iommufd_page_response_code = enumeration(
  'iommufd_page_response_code',
  'How a group of page faults was answered.',
  {
    IOMMUFD_PAGE_RESP_SUCCESS: [0, 'The fault was handled. The device may retry the access.'],
    IOMMUFD_PAGE_RESP_INVALID: [1, 'The fault could not be handled. The device must not retry the access.'],
  },
);

/** A response, written to the fd of a page fault queue. Source: `linux/iommufd.h`. */
export const iommu_hwpt_page_response = struct(
  'iommu_hwpt_page_response',
  'Answers a whole group of page faults.',
  {
    cookie: u32.as({ kind: 'hex' }).in('The cookie of the group.'),
    code: enumOf(iommufd_page_response_code).in('The answer.'),
  },
  { code: code.iommu_hwpt_page_response },
);
