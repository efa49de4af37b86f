import { describe, expect, test } from '@jest/globals';
import type { Ioctl } from '../ioctl.js';
import {
  annotate,
  type AnyType,
  decode,
  encode,
  fromHex,
  fromJson,
  type Json,
  toHex,
  toJson,
} from '../struct/index.js';
import * as vfio from './index.js';
import { errorOf } from '../struct/error-of.testing.js';

/** A struct, a value as JSON in which every field differs, and its bytes. */
type Row = readonly [type: AnyType, json: Json, hex: string];

const rows: readonly Row[] = [
  [vfio.vfio_group_status, { argsz: 8, flags: 3 }, '08000000 03000000'],
  [vfio.vfio_info_cap_header, { id: 0x0102, version: 0x0304, next: 0x05060708 }, '0201 0403 08070605'],
  [
    vfio.vfio_iommu_type1_info,
    { argsz: 0x50, flags: 3, iova_pgsizes: '0x40201000', cap_offset: 0x18, pad: 0 },
    '50000000 03000000 0010204000000000 18000000 00000000',
  ],
  [
    vfio.vfio_iommu_type1_info_cap_migration,
    {
      header: { id: 2, version: 1, next: 0x48 },
      flags: 9,
      pgsize_bitmap: '0x1000',
      max_dirty_bitmap_size: '0x10000000',
    },
    '0200 0100 48000000 09000000 00000000 0010000000000000 0000001000000000',
  ],
  [
    vfio.vfio_iommu_type1_info_dma_avail,
    { header: { id: 3, version: 1, next: 0x24 }, avail: 0xffffffff },
    '0300 0100 24000000 ffffffff',
  ],
  [
    vfio.vfio_iommu_type1_dma_map,
    { argsz: 32, flags: 3, vaddr: '0x7f1122334000', iova: '0x8000005000', size: '0x6000' },
    '20000000 03000000 00403322117f0000 0050000080000000 0060000000000000',
  ],
  [
    vfio.vfio_bitmap,
    { pgsize: '0x1000', size: '0x8', data: '0x7ffe00001230' },
    '0010000000000000 0800000000000000 30120000fe7f0000',
  ],
  [
    vfio.vfio_iommu_type1_dirty_bitmap_get,
    { iova: '0x10000', size: '0x20000', bitmap: { pgsize: '0x1000', size: '0x40', data: '0xaabb0000' } },
    '0000010000000000 0000020000000000 0010000000000000 4000000000000000 0000bbaa00000000',
  ],
  [
    vfio.vfio_device_info,
    { argsz: 0x20, flags: 0x83, num_regions: 9, num_irqs: 5, cap_offset: 0x18, pad: 0 },
    '20000000 83000000 09000000 05000000 18000000 00000000',
  ],
  [
    vfio.vfio_region_info,
    { argsz: 0x40, flags: 0xf, index: 7, cap_offset: 0x20, size: '0x1000', offset: '0x70000000000' },
    '40000000 0f000000 07000000 20000000 0010000000000000 0000000000070000',
  ],
  [
    vfio.vfio_irq_info,
    { argsz: 16, flags: 9, index: 2, count: 0x800 },
    '10000000 09000000 02000000 00080000',
  ],
  [
    vfio.vfio_device_bind_iommufd,
    { argsz: 24, flags: 1, iommufd: -2, out_devid: 0x0a0b0c0d, token_uuid_ptr: '0x7fff12345678' },
    '18000000 01000000 feffffff 0d0c0b0a 78563412ff7f0000',
  ],
  [
    vfio.vfio_device_attach_iommufd_pt,
    { argsz: 16, flags: 1, pt_id: 3, pasid: 0xfffff },
    '10000000 01000000 03000000 ffff0f00',
  ],
  [vfio.vfio_device_detach_iommufd_pt, { argsz: 12, flags: 1, pasid: 0x400 }, '0c000000 01000000 00040000'],
  [vfio.vfio_device_feature_migration, { flags: '0x7' }, '0700000000000000'],
  [vfio.vfio_device_feature_mig_state, { device_state: 3, data_fd: -1 }, '03000000 ffffffff'],
  [vfio.vfio_device_feature_mig_data_size, { stop_copy_length: '0x123456789a' }, '9a78563412000000'],
  [
    vfio.vfio_device_feature_dma_logging_control,
    { page_size: '0x1000', num_ranges: 2, __reserved: 0, ranges: '0x7f0000001000' },
    '0010000000000000 02000000 00000000 00100000007f0000',
  ],
  [
    vfio.vfio_device_feature_dma_logging_range,
    { iova: '0x100000000', length: '0x200000' },
    '0000000001000000 0000200000000000',
  ],
  [
    vfio.vfio_device_feature_dma_logging_report,
    { iova: '0x100000000', length: '0x200000', page_size: '0x1000', bitmap: '0x7f0000002000' },
    '0000000001000000 0000200000000000 0010000000000000 00200000007f0000',
  ],
  [vfio.vfio_device_feature_bus_master, { op: 1 }, '01000000'],
  [
    vfio.vfio_device_ioeventfd,
    { argsz: 32, flags: 4, offset: '0x20000000060', data: '0x1122334455667788', fd: -1, reserved: 0 },
    '20000000 04000000 6000000000020000 8877665544332211 ffffffff 00000000',
  ],
  [vfio.vfio_device_low_power_entry_with_wakeup, { wakeup_eventfd: 7, reserved: 9 }, '07000000 09000000'],
  [
    vfio.vfio_precopy_info,
    { argsz: 24, flags: 1, initial_bytes: '0x100', dirty_bytes: '0x200' },
    '18000000 01000000 0001000000000000 0002000000000000',
  ],
  [
    vfio.vfio_device_info_cap_pci_atomic_comp,
    { header: { id: 5, version: 1, next: 0 }, flags: 6, reserved: 0 },
    '0500 0100 00000000 06000000 00000000',
  ],
  [
    vfio.vfio_region_info_cap_type,
    { header: { id: 2, version: 1, next: 0x30 }, type: 0x80008086, subtype: 1 },
    '0200 0100 30000000 86800080 01000000',
  ],
  [
    vfio.vfio_region_gfx_edid,
    { edid_offset: 0x40, edid_max_size: 0x200, edid_size: 0x80, max_xres: 1, max_yres: 2, link_state: 2 },
    '40000000 00020000 80000000 01000000 02000000 02000000',
  ],
  [vfio.vfio_device_feature_zpci_err, { data: '0x7f0000003000' }, '00300000007f0000'],
];

test.each(rows.map((row) => [row[0].name, ...row] as const))('%s', (_name, type, json, hex) => {
  const bytes = fromHex(hex);
  expect(toHex(encode(type, fromJson(type, json)))).toBe(toHex(bytes));
  expect(toJson(type, decode(type, bytes))).toEqual(json);
});

const cap = '0100 0100 00000000';

/** Structs that end in an array: the bytes before it, and elements as JSON and hex. */
const open: readonly {
  type: AnyType;
  key: string;
  head: Record<string, Json>;
  hex: string;
  elements: readonly (readonly [Json, string])[];
}[] = [
  {
    type: vfio.vfio_iommu_type1_info_cap_iova_range,
    key: 'iova_ranges',
    head: { header: { id: 1, version: 1, next: 0 }, nr_iovas: 3, reserved: 0 },
    hex: `${cap} 03000000 00000000`,
    elements: [
      [{ start: '0x0', end: '0xfedfffff' }, '0000000000000000 ffffdffe00000000'],
      [{ start: '0xfef00000', end: '0xffffffff' }, '0000f0fe00000000 ffffffff00000000'],
      [{ start: '0x100000000', end: '0xffffffffffff' }, '0000000001000000 ffffffffffff0000'],
    ],
  },
  {
    type: vfio.vfio_device_feature_dma_buf,
    key: 'dma_ranges',
    head: { region_index: 2, open_flags: 0x80002, flags: 0, nr_ranges: 3 },
    hex: '02000000 02000800 00000000 03000000',
    elements: [
      [{ offset: '0x0', length: '0x1000' }, '0000000000000000 0010000000000000'],
      [{ offset: '0x4000', length: '0x2000' }, '0040000000000000 0020000000000000'],
      [{ offset: '0x10000', length: '0x3000' }, '0000010000000000 0030000000000000'],
    ],
  },
  {
    type: vfio.vfio_pci_hot_reset_info,
    key: 'devices',
    head: { argsz: 36, flags: 1, count: 3 },
    hex: '24000000 01000000 03000000',
    elements: [
      [{ group_id: 5, devid: 5, segment: 0x0102, bus: 2, devfn: 8 }, '05000000 0201 02 08'],
      [{ group_id: 0, devid: 0, segment: 0, bus: 2, devfn: 9 }, '00000000 0000 02 09'],
      [{ group_id: 0xffffffff, devid: 0xffffffff, segment: 0, bus: 3, devfn: 0 }, 'ffffffff 0000 03 00'],
    ],
  },
  {
    type: vfio.vfio_region_info_cap_sparse_mmap,
    key: 'areas',
    head: { header: { id: 1, version: 1, next: 0 }, nr_areas: 3, reserved: 0 },
    hex: `${cap} 03000000 00000000`,
    elements: [
      [{ offset: '0x0', size: '0x2000' }, '0000000000000000 0020000000000000'],
      [{ offset: '0x3000', size: '0x1000' }, '0030000000000000 0010000000000000'],
      [{ offset: '0x8000', size: '0x8000' }, '0080000000000000 0080000000000000'],
    ],
  },
];

describe.each(open)('$type.name', ({ type, key, head, hex, elements }) => {
  test.each([0, 1, 3])('%d elements', (count) => {
    const json = { ...head, [key]: elements.slice(0, count).map(([element]) => element) };
    const bytes = fromHex(
      hex +
        elements
          .slice(0, count)
          .map(([, element]) => element)
          .join(''),
    );
    expect(toHex(encode(type, fromJson(type, json)))).toBe(toHex(bytes));
    expect(toJson(type, decode(type, bytes))).toEqual(json);
  });

  test('an element that is cut short', () => {
    const whole = fromHex(hex + elements.map(([, element]) => element).join(''));
    const cut = whole.subarray(0, whole.length - 5);
    const elementSize = (whole.length - fromHex(hex).length) / elements.length;
    expect(errorOf(() => decode(type, cut))).toMatchObject({
      path: key,
      offset: whole.length - elementSize,
      found: `${elementSize - 5} bytes at the end`,
    });
  });
});

describe('bytes at the end', () => {
  test('vfio_irq_set with two eventfds and a hole', () => {
    const value = {
      argsz: 32,
      flags:
        vfio.vfio_irq_set_flags.VFIO_IRQ_SET_DATA_EVENTFD |
        vfio.vfio_irq_set_flags.VFIO_IRQ_SET_ACTION_TRIGGER,
      index: 2,
      start: 1,
      count: 3,
      data: fromHex('09000000 ffffffff 0a000000'),
    };
    const bytes = fromHex('20000000 24000000 02000000 01000000 03000000 09000000 ffffffff 0a000000');
    expect(encode(vfio.vfio_irq_set, value)).toEqual(bytes);
    expect(decode(vfio.vfio_irq_set, bytes)).toEqual(value);
  });

  test('vfio_pci_hot_reset with two groups', () => {
    const value = { argsz: 20, flags: 0, count: 2, group_fds: [9, -1] };
    const bytes = fromHex('14000000 00000000 02000000 09000000 ffffffff');
    expect(encode(vfio.vfio_pci_hot_reset, value)).toEqual(bytes);
    expect(decode(vfio.vfio_pci_hot_reset, bytes)).toEqual(value);
  });

  test('vfio_iommu_type1_dma_unmap without and with a bitmap', () => {
    const type = vfio.vfio_iommu_type1_dma_unmap;
    const plain = { argsz: 24, flags: 2, iova: 0n, size: 0n, data: new Uint8Array() };
    const hex = '18000000 02000000 0000000000000000 0000000000000000';
    expect(encode(type, plain)).toEqual(fromHex(hex));
    expect(decode(type, fromHex(hex))).toEqual(plain);

    const data = encode(vfio.vfio_bitmap, { pgsize: 0x1000n, size: 8n, data: 0x7000n });
    const dirty = { argsz: 48, flags: 1, iova: 0x1000n, size: 0x40000n, data };
    const bytes = fromHex(
      '30000000 01000000 0010000000000000 0000040000000000 0010000000000000 0800000000000000 0070000000000000',
    );
    expect(encode(type, dirty)).toEqual(bytes);
    const decoded = decode(type, bytes);
    expect(decode(vfio.vfio_bitmap, decoded.data)).toEqual({ pgsize: 0x1000n, size: 8n, data: 0x7000n });
  });

  test('vfio_iommu_type1_dirty_bitmap', () => {
    const value = { argsz: 12, flags: 4, data: fromHex('01020304') };
    expect(encode(vfio.vfio_iommu_type1_dirty_bitmap, value)).toEqual(fromHex('0c000000 04000000 01020304'));
    expect(decode(vfio.vfio_iommu_type1_dirty_bitmap, fromHex('08000000 01000000'))).toEqual({
      argsz: 8,
      flags: 1,
      data: new Uint8Array(),
    });
  });

  test('vfio_device_feature with the data of its feature', () => {
    const data = encode(vfio.vfio_device_feature_mig_state, { device_state: 2, data_fd: -1 });
    const bytes = fromHex('10000000 02000200 02000000 ffffffff');
    expect(encode(vfio.vfio_device_feature, { argsz: 16, flags: 0x20002, data })).toEqual(bytes);
    const { flags, data: decoded } = decode(vfio.vfio_device_feature, bytes);
    const type = vfio.vfio_device_feature_data[flags & vfio.VFIO_DEVICE_FEATURE_MASK];
    expect(type).toBe(vfio.vfio_device_feature_mig_state);
    expect(decode(vfio.vfio_device_feature_mig_state, decoded)).toEqual({ device_state: 2, data_fd: -1 });
  });

  test('a cut struct names the field', () => {
    expect(errorOf(() => decode(vfio.vfio_irq_set, new Uint8Array(18)))).toMatchObject({
      path: 'count',
      offset: 16,
    });
    expect(errorOf(() => decode(vfio.vfio_device_feature, new Uint8Array(7)))).toMatchObject({
      path: 'flags',
      offset: 4,
    });
  });
});

describe('what must be zero', () => {
  test.each([
    [vfio.vfio_device_info, 20, 'pad'],
    [vfio.vfio_iommu_type1_info, 21, 'pad'],
    [vfio.vfio_iommu_type1_info_cap_iova_range, 15, 'reserved'],
    [vfio.vfio_device_feature_dma_logging_control, 12, '__reserved'],
    [vfio.vfio_iommu_type1_info_cap_migration, 13, ''],
  ] as const)('%s', (type: AnyType, offset, path) => {
    const bytes = new Uint8Array(type.byteLength);
    bytes[offset] = 0x5a;
    expect(errorOf(() => decode(type, bytes))).toMatchObject({ offset, path, found: '0x5a' });
    expect(() => decode(type, bytes, { lenient: true })).not.toThrow();
  });
});

describe('names', () => {
  test.each([
    [0x10001, 'VFIO_DEVICE_FEATURE_MIGRATION|VFIO_DEVICE_FEATURE_GET'],
    [0x60006, 'VFIO_DEVICE_FEATURE_DMA_LOGGING_START|VFIO_DEVICE_FEATURE_SET|VFIO_DEVICE_FEATURE_PROBE'],
    [0x20000, 'VFIO_DEVICE_FEATURE_PCI_VF_TOKEN|VFIO_DEVICE_FEATURE_SET'],
    [0x8001000b, 'VFIO_DEVICE_FEATURE_DMA_BUF|VFIO_DEVICE_FEATURE_GET|0x80000000'],
    [0x4ffff, '0xffff|VFIO_DEVICE_FEATURE_PROBE'],
  ])('feature flags %d', (flags, text) => {
    expect(vfio.vfio_device_feature_flags.format(flags)).toBe(text);
    const bytes = encode(vfio.vfio_device_feature, { argsz: 8, flags, data: new Uint8Array() });
    expect(annotate(vfio.vfio_device_feature, bytes).map(({ path, text }) => [path, text])).toEqual([
      ['argsz', '8'],
      ['flags', text],
    ]);
    expect(decode(vfio.vfio_device_feature, bytes).flags).toBe(flags);
  });

  test('a state without a name stays a number', () => {
    const bytes = fromHex('63000000 ffffffff');
    expect(decode(vfio.vfio_device_feature_mig_state, bytes).device_state).toBe(99);
    expect(annotate(vfio.vfio_device_feature_mig_state, bytes)[0]?.text).toBe('0x63');
  });
});

describe('requests', () => {
  const ioctls = Object.entries<unknown>(vfio).flatMap(([name, declared]) =>
    isIoctl(declared) ? [[name, declared] as const] : [],
  );

  test('each is exported by its own name', () => {
    expect(ioctls.length).toBe(28);
    for (const [name, ioctl] of ioctls) expect(ioctl.name).toBe(name);
  });

  test('no two on the same kind of file have the same number', () => {
    const taken = ioctls.flatMap(([, { request, files }]) => files.map((file) => `${file} ${request}`));
    expect(new Set(taken).size).toBe(taken.length);
  });

  test('two on different kinds of file do', () => {
    expect(vfio.VFIO_DEVICE_FEATURE.request).toBe(15221);
    expect(vfio.VFIO_IOMMU_DIRTY_PAGES.request).toBe(15221);
  });

  test('a file descriptor behind a pointer', () => {
    expect(toHex(encode(vfio.VFIO_GROUP_SET_CONTAINER.struct, 5))).toBe('05000000');
  });
});

test('the first versions of structs that have grown since', () => {
  const lengths = [
    vfio.vfio_device_info,
    vfio.vfio_iommu_type1_info,
    vfio.vfio_device_bind_iommufd,
    vfio.vfio_device_attach_iommufd_pt,
    vfio.vfio_device_detach_iommufd_pt,
  ].map(({ minByteLength }) => minByteLength);
  expect(lengths).toEqual([16, 16, 16, 12, 8]);
});

test('device_api', () => {
  expect(Object.values(vfio.vfio_device_api)).toEqual([
    'vfio-pci',
    'vfio-platform',
    'vfio-amba',
    'vfio-ccw',
    'vfio-ap',
  ]);
});

function isIoctl(declared: unknown): declared is Ioctl {
  return typeof declared === 'object' && declared !== null && 'kind' in declared && declared.kind === 'ioctl';
}
