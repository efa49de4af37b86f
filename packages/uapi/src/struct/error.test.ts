import { expect, test } from '@jest/globals';
import {
  array,
  bit,
  bits,
  bitStruct,
  decode,
  encode,
  encodeInto,
  flexible,
  fromHex,
  reserved,
  s32,
  struct,
  StructError,
  structSize,
  taggedUnion,
  u16,
  u32,
  u64,
  u8,
  union,
  view,
} from './index.js';
import { errorOf } from './error-of.testing.js';

const point = struct('point', 'Two numbers.', { x: u32.in('Across.'), y: u32.in('Up.') });
const shape = struct(
  'shape',
  'All kinds of field.',
  {
    size: structSize.in('Size.'),
    kind: u16.in('Kind.'),
    small: u8.in('Small.'),
    __reserved: reserved(u8),
    big: u64.in('Big.'),
    signed: s32.in('Signed.'),
    at: point.in('Where.'),
    list: array(u16, 3).in('Three.'),
  },
  { added: { added: u64.in('Added later.') } },
);
const value = {
  size: 48,
  kind: 1,
  small: 2,
  big: 3n,
  signed: -4,
  at: { x: 5, y: 6 },
  list: [7, 8, 9],
  added: 10n,
} as const;

test('the value used below is valid', () => {
  const hex =
    '30000000' + '0100' + '02' + '00' + '0300000000000000' + 'fcffffff' + '0500000006000000' + '070008000900';
  expect(encode(shape, value)).toEqual(fromHex(hex + '0000' + '0000' + '0000' + '0a00000000000000'));
});

const wrongValues: [
  what: string,
  value: object,
  path: string,
  offset: number,
  expected: string,
  found: string,
][] = [
  ['a missing field', { ...value, kind: undefined }, 'kind', 4, '__u16', 'nothing'],
  ['an unknown field', { ...value, knid: 1 }, 'knid', 0, 'a field of shape', 'no such field'],
  ['a number above its range', { ...value, kind: 65536 }, 'kind', 4, 'an integer from 0 to 65535', '65536'],
  ['a number below its range', { ...value, small: -1 }, 'small', 6, 'an integer from 0 to 255', '-1'],
  ['a fraction', { ...value, small: 1.5 }, 'small', 6, 'an integer from 0 to 255', '1.5'],
  ['not a number', { ...value, small: NaN }, 'small', 6, 'an integer from 0 to 255', 'NaN'],
  ['a string', { ...value, small: '1' }, 'small', 6, 'an integer from 0 to 255', '"1"'],
  ['a bigint where a number belongs', { ...value, small: 1n }, 'small', 6, 'an integer from 0 to 255', '1n'],
  [
    'a number where a bigint belongs',
    { ...value, big: 3 },
    'big',
    8,
    'a bigint from 0 to 18446744073709551615',
    '3',
  ],
  [
    'a bigint of 65 bits',
    { ...value, big: 1n << 64n },
    'big',
    8,
    'a bigint from 0 to 18446744073709551615',
    '18446744073709551616n',
  ],
  [
    'a signed overflow',
    { ...value, signed: 2 ** 31 },
    'signed',
    16,
    'an integer from -2147483648 to 2147483647',
    '2147483648',
  ],
  ['a nested field', { ...value, at: { x: 5, y: -6 } }, 'at.y', 24, 'an integer from 0 to 4294967295', '-6'],
  ['a nested field that is missing', { ...value, at: { x: 5 } }, 'at.y', 24, '__u32', 'nothing'],
  [
    'an unknown nested field',
    { ...value, at: { x: 5, y: 6, z: 7 } },
    'at.z',
    20,
    'a field of point',
    'no such field',
  ],
  ['a number for a struct', { ...value, at: 5 }, 'at', 20, 'an object with the fields of point', '5'],
  ['null for a struct', { ...value, at: null }, 'at', 20, 'an object with the fields of point', 'null'],
  ['a short array', { ...value, list: [7, 8] }, 'list', 28, 'an array of 3', 'an array of 2'],
  ['a long array', { ...value, list: [7, 8, 9, 10] }, 'list', 28, 'an array of 3', 'an array of 4'],
  [
    'a wrong element',
    { ...value, list: [7, 65536, 9] },
    'list[1]',
    30,
    'an integer from 0 to 65535',
    '65536',
  ],
  ['a reserved field', { ...value, __reserved: 9 }, '__reserved', 7, 'zero', '0x9'],
  ['a tail that is absent', { ...value, added: undefined }, 'added', 40, '__u64', 'nothing'],
];

test.each(wrongValues)('encoding fails for %s', (_what, wrong, path, offset, expected, found) => {
  const error = errorOf(() => encode(shape, wrong as typeof value));
  expect(error).toMatchObject({ struct: 'shape', path, offset, expected, found });
  expect(error.message).toBe(`shape.${path} at offset ${offset}: expected ${expected}, found ${found}`);
});

const good = encode(shape, value);
const changed = (at: number, byte: number): Uint8Array => good.map((old, i) => (i === at ? byte : old));

test.each<[what: string, bytes: Uint8Array, path: string, offset: number]>([
  ['a buffer that ends in a field', good.subarray(0, 22), 'at.x', 20],
  ['a buffer that ends in an array', good.subarray(0, 31), 'list[1]', 30],
  ['an empty buffer', new Uint8Array(), 'size', 0],
  ['a reserved field', changed(7, 1), '__reserved', 7],
  ['padding', changed(35, 1), '', 35],
  ['a buffer that is too long', new Uint8Array([...good, 0, 0, 0, 0]), '', 48],
])('decoding %s', (_what, bytes, path, offset) => {
  expect(errorOf(() => decode(shape, bytes))).toMatchObject({ struct: 'shape', path, offset });
});

test('lenient decoding returns reserved fields and ignores padding', () => {
  expect(decode(shape, changed(7, 1), { lenient: true })).toEqual({ ...value, __reserved: 1 });
  expect(decode(shape, changed(35, 1), { lenient: true })).toEqual({ ...value, __reserved: 0 });
  expect(() => decode(shape, good.subarray(0, 22), { lenient: true })).toThrow(StructError);
});

test('nothing is written if a value is invalid', () => {
  const buffer = new Uint8Array(64).fill(0xee);
  expect(() => encodeInto(shape, { ...value, added: -1n }, buffer, 8)).toThrow(StructError);
  expect(() => encodeInto(shape, value, buffer, 20)).toThrow(
    'shape at offset 20: expected room for 48 bytes, found 44',
  );
  expect(buffer).toEqual(new Uint8Array(64).fill(0xee));
  expect(encodeInto(shape, value, buffer, 8)).toBe(48);
  expect(buffer.subarray(8, 56)).toEqual(good);
  expect(buffer[7]).toBe(0xee);
  expect(buffer[56]).toBe(0xee);
});

test('views refuse invalid values, and name the offset in the buffer', () => {
  const buffer = new Uint8Array(64);
  const v = view(shape, buffer, 8);
  expect(errorOf(() => (v.kind = 70000))).toMatchObject({ struct: 'shape', path: 'kind', offset: 12 });
  expect(errorOf(() => (v.at.y = -1))).toMatchObject({ struct: 'shape', path: 'at.y', offset: 32 });
  expect(errorOf(() => v.list.set(2, -1))).toMatchObject({ path: 'list[2]', offset: 40 });
  expect(() => v.list.set(3, 1)).toThrow(RangeError);
  expect(() => v.list.get(-1)).toThrow(RangeError);
  expect(errorOf(() => view(shape, buffer, 17))).toMatchObject({
    struct: 'shape',
    path: 'added',
    offset: 57,
  });
  expect(buffer).toEqual(new Uint8Array(64));
});

test('unions', () => {
  const either = struct('either', '', {
    '': union({ a: u32, b: u32, c: u16 }).in('One of them.'),
    d: u32.in(''),
  });
  expect(errorOf(() => encode(either, { d: 1 } as never))).toMatchObject({ path: '', found: 'none' });
  expect(errorOf(() => encode(either, { a: 1, b: 2, d: 1 }))).toMatchObject({ path: 'b', offset: 0 });
  expect(errorOf(() => encode(either, { c: 65536, d: 1 }))).toMatchObject({ path: 'c' });

  const tagged = struct('tagged', '', {
    op: u32.in('Which.'),
    '': taggedUnion('op', { one: [1, point], two: [2, u64] }).in('What.'),
  });
  expect(errorOf(() => encode(tagged, { op: 1, two: 5n }))).toMatchObject({ path: 'two', found: 'two' });
  expect(errorOf(() => encode(tagged, { op: 1, one: { x: 1, y: -1 } }))).toMatchObject({
    path: 'one.y',
    offset: 12,
  });
  expect(errorOf(() => encode(tagged, { op: 3, two: 5n }))).toMatchObject({
    path: 'two',
    expected: 'raw, as op is 3',
  });
  expect(errorOf(() => encode(tagged, { op: 3, raw: new Uint8Array(7) }))).toMatchObject({ path: 'raw' });
});

test('bit fields', () => {
  const record = bitStruct('record', '', 8, {
    low: bits(3, 0, ''),
    flag: bit(9, ''),
    high: bits(63, 32, ''),
  });
  expect(errorOf(() => encode(record, { low: 16, flag: 0, high: 0 }))).toMatchObject({
    path: 'low',
    offset: 0,
  });
  expect(errorOf(() => encode(record, { low: 0, flag: 2, high: 0 }))).toMatchObject({
    path: 'flag',
    offset: 1,
  });
  expect(errorOf(() => encode(record, { low: 0, flag: 1 } as never))).toMatchObject({
    path: 'high',
    found: 'nothing',
  });
  expect(errorOf(() => encode(record, { low: 0, flag: 1, high: 0, no: 0 } as never))).toMatchObject({
    path: 'no',
  });
  const error = errorOf(() => decode(record, fromHex('0004000000000000')));
  expect(error).toMatchObject({ path: '', offset: 1, expected: 'zero in reserved bit 10', found: '1' });
  expect(decode(record, fromHex('0106000001000000'), { lenient: true })).toEqual({
    low: 1,
    flag: 1,
    high: 1,
  });
});

test('flexible arrays', () => {
  const open = struct('open', '', { n: u32.in(''), items: flexible(point).in('') });
  expect(errorOf(() => decode(open, fromHex('01000000' + '0100000002000000' + '03')))).toMatchObject({
    path: 'items',
    offset: 12,
    expected: 'whole elements of 8 bytes',
  });
  expect(
    errorOf(() =>
      encode(open, {
        n: 1,
        items: [
          { x: 1, y: 2 },
          { x: 1, y: -2 },
        ],
      }),
    ),
  ).toMatchObject({
    path: 'items[1].y',
    offset: 16,
  });
});
