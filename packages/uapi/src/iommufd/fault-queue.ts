import { enumeration, flagSet } from '../struct/enumeration.js';
import { address, enumOf, flags, objectId, structSize, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './fault-queue.generated.js';

/** The argument of {@link IOMMU_FAULT_QUEUE_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_fault_alloc = struct(
  'iommu_fault_alloc',
  'Allocates a queue of page faults: read them from its fd, write the responses to it.',
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
export const iommu_hwpt_pgfault_flags = flagSet(
  'iommu_hwpt_pgfault_flags',
  'What a page fault record says.',
  {
    IOMMU_PGFAULT_FLAGS_PASID_VALID: [1, 'pasid is valid.'],
    IOMMU_PGFAULT_FLAGS_LAST_PAGE: [2, 'The last fault of its group: now the group can be answered.'],
  },
);

/** Source: `linux/iommufd.h`; PCI Express 10.4.1. */
export const iommu_hwpt_pgfault_perm = flagSet('iommu_hwpt_pgfault_perm', 'What the device wants to do.', {
  IOMMU_PGFAULT_PERM_READ: [1, 'Read.'],
  IOMMU_PGFAULT_PERM_WRITE: [2, 'Write.'],
  IOMMU_PGFAULT_PERM_EXEC: [4, 'Execute; only with a PASID.'],
  IOMMU_PGFAULT_PERM_PRIV: [8, 'Access as privileged; only with a PASID.'],
});

/** A record of a page fault queue. Source: `linux/iommufd.h`. */
export const iommu_hwpt_pgfault = struct(
  'iommu_hwpt_pgfault',
  'A page fault that waits for a response.',
  {
    flags: flags(iommu_hwpt_pgfault_flags).out('Which fields count, and whether the group ends here.'),
    dev_id: objectId('device').out('The device that faulted.'),
    pasid: u32.out('Its process address space id, if IOMMU_PGFAULT_FLAGS_PASID_VALID is set.'),
    grpid: u32.out('The index of the page request group, as the device numbers it.'),
    perm: flags(iommu_hwpt_pgfault_perm).out('What it wants to do.'),
    __reserved: reserved(u32),
    addr: address.out('The address that it wants to access.'),
    length: u32.out('A hint how many bytes it will want from there; 0 without a hint.'),
    cookie: u32.as({ kind: 'hex' }).out('Names the group; the response carries it.'),
  },
  { code: code.iommu_hwpt_pgfault },
);

/** Source: `linux/iommufd.h`; PCI Express 10.4.2.1. */
export const iommufd_page_response_code = enumeration(
  'iommufd_page_response_code',
  'How a group of page faults was answered.',
  {
    IOMMUFD_PAGE_RESP_SUCCESS: [0, 'The pages are there now: try again.'],
    IOMMUFD_PAGE_RESP_INVALID: [1, 'The fault could not be handled: do not try again.'],
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
