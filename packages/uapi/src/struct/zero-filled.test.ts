import { describe, expect, test } from '@jest/globals';
import { iommu_hw_info, iommu_hw_info_type } from '../iommufd/hw-info.js';
import { iommu_hwpt_alloc } from '../iommufd/hwpt-alloc.js';
import { iommu_test_cmd, iommu_test_op } from '../selftest/test-cmd.js';
import { smmuv3_event } from '../smmuv3/event.js';
import { iommu_hw_info_arm_smmuv3 } from '../smmuv3/iommufd.js';
import { smmuv3_ste } from '../smmuv3/ste.js';
import {
  array,
  decode,
  encode,
  encodeZeroFilled,
  flexible,
  struct,
  toHex,
  u16,
  u32,
  union,
} from './index.js';

const point = struct('point', '', { x: u16.in(''), y: u16.in('') });
const nested = struct('nested', '', {
  n: u32.in(''),
  at: point.in(''),
  list: array(point, 2).in(''),
  either: union({ small: u16, wide: u32 }).in(''),
});

describe('missing parts are zero', () => {
  test('in a struct, including its added fields', () => {
    const bytes = encodeZeroFilled(iommu_hwpt_alloc, { dev_id: 5, fault_id: 7 });
    const zero = decode(iommu_hwpt_alloc, new Uint8Array(48));
    expect(decode(iommu_hwpt_alloc, bytes)).toEqual({ ...zero, dev_id: 5, fault_id: 7 });
    // A smaller size does not select an older version.
    expect(encodeZeroFilled(iommu_hwpt_alloc, { size: 24 })).toHaveLength(48);
  });

  test('in nested structs and arrays', () => {
    const bytes = encodeZeroFilled(nested, { at: { y: 2 }, list: [{ x: 3 }], either: { small: 4 } });
    expect(toHex(bytes)).toBe('00000000' + '00000200' + '03000000' + '00000000' + '04000000');
    expect(toHex(encodeZeroFilled(nested, { list: [, { y: 1 }] }))).toBe(
      '00'.repeat(14) + '0100' + '00000000',
    );
  });

  test('in a record of bits', () => {
    const { V, Config, ...others } = decode(smmuv3_ste, encodeZeroFilled(smmuv3_ste, { V: 1, Config: 5 }));
    expect([V, Config]).toEqual([1, 5]);
    expect(new Set(Object.values(others).map(Number))).toEqual(new Set([0]));
  });

  test('in a form of a record, and after an unknown tag', () => {
    const event = { EventNumber: 0x10, StreamID: 9, InputAddr: 0x1000n } as const;
    expect(decode(smmuv3_event, encodeZeroFilled(smmuv3_event, event))).toMatchObject({ ...event, Stall: 0 });
    const unknown = encodeZeroFilled(smmuv3_event, { EventNumber: 200 });
    expect(toHex(unknown)).toBe('c8' + '00'.repeat(31));
  });

  test('in unions, also in the member that an earlier field selects', () => {
    const { IOMMU_HW_INFO_TYPE_AMD: in_data_type } = iommu_hw_info_type;
    const info = decode(iommu_hw_info, encodeZeroFilled(iommu_hw_info, { in_data_type }));
    expect(info).toMatchObject({
      in_data_type,
      out_data_type: in_data_type,
      dev_id: 0,
      out_capabilities: 0n,
    });
    const op = iommu_test_op.IOMMU_TEST_OP_ACCESS_RW;
    const command = encodeZeroFilled(iommu_test_cmd, { op, access_rw: { length: 8n } });
    expect(decode(iommu_test_cmd, command)).toMatchObject({ op, access_rw: { iova: 0n, length: 8n } });
    expect(decode(iommu_test_cmd, encodeZeroFilled(iommu_test_cmd, { op }))).toHaveProperty(
      'access_rw.flags',
      0,
    );
  });

  test('but a flexible array has the given length', () => {
    const open = struct('open', '', { n: u32.in(''), points: flexible(point).in('') });
    expect(encodeZeroFilled(open, { n: 1 })).toHaveLength(4);
    expect(toHex(encodeZeroFilled(open, { points: [{}, { y: 1 }] }))).toBe(
      '00000000' + '00000000' + '00000100',
    );
  });
});

test('a complete value is encoded as by encode', () => {
  const info = { flags: 1, idr: [1, 2, 3, 4, 5, 6], iidr: 7, aidr: 8 } as const;
  expect(encodeZeroFilled(iommu_hw_info_arm_smmuv3, info)).toEqual(encode(iommu_hw_info_arm_smmuv3, info));
});

test.each<[what: string, encoded: () => unknown, message: string]>([
  [
    'a number out of range',
    () => encodeZeroFilled(nested, { at: { x: 65536 } }),
    'nested.at.x at offset 4: expected an integer from 0 to 65535, found 65536',
  ],
  [
    'an array that is too long',
    // @ts-expect-error two elements
    () => encodeZeroFilled(nested, { list: [{}, {}, {}] }),
    'nested.list at offset 8: expected an array of 2, found an array of 3',
  ],
  [
    'an unknown field',
    // @ts-expect-error no such field
    () => encodeZeroFilled(point, { x: 1, z: 2 }),
    'point.z at offset 0: expected a field of point, found no such field',
  ],
  [
    'members of a union that contradict each other',
    () => encodeZeroFilled(nested, { either: { small: 1, wide: 2 } }),
    'nested.either.wide at offset 16: expected the same bytes as small, found 2',
  ],
  [
    'a member of a union that the field does not select',
    () => encodeZeroFilled(iommu_test_cmd, { op: iommu_test_op.IOMMU_TEST_OP_ACCESS_RW, dirty: {} }),
    'iommu_test_cmd.dirty at offset 16: expected access_rw, as op is 8, found dirty',
  ],
  [
    'a record without the number of its form',
    // @ts-expect-error the number that marks the form is missing
    () => encodeZeroFilled(smmuv3_event, { StreamID: 1 }),
    'smmuv3_event.EventNumber at offset 0: expected an integer from 0 to 255, found nothing',
  ],
  [
    'a value that is not an object',
    // @ts-expect-error a number
    () => encodeZeroFilled(point, 5),
    'point at offset 0: expected an object with the fields of point, found 5',
  ],
])('%s is refused', (_what, encoded, message) => {
  expect(encoded).toThrow(message);
});
