import { expect, test } from '@jest/globals';
import * as r from 'restructure';
import { iommu_hw_info } from '../iommufd/hw-info.js';
import { iommu_hwpt_alloc } from '../iommufd/hwpt-alloc.js';
import { iommu_ioas_alloc } from '../iommufd/ioas.js';
import { smmuv3_event } from '../smmuv3/event.js';
import {
  annotate,
  array,
  bits,
  bitStruct,
  decode,
  decodeArray,
  encode,
  encodeArray,
  encodeInto,
  flexible,
  flexibleBytes,
  fromJson,
  reserved,
  struct,
  StructError,
  taggedUnion,
  toHex,
  u16,
  u32,
  u64,
  union,
  view,
} from './index.js';

const point = struct('point', '', { x: u16.in(''), y: u32.in('') });
const nested = struct('nested', '', {
  list: array(point, 2).in(''),
  either: union({ a: u32, b: u16 }).in(''),
});
const blob = struct('blob', '', { n: u32.in(''), data: flexibleBytes.in('') });
const counted = struct('counted', '', { n: u32.in(''), items: flexible(u16).in('') });

test('a restructure stream without space fails, and nothing is written', () => {
  const memory = new Uint8Array(48).fill(0xee);
  const event = { EventNumber: 2, StreamID: 1, SSV: 0, SubstreamID: 0 } as const;
  const short = new r.EncodeStream(memory.subarray(0, 8));
  expect(() => smmuv3_event.encode(short, event)).toThrow(
    'smmuv3_event at offset 0: expected room for 32 bytes, found 8',
  );
  const long = new r.EncodeStream(memory);
  expect(() => iommu_ioas_alloc.encode(long, { size: 12, flags: 1, out_ioas_id: -1 })).toThrow(StructError);
  expect([short.pos, long.pos]).toEqual([0, 0]);
  expect(memory).toEqual(new Uint8Array(48).fill(0xee));
});

test('a hole in an array is a missing element', () => {
  const list: [number, number, number] = [1, 2, 3];
  Reflect.deleteProperty(list, 1);
  const three = struct('three', '', { list: array(u32, 3).in('') });
  expect(() => encode(three, { list })).toThrow('three.list[1] at offset 4');
  expect(() => encode(counted, { n: 3, items: list })).toThrow('counted.items[1] at offset 6');
  expect(() => encodeArray(u32, list)).toThrow('__u32[1] at offset 4');
});

test('an older struct in an array has no data of the one before it', () => {
  const full = {
    size: 48,
    flags: 0,
    dev_id: 1,
    pt_id: 1,
    out_hwpt_id: 0,
    data_type: 7,
    data_len: 8,
    data_uptr: 9n,
    fault_id: 3,
  };
  const older = { size: 24, flags: 0, dev_id: 1, pt_id: 1, out_hwpt_id: 0 };
  const bytes = encodeArray(iommu_hwpt_alloc, [full, older]);
  expect(toHex(bytes.subarray(48))).toBe(toHex(encode(iommu_hwpt_alloc, older)) + '00'.repeat(24));
});

test.each(['toString', 'constructor', 'hasOwnProperty'])('%s is not a field of any type', (name) => {
  const record = bitStruct('record', '', 4, { low: bits(3, 0, '') });
  expect(() => encode(record, { low: 1, [name]: 5 })).toThrow(`record.${name}`);
  expect(() => fromJson(record, { low: 1, [name]: 5 })).toThrow(`record.${name}`);
  expect(() => encode(point, { x: 1, y: 2, [name]: 5 })).toThrow(`point.${name}`);
});

test('a named union has only its own members', () => {
  const value = {
    list: [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ],
    either: { a: 5, zzz: 6 },
  } as const;
  expect(() => encode(nested, value)).toThrow(
    'nested.either.zzz at offset 16: expected one of a, b, found no such member',
  );
  expect(() => fromJson(nested, value)).toThrow('nested.either.zzz');
});

test('errors inside unions have the offset in the buffer', () => {
  const value = {
    size: 40,
    flags: 0,
    dev_id: 1,
    data_len: 0,
    data_uptr: 0n,
    in_data_type: -1,
    out_max_pasid_log2: 0,
    out_capabilities: 0n,
  };
  expect(() => encode(iommu_hw_info, value)).toThrow('iommu_hw_info.in_data_type at offset 24');
});

test('errors of views have the whole path', () => {
  const place = view(nested, new Uint8Array(24), 4);
  expect(() => (place.list.get(1).y = -1)).toThrow('nested.list[1].y at offset 16');
  expect(() => (place.either.a = -3)).toThrow('nested.either.a at offset 20');
  place.either.b = 7;
  expect(place.either.a).toBe(7);
});

test.each([-1, 0.5, NaN, Infinity])('%d is not an offset', (offset) => {
  const around = new Uint8Array(64);
  expect(() => view(point, around, offset)).toThrow(StructError);
  expect(() => encodeInto(point, { x: 1, y: 2 }, around, offset)).toThrow(StructError);
  expect(() => view(blob, around.subarray(32, 48), -20)).toThrow('an offset of 0 or more');
  expect(around).toEqual(new Uint8Array(64));
});

test.each<[what: string, bytes: unknown]>([
  ['nothing', undefined],
  ['a string', '0000'],
  ['an array', [0, 0]],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a DataView', new DataView(new ArrayBuffer(8))],
  ['an array of words', new Uint16Array(4)],
])('%s is not a buffer', (_what, bytes) => {
  expect(() => decode(point, bytes as Uint8Array)).toThrow('expected a Uint8Array');
  expect(() => view(point, bytes as Uint8Array)).toThrow('expected a Uint8Array');
  expect(() => encodeInto(point, { x: 1, y: 2 }, bytes as Uint8Array)).toThrow('expected a Uint8Array');
  expect(() => decodeArray(point, bytes as Uint8Array)).toThrow(StructError);
});

/** Provided by Node and browsers. The package itself does not use it. */
declare function structuredClone(value: unknown, options: { transfer: unknown[] }): unknown;

test('a buffer that was transferred away has no bytes', () => {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  expect(() => decode(point, bytes)).toThrow('point.x at offset 0: expected 8 bytes in all, found 0');
});

test('invalid declarations are refused', () => {
  expect(() => array(blob, 2)).toThrow('an array of blob, whose size is open');
  expect(() => encodeArray(blob, [])).toThrow('an array of blob, whose size is open');
  expect(() => struct('bad', '', { data: flexibleBytes.in(''), after: u32.in('') })).toThrow(
    'bad.data: only the last field',
  );
  expect(() => struct('bad', '', { op: u64.in(''), '': taggedUnion('op', { a: [1, u32] }).in('') })).toThrow(
    'op is not an earlier field',
  );
  expect(() => struct('bad', '', { '': taggedUnion('op', { a: [1, u32] }).in(''), op: u32.in('') })).toThrow(
    'op is not an earlier field',
  );
  expect(() => bits(59, 0, '')).toThrow('these must be 1 to 32 bits');
  expect(() => bits(1.5, 0, '')).toThrow('these must be');
  expect(() => bitStruct('bad', '', 6, {})).toThrow('neither 4 nor whole words of 8');
});

test('annotations report everything that decoding refuses', () => {
  const problems = (bytes: Uint8Array) => annotate(point, bytes).flatMap(({ problem }) => problem ?? []);
  expect(problems(new Uint8Array(8))).toEqual([]);
  expect(problems(new Uint8Array(12))).toEqual(['no part of point']);
  const hidden = struct('hidden', '', {
    __reserved: reserved(bitStruct('word', '', 4, { low: bits(3, 0, '') })),
  });
  expect(annotate(hidden, new Uint8Array([5, 0, 0, 0]))).toMatchObject([
    { kind: 'reserved', problem: 'must be zero' },
  ]);
  expect(annotate(counted, new Uint8Array([1, 0, 0, 0, 2, 0, 3])).at(-1)).toMatchObject({
    kind: 'rest',
    problem: 'no part of counted',
  });
});

test('numbers of any width may be hex or decimal digits in JSON', () => {
  expect(fromJson(point, { x: '0x10', y: '17' })).toEqual({ x: 16, y: 17 });
  expect(fromJson(smmuv3_event, { EventNumber: '0x6', StreamID: '0x9' })).toEqual({
    EventNumber: 6,
    StreamID: 9,
  });
  expect(() => fromJson(point, { x: '0x10000', y: 1 })).toThrow(
    'point.x at offset 0: expected an integer from 0 to 65535, found 65536n',
  );
  expect(() => fromJson(smmuv3_event, { EventNumber: 0x30, raw: 'xyz' })).toThrow('smmuv3_event.raw');
});

test('long arrays take linear time', () => {
  const bytes = new Uint8Array(0x20000 * 4);
  expect(decodeArray(point, bytes, { stride: 4 })).toHaveLength(0x20000);
});
