import { describe, expect, test } from '@jest/globals';
import {
  annotate,
  type AnyType,
  decode,
  encode,
  type Encodable,
  fromHex,
  fromJson,
  type Json,
  toHex,
  toJson,
  view,
} from '../struct/index.js';
import {
  iommu_hwpt_invalidate_selftest,
  iommu_hwpt_selftest,
  IOMMU_TEST_CMD,
  iommu_test_cmd,
  iommu_test_hw_info,
  iommu_test_op,
  iommu_viommu_event_selftest,
  iommu_viommu_invalidate_selftest,
  iommu_viommu_selftest,
  mock_access_rw,
  mock_flags_access,
  mock_flags_access_create,
  mock_flags_device,
  MOCK_HUGE_PAGE_SIZE,
} from './index.js';
import { errorOf } from '../struct/error-of.testing.js';

type Command = Encodable<typeof iommu_test_cmd>;

const head = { size: 72, id: 0x11, __reserved: 0, last: 0x99 };
const op = iommu_test_op;

/** A command, and the bytes of its member. */
const commands: readonly (readonly [Command, string])[] = [
  [
    { ...head, op: op.IOMMU_TEST_OP_ADD_RESERVED, add_reserved: { start: 0x1000000n, length: 0x2000n } },
    '0000000100000000 0020000000000000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_MOCK_DOMAIN,
      mock_domain: { out_stdev_id: 2, out_hwpt_id: 3, out_idev_id: 4 },
    },
    '02000000 03000000 04000000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_MD_CHECK_MAP,
      check_map: { iova: 0x1000800n, length: 0x800n, uptr: 0x7f0012345800n },
    },
    '0008000100000000 0008000000000000 00583412007f0000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_MD_CHECK_REFS,
      check_refs: { length: 0x3000n, uptr: 0x7f0012345000n, refs: 2 },
    },
    '0030000000000000 00503412007f0000 02000000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_CREATE_ACCESS, create_access: { out_access_fd: 7, flags: 1 } },
    '07000000 01000000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, destroy_access_pages: { access_pages_id: 6 } },
    '06000000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_ACCESS_PAGES,
      access_pages: { flags: 1, out_access_pages_id: 5, iova: 0x1001n, length: 0x2002n, uptr: 0x3003n },
    },
    '01000000 05000000 0110000000000000 0220000000000000 0330000000000000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_ACCESS_RW,
      access_rw: { iova: 0x1001n, length: 0x2002n, uptr: 0x3003n, flags: 5 },
    },
    '0110000000000000 0220000000000000 0330000000000000 05000000',
  ],
  [{ ...head, op: op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, memory_limit: { limit: 65536 } }, '00000100'],
  [{ ...head, op: op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, mock_domain_replace: { pt_id: 8 } }, '08000000'],
  [{ ...head, op: op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS, access_replace_ioas: { ioas_id: 9 } }, '09000000'],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
      mock_domain_flags: { out_stdev_id: 2, out_hwpt_id: 3, out_idev_id: 5, dev_flags: 4 },
    },
    '02000000 03000000 05000000 04000000',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_DIRTY,
      dirty: { flags: 6, iova: 0x1000n, length: 0x2000n, page_size: 0x800n, uptr: 0x4004n, out_nr_dirty: 3n },
    },
    '06000000 00000000 0010000000000000 0020000000000000 0008000000000000 0440000000000000 0300000000000000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_MD_CHECK_IOTLB, check_iotlb: { id: 3, iotlb: 0xbadbeef } },
    '03000000 efbead0b',
  ],
  [
    {
      ...head,
      op: op.IOMMU_TEST_OP_TRIGGER_IOPF,
      trigger_iopf: { dev_id: 2, pasid: 5, grpid: 6, perm: 3, addr: 0xdeadbeaf0000n },
    },
    '02000000 05000000 06000000 03000000 0000afbeadde0000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_DEV_CHECK_CACHE, check_dev_cache: { id: 2, cache: 0xbaddad } },
    '02000000 adddba00',
  ],
  [{ ...head, op: op.IOMMU_TEST_OP_TRIGGER_VEVENT, trigger_vevent: { dev_id: 10 } }, '0a000000'],
  [
    { ...head, op: op.IOMMU_TEST_OP_PASID_ATTACH, pasid_attach: { pasid: 100, pt_id: 12 } },
    '64000000 0c000000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_PASID_REPLACE, pasid_replace: { pasid: 101, pt_id: 13 } },
    '65000000 0d000000',
  ],
  [{ ...head, op: op.IOMMU_TEST_OP_PASID_DETACH, pasid_detach: { pasid: 102 } }, '66000000'],
  [
    { ...head, op: op.IOMMU_TEST_OP_PASID_CHECK_HWPT, pasid_check: { pasid: 103, hwpt_id: 14 } },
    '67000000 0e000000',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_DMABUF_GET, dmabuf_get: { length: 0x4000, open_flags: 0x80000 } },
    '00400000 00000800',
  ],
  [
    { ...head, op: op.IOMMU_TEST_OP_DMABUF_REVOKE, dmabuf_revoke: { dmabuf_fd: -3, revoked: 1 } },
    'fdffffff 01000000',
  ],
];

/** A whole command: what stands around the 48 bytes of the union. */
function wire(number: number, member: string, tail = '99000000 00000000'): Uint8Array {
  const union = toHex(fromHex(member)).padEnd(96, '0');
  const tag = number.toString(16).padStart(2, '0');
  return fromHex(`48000000 ${tag}000000 11000000 00000000 ${union} ${tail}`);
}

describe('iommu_test_cmd', () => {
  test('every operation has a row here', () => {
    const numbers = Object.values(op.members).map(([number]) => number);
    expect(commands.map(([{ op }]) => op)).toEqual(numbers);
  });

  test.each(commands.map(([value, member]) => [op.format(value.op), value, member] as const))(
    '%s',
    (_name, value, member) => {
      const bytes = wire(value.op, member);
      expect(bytes).toHaveLength(72);
      expect(encode(iommu_test_cmd, value)).toEqual(bytes);
      const decoded = decode(iommu_test_cmd, bytes);
      expect(decoded).toEqual(value);
      expect(fromJson(iommu_test_cmd, toJson(iommu_test_cmd, decoded))).toEqual(value);
    },
  );

  test('an operation without a name keeps the bytes of its member', () => {
    const member = Array.from({ length: 48 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join('');
    const bytes = wire(200, member);
    const value = decode(iommu_test_cmd, bytes);
    expect(value).toEqual({ ...head, op: 200, raw: fromHex(member) });
    expect(encode(iommu_test_cmd, value)).toEqual(bytes);
  });

  test('the member of another operation is refused', () => {
    const value: Command = { ...head, op: op.IOMMU_TEST_OP_PASID_DETACH, memory_limit: { limit: 1 } };
    expect(errorOf(() => encode(iommu_test_cmd, value))).toMatchObject({
      path: 'memory_limit',
      offset: 16,
      expected: 'pasid_detach, as op is 20',
    });
  });

  test('a number out of range names the member and the field', () => {
    const value: Command = { ...head, op: op.IOMMU_TEST_OP_PASID_DETACH, pasid_detach: { pasid: -1 } };
    expect(errorOf(() => encode(iommu_test_cmd, value))).toMatchObject({
      path: 'pasid_detach.pasid',
      offset: 16,
    });
  });

  test.each([
    ['after the member', wire(op.IOMMU_TEST_OP_PASID_DETACH, '66000000 00000000 01'), 24],
    ['in the padding inside a member', wire(op.IOMMU_TEST_OP_DIRTY, '00000000 01'), 20],
    ['in the reserved field', withByte(wire(op.IOMMU_TEST_OP_PASID_DETACH, '66'), 13), 13],
    ['in the padding at the end', wire(op.IOMMU_TEST_OP_PASID_DETACH, '66', '99000000 00000001'), 71],
  ])('a byte that is not zero %s', (_where, bytes, offset) => {
    expect(errorOf(() => decode(iommu_test_cmd, bytes))).toMatchObject({ offset, found: '0x1' });
    expect(decode(iommu_test_cmd, bytes, { lenient: true }).last).toBe(0x99);
  });

  test('a view shows the members over each other', () => {
    const bytes = wire(op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, '02000000 03000000 05000000 04000000');
    const place = view(iommu_test_cmd, bytes);
    expect([place.mock_domain_flags.dev_flags, place.mock_domain.out_hwpt_id]).toEqual([4, 3]);
    place.mock_domain.out_hwpt_id = 0x33;
    expect(bytes[20]).toBe(0x33);
  });

  test('annotations name the operation, the member and its flags', () => {
    const bytes = wire(op.IOMMU_TEST_OP_ACCESS_RW, `${'00'.repeat(24)} 05000100`);
    const texts = Object.fromEntries(annotate(iommu_test_cmd, bytes).map(({ path, text }) => [path, text]));
    expect(texts).toMatchObject({
      op: 'IOMMU_TEST_OP_ACCESS_RW',
      'access_rw.uptr': 'NULL',
      'access_rw.flags': 'MOCK_ACCESS_RW_WRITE|MOCK_ACCESS_RW_SLOW_PATH|MOCK_FLAGS_ACCESS_SYZ',
    });
  });

  test('the request', () => {
    const { request, files, struct } = IOMMU_TEST_CMD;
    expect([request, ...files]).toEqual([15264, 'iommufd']);
    expect(struct === iommu_test_cmd).toBe(true);
  });
});

const data: readonly (readonly [type: AnyType, json: Json, hex: string])[] = [
  [iommu_hwpt_selftest, { iotlb: 0xbadbeef, pagetable_type: 1 }, 'efbead0b 01000000'],
  [iommu_hwpt_invalidate_selftest, { flags: 1, iotlb_id: 3 }, '01000000 03000000'],
  [iommu_viommu_invalidate_selftest, { flags: 1, vdev_id: 0x99, cache_id: 2 }, '01000000 99000000 02000000'],
  [
    iommu_viommu_selftest,
    { in_data: 0x01020304, out_data: 0x05060708, out_mmap_offset: '0x1000', out_mmap_length: '0x2000' },
    '04030201 08070605 0010000000000000 0020000000000000',
  ],
  [iommu_viommu_event_selftest, { virt_id: 0x99aabbcc }, 'ccbbaa99'],
  [iommu_test_hw_info, { flags: 1, test_reg: 0xdeadbeef }, '01000000 efbeadde'],
];

test.each(data.map((row) => [row[0].name, ...row] as const))('%s', (_name, type, json, hex) => {
  expect(toHex(encode(type, fromJson(type, json)))).toBe(toHex(fromHex(hex)));
  expect(toJson(type, decode(type, fromHex(hex)))).toEqual(json);
});

test('flags print as names', () => {
  expect(mock_flags_device.format(7)).toBe('MOCK_FLAGS_DEVICE_NO_DIRTY|MOCK_FLAGS_DEVICE_PASID|0x2');
  expect(mock_flags_access.format(0x10001)).toBe('MOCK_FLAGS_ACCESS_WRITE|MOCK_FLAGS_ACCESS_SYZ');
  expect(mock_flags_access_create.format(1)).toBe('MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES');
  expect(mock_access_rw.format(4)).toBe('MOCK_ACCESS_RW_SLOW_PATH');
});

test('a large page', () => {
  expect(MOCK_HUGE_PAGE_SIZE).toBe(1048576);
});

function withByte(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = 1;
  return changed;
}
