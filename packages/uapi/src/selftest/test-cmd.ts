import { iommu_hwpt_pgfault_perm } from '../iommufd/fault-queue.js';
import { iommufdIoctl } from '../iommufd/command.js';
import { enumeration } from '../struct/enumeration.js';
import {
  address,
  enumOf,
  flags,
  objectId,
  s32,
  structSize,
  u32,
  u64,
  userPointer,
} from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { taggedUnion } from '../struct/union.js';
import { mock_access_rw, mock_flags_access, mock_flags_access_create, mock_flags_device } from './mock.js';

/** What {@link IOMMU_TEST_CMD} can do. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_test_op = enumeration('iommu_test_op', 'Operations of the mock driver.', {
  IOMMU_TEST_OP_ADD_RESERVED: [1, 'Reserve a range of an IOAS.'],
  IOMMU_TEST_OP_MOCK_DOMAIN: [2, 'Make a mock device, bind it and attach it.'],
  IOMMU_TEST_OP_MD_CHECK_MAP: [3, 'Check that a page table maps certain memory.'],
  IOMMU_TEST_OP_MD_CHECK_REFS: [4, 'Check how often memory is pinned.'],
  IOMMU_TEST_OP_CREATE_ACCESS: [5, 'Make an access: what drivers without DMA of their own have.'],
  IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: [6, 'Unpin what an access has pinned.'],
  IOMMU_TEST_OP_ACCESS_PAGES: [7, 'Pin pages through an access.'],
  IOMMU_TEST_OP_ACCESS_RW: [8, 'Read or write through an access.'],
  IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: [9, 'Limit the memory that mapping takes for a while.'],
  IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: [10, 'Attach a mock device elsewhere.'],
  IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: [11, 'Move an access to another IOAS.'],
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: [12, 'Like IOMMU_TEST_OP_MOCK_DOMAIN, with a choice of the device.'],
  IOMMU_TEST_OP_DIRTY: [13, 'Make pages dirty.'],
  IOMMU_TEST_OP_MD_CHECK_IOTLB: [14, 'Check a slot of a mock TLB.'],
  IOMMU_TEST_OP_TRIGGER_IOPF: [15, 'Have a device report a page fault.'],
  IOMMU_TEST_OP_DEV_CHECK_CACHE: [16, "Check a slot of a device's mock cache."],
  IOMMU_TEST_OP_TRIGGER_VEVENT: [17, 'Have a device report a virtual event.'],
  IOMMU_TEST_OP_PASID_ATTACH: [18, 'Attach a PASID.'],
  IOMMU_TEST_OP_PASID_REPLACE: [19, 'Attach a PASID elsewhere.'],
  IOMMU_TEST_OP_PASID_DETACH: [20, 'Detach a PASID.'],
  IOMMU_TEST_OP_PASID_CHECK_HWPT: [21, 'Check what a PASID is attached to.'],
  IOMMU_TEST_OP_DMABUF_GET: [22, 'Make a dma-buf.'],
  IOMMU_TEST_OP_DMABUF_REVOKE: [23, 'Take the memory of a dma-buf away, or give it back.'],
});

// In C the members have no tags of their own; here each is named after its place.
const add_reserved = struct(
  'iommu_test_cmd.add_reserved',
  'Reserves a range of the IOAS id: nothing can be mapped there.',
  {
    start: address.in('The first IOVA.'),
    length: u64.in('Length of the range in bytes.'),
  },
);

const mock_domain = struct(
  'iommu_test_cmd.mock_domain',
  'Makes a mock device, binds it and attaches it to the IOAS or HWPT id.',
  {
    out_stdev_id: objectId('mock_device').out('The mock device; destroying it detaches and unbinds it.'),
    out_hwpt_id: objectId('hwpt').out('The page table that it is attached to.'),
    out_idev_id: objectId('device').out('The device that it is bound as, for the other requests of iommufd.'),
  },
);

const mock_domain_flags = struct(
  'iommu_test_cmd.mock_domain_flags',
  'Makes a mock device of a certain kind, binds it and attaches it to the IOAS or HWPT id.',
  {
    out_stdev_id: objectId('mock_device').out('The mock device; destroying it detaches and unbinds it.'),
    out_hwpt_id: objectId('hwpt').out('The page table that it is attached to.'),
    out_idev_id: objectId('device').out('The device that it is bound as, for the other requests of iommufd.'),
    dev_flags: flags(mock_flags_device).in('What it can do.'),
  },
);

const mock_domain_replace = struct(
  'iommu_test_cmd.mock_domain_replace',
  'Attaches the mock device id elsewhere, without a gap.',
  {
    pt_id: objectId('ioas', 'hwpt').inout('Where to; on return, the page table that it is attached to.'),
  },
);

const check_map = struct('iommu_test_cmd.check_map', 'Checks that the HWPT id maps certain memory.', {
  iova: address.in('Where it should be mapped; a multiple of MOCK_PAGE_SIZE.'),
  length: u64.in('How many bytes; a multiple of MOCK_PAGE_SIZE.'),
  uptr: userPointer({ length: 'length' }).in('The memory; a multiple of MOCK_PAGE_SIZE.'),
});

const check_refs = struct(
  'iommu_test_cmd.check_refs',
  'Checks how often each page of some memory is pinned; id does not matter.',
  {
    length: u64.in('Length of the memory in bytes; whole pages.'),
    uptr: userPointer({ length: 'length' }).in('The memory, page aligned.'),
    refs: u32.in('How often each page should be pinned.'),
  },
);

const create_access = struct('iommu_test_cmd.create_access', 'Makes an access to the IOAS id.', {
  out_access_fd: u32
    .as({ kind: 'fd' })
    .out('A file descriptor, which is the id of the other access operations; closing it ends the access.'),
  flags: flags(mock_flags_access_create).in('What it is for.'),
});

const destroy_access_pages = struct(
  'iommu_test_cmd.destroy_access_pages',
  'Unpins what the access id has pinned.',
  {
    access_pages_id: objectId('access_pages').in('The number that access_pages gave.'),
  },
);

const access_pages = struct('iommu_test_cmd.access_pages', 'Pins pages through the access id.', {
  flags: flags(mock_flags_access).in('How.'),
  out_access_pages_id: objectId('access_pages').out(
    'A number to unpin them by; each access counts its own, from 0.',
  ),
  iova: address.in('Where they start.'),
  length: u64.in('How many bytes; at most 16 MiB.'),
  uptr: userPointer({ length: 'length' }).in(
    'The memory that should be mapped there; NULL spares the check.',
  ),
});

const access_rw = struct('iommu_test_cmd.access_rw', 'Reads or writes through the access id.', {
  iova: address.in('Where to read or write.'),
  length: u64.in('How many bytes; at most 16 MiB.'),
  uptr: userPointer({ length: 'length', out: true }).in(
    'Where the bytes go that are read, and with MOCK_ACCESS_RW_WRITE where they come from.',
  ),
  flags: flags(mock_access_rw).in('Which way, and how.'),
});

const memory_limit = struct(
  'iommu_test_cmd.memory_limit',
  'Limits, for the whole kernel, the memory that mapping takes for a while; id does not matter.',
  {
    limit: u32.in('Bytes; at least 12. 65536 at first.'),
  },
);

const access_replace_ioas = struct(
  'iommu_test_cmd.access_replace_ioas',
  'Moves the access id to another IOAS.',
  {
    ioas_id: objectId('ioas').in('Where to; 0 detaches it.'),
  },
);

const dirty = struct(
  'iommu_test_cmd.dirty',
  'Makes pages of the HWPT id dirty, as if a device had written to them.',
  {
    flags: u32.in('Not looked at.'),
    iova: address.in('The first page; a multiple of page_size.'),
    length: u64.in('How many bytes the bitmap is about; a multiple of page_size, not 0.'),
    page_size: u64.in('How many bytes a bit stands for.'),
    uptr: userPointer({ bitmap: { of: 'length', page: 'page_size', word: 1 } }).in(
      'The bitmap, a bit for each page, padded to whole bytes: 1 makes it dirty.',
    ),
    out_nr_dirty: u64.out('How many bits were 1.'),
  },
);

const check_iotlb = struct(
  'iommu_test_cmd.check_iotlb',
  'Checks a slot of the mock TLB of the nested HWPT id.',
  {
    id: u32.in('The slot, 0 to MOCK_NESTED_DOMAIN_IOTLB_ID_MAX.'),
    iotlb: u32.as({ kind: 'hex' }).in('What it should hold.'),
  },
);

const trigger_iopf = struct(
  'iommu_test_cmd.trigger_iopf',
  'Has a device report a page fault, a group of its own; id does not matter.',
  {
    dev_id: objectId('device').in('The device.'),
    pasid: u32.in('The PASID of the fault; 0 means that it has none.'),
    grpid: u32.in('The index of the page request group.'),
    perm: flags(iommu_hwpt_pgfault_perm).in('What the device wants to do.'),
    addr: address.in('Where.'),
  },
);

const check_dev_cache = struct(
  'iommu_test_cmd.check_dev_cache',
  'Checks a slot of the mock cache of the device id.',
  {
    id: u32.in('The slot, 0 to MOCK_DEV_CACHE_ID_MAX.'),
    cache: u32.as({ kind: 'hex' }).in('What it should hold.'),
  },
);

const trigger_vevent = struct(
  'iommu_test_cmd.trigger_vevent',
  'Has a device report an iommu_viommu_event_selftest; id does not matter.',
  {
    dev_id: objectId('device').in(
      'The device; it must be attached to a nested HWPT of a vIOMMU that it has a vDEVICE of.',
    ),
  },
);

const pasid_attach = struct('iommu_test_cmd.pasid_attach', 'Attaches a PASID of the mock device id.', {
  pasid: u32.in('The PASID.'),
  pt_id: objectId('ioas', 'hwpt').inout('Where to; on return, the page table that it is attached to.'),
});

const pasid_replace = struct(
  'iommu_test_cmd.pasid_replace',
  'Attaches a PASID of the mock device id elsewhere, without a gap.',
  {
    pasid: u32.in('The PASID.'),
    pt_id: objectId('ioas', 'hwpt').inout('Where to; on return, the page table that it is attached to.'),
  },
);

const pasid_detach = struct('iommu_test_cmd.pasid_detach', 'Detaches a PASID of the mock device id.', {
  pasid: u32.in('The PASID.'),
});

const pasid_check = struct(
  'iommu_test_cmd.pasid_check',
  'Checks what a PASID of the mock device id is attached to.',
  {
    pasid: u32.in('The PASID.'),
    hwpt_id: objectId('hwpt').in('The page table that it should be attached to; 0 for none.'),
  },
);

const dmabuf_get = struct(
  'iommu_test_cmd.dmabuf_get',
  'Makes a dma-buf of zeroed memory; the ioctl returns its file descriptor, and id does not matter.',
  {
    length: u32.in('Bytes, rounded up to whole pages; 1 to 512 pages.'),
    open_flags: u32.as({ kind: 'hex' }).in('Flags of the new file, as of open(): O_CLOEXEC.'),
  },
);

const dmabuf_revoke = struct(
  'iommu_test_cmd.dmabuf_revoke',
  'Takes the memory of a dma-buf away, or gives it back; id does not matter.',
  {
    dmabuf_fd: s32.as({ kind: 'fd' }).in('Of a dma-buf that IOMMU_TEST_OP_DMABUF_GET made.'),
    revoked: u32.in('0 gives it back, any other number takes it away.'),
  },
);

/** The argument of {@link IOMMU_TEST_CMD}; `op` tells which member follows. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_test_cmd = struct(
  'iommu_test_cmd',
  'Has the mock driver of a kernel that was built with CONFIG_IOMMUFD_TEST do something.',
  {
    size: structSize.in('sizeof(struct iommu_test_cmd).'),
    op: enumOf(iommu_test_op).in('What to do.'),
    id: objectId('ioas', 'hwpt', 'mock_device', 'device', 'access').in(
      'What to do it to; the operation tells of which kind. An access is named by its file descriptor.',
    ),
    __reserved: reserved(u32),
    '': taggedUnion('op', {
      add_reserved: [iommu_test_op.IOMMU_TEST_OP_ADD_RESERVED, add_reserved],
      mock_domain: [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, mock_domain],
      mock_domain_flags: [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, mock_domain_flags],
      mock_domain_replace: [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, mock_domain_replace],
      check_map: [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP, check_map],
      check_refs: [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_REFS, check_refs],
      create_access: [iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS, create_access],
      destroy_access_pages: [iommu_test_op.IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, destroy_access_pages],
      access_pages: [iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES, access_pages],
      access_rw: [iommu_test_op.IOMMU_TEST_OP_ACCESS_RW, access_rw],
      memory_limit: [iommu_test_op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, memory_limit],
      access_replace_ioas: [iommu_test_op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS, access_replace_ioas],
      dirty: [iommu_test_op.IOMMU_TEST_OP_DIRTY, dirty],
      check_iotlb: [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB, check_iotlb],
      trigger_iopf: [iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF, trigger_iopf],
      check_dev_cache: [iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE, check_dev_cache],
      trigger_vevent: [iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT, trigger_vevent],
      pasid_attach: [iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH, pasid_attach],
      pasid_replace: [iommu_test_op.IOMMU_TEST_OP_PASID_REPLACE, pasid_replace],
      pasid_detach: [iommu_test_op.IOMMU_TEST_OP_PASID_DETACH, pasid_detach],
      pasid_check: [iommu_test_op.IOMMU_TEST_OP_PASID_CHECK_HWPT, pasid_check],
      dmabuf_get: [iommu_test_op.IOMMU_TEST_OP_DMABUF_GET, dmabuf_get],
      dmabuf_revoke: [iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE, dmabuf_revoke],
    }).inout('What the operation takes and gives.'),
    last: u32.in('Not looked at; marks the end of the struct.'),
  },
);

/** Has the mock driver do something; only kernels built with CONFIG_IOMMUFD_TEST know it. */
export const IOMMU_TEST_CMD = iommufdIoctl(
  'IOMMU_TEST_CMD',
  0xa0,
  iommu_test_cmd,
  'Has the mock driver of the selftests do something.',
  {
    ENOTTY: 'The kernel was built without CONFIG_IOMMUFD_TEST.',
    EOPNOTSUPP: 'The operation, or a flag of it, is not known.',
    EINVAL: 'A check found something else than it should, or a field is wrong.',
    EIO: 'IOMMU_TEST_OP_MD_CHECK_REFS: a page is pinned more or less often than it should.',
    ENOENT: 'An id names nothing of the right kind, or the device is not attached to a vIOMMU.',
    EBADFD: 'id is no file descriptor of an access.',
    EADDRINUSE: 'The IOAS maps or allows what an attachment, an access or the operation would take away.',
    EBUSY: 'IOMMU_TEST_OP_PASID_ATTACH: the PASID is attached already.',
    EPERM: 'The mapping does not allow the access, or the memory was mapped to be read only.',
    EBADE: 'IOMMU_TEST_OP_ACCESS_PAGES: other pages are mapped than those at uptr.',
    EBADF: 'IOMMU_TEST_OP_DMABUF_REVOKE: dmabuf_fd is not open.',
    EMFILE: 'The process has no file descriptor left.',
  },
);
