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

/** The operations of {@link IOMMU_TEST_CMD}. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_test_op = enumeration('iommu_test_op', 'Operations of the mock driver.', {
  IOMMU_TEST_OP_ADD_RESERVED: [1, 'Reserve a range of an IOAS.'],
  IOMMU_TEST_OP_MOCK_DOMAIN: [2, 'Create a mock device, bind it and attach it.'],
  IOMMU_TEST_OP_MD_CHECK_MAP: [3, 'Check that a page table maps the given memory.'],
  IOMMU_TEST_OP_MD_CHECK_REFS: [4, 'Check the number of pins of memory.'],
  IOMMU_TEST_OP_CREATE_ACCESS: [5, 'Create an access, as drivers without DMA of their own use it.'],
  IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: [6, 'Unpin the pages that an access has pinned.'],
  IOMMU_TEST_OP_ACCESS_PAGES: [7, 'Pin pages through an access.'],
  IOMMU_TEST_OP_ACCESS_RW: [8, 'Read or write through an access.'],
  IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: [9, 'Limit the temporary memory of mappings.'],
  IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: [10, 'Replace the attachment of a mock device.'],
  IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: [11, 'Move an access to another IOAS.'],
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: [12, 'Like IOMMU_TEST_OP_MOCK_DOMAIN, with properties of the device.'],
  IOMMU_TEST_OP_DIRTY: [13, 'Make pages dirty.'],
  IOMMU_TEST_OP_MD_CHECK_IOTLB: [14, 'Check a slot of a mock TLB.'],
  IOMMU_TEST_OP_TRIGGER_IOPF: [15, 'Make a device report a page fault.'],
  IOMMU_TEST_OP_DEV_CHECK_CACHE: [16, "Check a slot of a device's mock cache."],
  IOMMU_TEST_OP_TRIGGER_VEVENT: [17, 'Make a device report a virtual event.'],
  IOMMU_TEST_OP_PASID_ATTACH: [18, 'Attach a PASID.'],
  IOMMU_TEST_OP_PASID_REPLACE: [19, 'Replace the attachment of a PASID.'],
  IOMMU_TEST_OP_PASID_DETACH: [20, 'Detach a PASID.'],
  IOMMU_TEST_OP_PASID_CHECK_HWPT: [21, 'Check the page table that a PASID is attached to.'],
  IOMMU_TEST_OP_DMABUF_GET: [22, 'Create a dma-buf.'],
  IOMMU_TEST_OP_DMABUF_REVOKE: [23, 'Revoke a dma-buf, or restore it.'],
});

// In C the members have no tags. Here each is named after the struct and its member name.
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
  'Creates a mock device, binds it and attaches it to the IOAS or HWPT id.',
  {
    out_stdev_id: objectId('mock_device').out('The mock device. Destroying it detaches and unbinds it.'),
    out_hwpt_id: objectId('hwpt').out('The page table that it is attached to.'),
    out_idev_id: objectId('device').out('The id of its bound device, for the other requests of iommufd.'),
  },
);

const mock_domain_flags = struct(
  'iommu_test_cmd.mock_domain_flags',
  'Creates a mock device with properties, binds it and attaches it to the IOAS or HWPT id.',
  {
    out_stdev_id: objectId('mock_device').out('The mock device. Destroying it detaches and unbinds it.'),
    out_hwpt_id: objectId('hwpt').out('The page table that it is attached to.'),
    out_idev_id: objectId('device').out('The id of its bound device, for the other requests of iommufd.'),
    dev_flags: flags(mock_flags_device).in('Its properties.'),
  },
);

const mock_domain_replace = struct(
  'iommu_test_cmd.mock_domain_replace',
  'Replaces the attachment of the mock device id, without a gap.',
  {
    pt_id: objectId('ioas', 'hwpt').inout(
      'The IOAS or HWPT; on return, the page table that it is attached to.',
    ),
  },
);

const check_map = struct('iommu_test_cmd.check_map', 'Checks that the HWPT id maps the given memory.', {
  iova: address.in('Expected start of the mapping; a multiple of MOCK_PAGE_SIZE.'),
  length: u64.in('Length in bytes; a multiple of MOCK_PAGE_SIZE.'),
  uptr: userPointer({ length: 'length' }).in('The memory; a multiple of MOCK_PAGE_SIZE.'),
});

const check_refs = struct(
  'iommu_test_cmd.check_refs',
  'Checks the number of pins of each page of memory; id is ignored.',
  {
    length: u64.in('Length of the memory in bytes; whole pages.'),
    uptr: userPointer({ length: 'length' }).in('The memory, page aligned.'),
    refs: u32.in('Expected number of pins of each page.'),
  },
);

const create_access = struct('iommu_test_cmd.create_access', 'Creates an access to the IOAS id.', {
  out_access_fd: u32
    .as({ kind: 'fd' })
    .out(
      'A file descriptor, which is the id in the other access operations. Closing it destroys the access.',
    ),
  flags: flags(mock_flags_access_create).in('Its capabilities.'),
});

const destroy_access_pages = struct(
  'iommu_test_cmd.destroy_access_pages',
  'Unpins pages that the access id has pinned.',
  {
    access_pages_id: objectId('access_pages').in('The id from access_pages.'),
  },
);

const access_pages = struct('iommu_test_cmd.access_pages', 'Pins pages through the access id.', {
  flags: flags(mock_flags_access).in('How to pin.'),
  out_access_pages_id: objectId('access_pages').out(
    'An id to unpin the pages. Each access numbers its own, from 0.',
  ),
  iova: address.in('Start of the range.'),
  length: u64.in('Length in bytes; at most 16 MiB.'),
  uptr: userPointer({ length: 'length' }).in(
    'The memory that should be mapped there; NULL to skip the check.',
  ),
});

const access_rw = struct('iommu_test_cmd.access_rw', 'Reads or writes through the access id.', {
  iova: address.in('Start of the range.'),
  length: u64.in('Length in bytes; at most 16 MiB.'),
  uptr: userPointer({ length: 'length', out: true }).in(
    'Destination of the bytes; with MOCK_ACCESS_RW_WRITE, their source.',
  ),
  flags: flags(mock_access_rw).in('Direction, and how to copy.'),
});

const memory_limit = struct(
  'iommu_test_cmd.memory_limit',
  'Limits the temporary memory of mappings, for the whole kernel; id is ignored.',
  {
    limit: u32.in('Limit in bytes; at least 12. Initially 65536.'),
  },
);

const access_replace_ioas = struct(
  'iommu_test_cmd.access_replace_ioas',
  'Moves the access id to another IOAS.',
  {
    ioas_id: objectId('ioas').in('The new IOAS; 0 detaches the access.'),
  },
);

const dirty = struct(
  'iommu_test_cmd.dirty',
  'Makes pages of the HWPT id dirty, as if a device had written to them.',
  {
    flags: u32.in('Ignored.'),
    iova: address.in('The first page; a multiple of page_size.'),
    length: u64.in('Number of bytes that the bitmap covers; a multiple of page_size, not 0.'),
    page_size: u64.in('Number of bytes per bit.'),
    uptr: userPointer({ bitmap: { of: 'length', page: 'page_size', word: 1 } }).in(
      'The bitmap, a bit for each page, padded to whole bytes: 1 makes the page dirty.',
    ),
    out_nr_dirty: u64.out('Number of bits that were 1.'),
  },
);

const check_iotlb = struct(
  'iommu_test_cmd.check_iotlb',
  'Checks a slot of the mock TLB of the nested HWPT id.',
  {
    id: u32.in('The slot, 0 to MOCK_NESTED_DOMAIN_IOTLB_ID_MAX.'),
    iotlb: u32.as({ kind: 'hex' }).in('Expected value.'),
  },
);

const trigger_iopf = struct(
  'iommu_test_cmd.trigger_iopf',
  'Makes a device report a page fault, in a group of its own; id is ignored.',
  {
    dev_id: objectId('device').in('The device.'),
    pasid: u32.in('The PASID of the fault; 0 for a fault without PASID.'),
    grpid: u32.in('The index of the page request group.'),
    perm: flags(iommu_hwpt_pgfault_perm).in('The requested access.'),
    addr: address.in('The address of the access.'),
  },
);

const check_dev_cache = struct(
  'iommu_test_cmd.check_dev_cache',
  'Checks a slot of the mock cache of the device id.',
  {
    id: u32.in('The slot, 0 to MOCK_DEV_CACHE_ID_MAX.'),
    cache: u32.as({ kind: 'hex' }).in('Expected value.'),
  },
);

const trigger_vevent = struct(
  'iommu_test_cmd.trigger_vevent',
  'Makes a device report an iommu_viommu_event_selftest; id is ignored.',
  {
    dev_id: objectId('device').in(
      'The device. It must be attached to a nested HWPT of a vIOMMU, and have a vDEVICE there.',
    ),
  },
);

const pasid_attach = struct('iommu_test_cmd.pasid_attach', 'Attaches a PASID of the mock device id.', {
  pasid: u32.in('The PASID.'),
  pt_id: objectId('ioas', 'hwpt').inout(
    'The IOAS or HWPT; on return, the page table that it is attached to.',
  ),
});

const pasid_replace = struct(
  'iommu_test_cmd.pasid_replace',
  'Replaces the attachment of a PASID of the mock device id, without a gap.',
  {
    pasid: u32.in('The PASID.'),
    pt_id: objectId('ioas', 'hwpt').inout(
      'The IOAS or HWPT; on return, the page table that it is attached to.',
    ),
  },
);

const pasid_detach = struct('iommu_test_cmd.pasid_detach', 'Detaches a PASID of the mock device id.', {
  pasid: u32.in('The PASID.'),
});

const pasid_check = struct(
  'iommu_test_cmd.pasid_check',
  'Checks the page table that a PASID of the mock device id is attached to.',
  {
    pasid: u32.in('The PASID.'),
    hwpt_id: objectId('hwpt').in('The expected page table; 0 if the PASID should not be attached.'),
  },
);

const dmabuf_get = struct(
  'iommu_test_cmd.dmabuf_get',
  'Creates a dma-buf of zeroed memory, at the lowest free file descriptor. The ioctl returns 0, before 7.3 the descriptor; id is ignored.',
  {
    length: u32.in('Length in bytes, rounded up to whole pages; 1 to 512 pages.'),
    open_flags: u32.as({ kind: 'hex' }).in('Flags of the new file, as of open(): O_CLOEXEC.'),
  },
);

const dmabuf_revoke = struct(
  'iommu_test_cmd.dmabuf_revoke',
  'Revokes a dma-buf, or restores it; id is ignored.',
  {
    dmabuf_fd: s32.as({ kind: 'fd' }).in('File descriptor of a dma-buf of IOMMU_TEST_OP_DMABUF_GET.'),
    revoked: u32.in('0 restores it, any other number revokes it.'),
  },
);

/**
 * The argument of {@link IOMMU_TEST_CMD}; `op` selects the member of its union. Source:
 * `drivers/iommu/iommufd/iommufd_test.h`.
 */
export const iommu_test_cmd = struct(
  'iommu_test_cmd',
  'Performs an operation of the mock driver, in a kernel that was built with CONFIG_IOMMUFD_TEST.',
  {
    size: structSize.in('sizeof(struct iommu_test_cmd).'),
    op: enumOf(iommu_test_op).in('The operation.'),
    id: objectId('ioas', 'hwpt', 'mock_device', 'device', 'access').in(
      'The object of the operation, which determines its kind. An access is identified by its file descriptor.',
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
    }).inout('Input and output of the operation.'),
    last: u32.in('Ignored; marks the end of the struct.'),
  },
);

/** Performs an operation of the mock driver. Only kernels built with CONFIG_IOMMUFD_TEST have it. */
export const IOMMU_TEST_CMD = iommufdIoctl(
  'IOMMU_TEST_CMD',
  0xa0,
  iommu_test_cmd,
  'Performs an operation of the mock driver of the selftests.',
  {
    ENOTTY: 'The kernel was built without CONFIG_IOMMUFD_TEST.',
    EOPNOTSUPP: 'The operation, or a flag of it, is unknown.',
    EINVAL: 'A check failed, or a field is invalid.',
    EIO: 'IOMMU_TEST_OP_MD_CHECK_REFS: the number of pins of a page is not the expected one.',
    ENOENT: 'An id is not that of an object of the right kind, or the device is not attached to a vIOMMU.',
    EBADFD: 'id is not the file descriptor of an access.',
    EADDRINUSE: 'The IOAS maps or allows IOVAs that an attachment, an access or the operation would reserve.',
    EBUSY: 'IOMMU_TEST_OP_PASID_ATTACH: the PASID is attached already.',
    EPERM: 'The mapping does not allow the access, or the memory was mapped read-only.',
    EBADE: 'IOMMU_TEST_OP_ACCESS_PAGES: the mapped pages are not those at uptr.',
    EBADF: 'IOMMU_TEST_OP_DMABUF_REVOKE: dmabuf_fd is not open.',
    EMFILE: 'The process has no file descriptor left.',
  },
);
