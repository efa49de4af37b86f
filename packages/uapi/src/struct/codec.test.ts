import { expect, test } from '@jest/globals';
import * as r from 'restructure';
import {
  addressBits,
  annotate,
  type AnyType,
  array,
  bit,
  bits,
  bitStruct,
  decode,
  decodeArray,
  encode,
  encodeArray,
  enumeration,
  enumOf,
  flags,
  flagSet,
  flexible,
  flexibleBytes,
  fromHex,
  fromJson,
  layout,
  reserved,
  s32,
  struct,
  structSize,
  taggedUnion,
  toHex,
  toJson,
  u16,
  u32,
  u64,
  u8,
  union,
  variant,
  variants,
  view,
  wideBits,
} from './index.js';

const point = struct('point', '', { x: u16.in(''), y: u32.in('') });
const open = struct('open', '', { n: u32.in(''), items: flexible(u16).in('') });
const blob = struct('blob', '', { n: u32.in(''), data: flexibleBytes.in('') });
const overlaid = struct('overlaid', '', { '': union({ a: u32, b: u16 }).in(''), c: u32.in('') });
const named = struct('named', '', { u: union({ a: u32, b: u16 }).in(''), c: u32.in('') });
const tagged = struct('tagged', '', {
  op: u32.in(''),
  '': taggedUnion('op', { one: [1, point], two: [2, array(u64, 2)] }).in(''),
});
const record = bitStruct('record', '', 16, {
  low: bits(3, 0, ''),
  flag: bit(11, ''),
  byte: bits(23, 16, ''),
  half: bits(47, 32, ''),
  straddling: bits(72, 68, ''),
  whole: bits(127, 96, ''),
});
const wide = bitStruct('wide', '', 16, {
  id: bits(40, 20, ''),
  page: addressBits(127, 76, ''),
  mask: wideBits(75, 64, ''),
});
const form = variants('form', '', 8, 'Number', {
  FIRST: variant(1, '1.1', '', { a: bits(15, 8, ''), b: bits(63, 32, '') }),
  SECOND: variant(2, '1.2', '', { c: wideBits(63, 16, '') }),
});

/** Every kind of type: a value, its bytes, and its JSON if that differs from the value. */
const table: [type: AnyType, value: unknown, hex: string, json?: unknown][] = [
  [u8, 0xfe, 'fe'],
  [u16, 0x1234, '3412'],
  [u32, 0xfedcba98, '98badcfe'],
  [s32, -2, 'feffffff'],
  [u64, 0x0123456789abcdefn, 'efcdab8967452301', '0x123456789abcdef'],
  [array(u16, 2), [1, 0x203], '01000302'],
  [point, { x: 1, y: 2 }, '01000000' + '02000000'],
  [
    array(point, 2),
    [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ],
    '0100000002000000' + '0300000004000000',
  ],
  [open, { n: 9, items: [] }, '09000000'],
  [open, { n: 9, items: [1, 2, 3] }, '09000000' + '0100' + '0200' + '0300'],
  [blob, { n: 1, data: fromHex('aabb') }, '01000000' + 'aabb', { n: 1, data: 'aabb' }],
  [overlaid, { a: 0x20001, b: 1, c: 3 }, '01000200' + '03000000'],
  [named, { u: { a: 0x20001, b: 1 }, c: 3 }, '01000200' + '03000000'],
  [
    tagged,
    { op: 1, one: { x: 1, y: 2 } },
    '01000000' + '00000000' + '01000000' + '02000000' + '00'.repeat(8),
  ],
  [
    tagged,
    { op: 2, two: [1n, 2n] },
    '02000000' + '00000000' + '0100000000000000' + '0200000000000000',
    { op: 2, two: ['0x1', '0x2'] },
  ],
  [
    tagged,
    { op: 7, raw: fromHex('000102030405060708090a0b0c0d0e0f') },
    '07000000' + '00000000' + '000102030405060708090a0b0c0d0e0f',
    { op: 7, raw: '000102030405060708090a0b0c0d0e0f' },
  ],
  [
    record,
    { low: 5, flag: 1, byte: 0xab, half: 0xcdef, straddling: 0x1f, whole: 0xffffffff },
    '0508ab00' + 'efcd0000' + 'f0010000' + 'ffffffff',
  ],
  [
    wide,
    { id: 0x1fffff, page: 0xfedcba9876543000n, mask: 0x21n },
    '0000f0ffff010000' + '2130547698badcfe',
    { id: 0x1fffff, page: '0xfedcba9876543000', mask: '0x21' },
  ],
  [form, { Number: 1, a: 2, b: 3 }, '0102000003000000'],
  [form, { Number: 2, c: 0x10000000002n }, '0200020000000001', { Number: 2, c: '0x10000000002' }],
  [
    form,
    { Number: 9, raw: fromHex('0908070605040302') },
    '0908070605040302',
    { Number: 9, raw: '0908070605040302' },
  ],
];

test.each(table)('%#: encodes to the bytes, and decodes to the value', (type, value, hex, json = value) => {
  expect(toHex(encode(type, value as never))).toBe(hex);
  expect(decode(type, fromHex(hex))).toEqual(value);
  expect(toJson(type, value)).toEqual(json);
  expect(encode(type, fromJson(type, json as never))).toEqual(fromHex(hex));
});

test.each(table)('%#: annotations cover every byte once, in order', (type, _value, hex) => {
  const bytes = fromHex(hex);
  for (let length = 0; length <= bytes.length; length++) {
    let at = 0;
    for (const annotation of annotate(type, bytes.subarray(0, length))) {
      expect(annotation.offset).toBe(at);
      at += annotation.bytes.length;
    }
    expect(at).toBe(length);
  }
  expect(annotate(type, bytes).filter(({ problem }) => problem !== undefined)).toEqual([]);
});

test.each(table)('%#: works in arrays and structs of restructure', (type, value, hex) => {
  if (type === open || type === blob) return expect(type.byteLength).toBe(4);
  const outer = new r.Struct({ before: r.uint32le, inner: type, list: new r.Array(type, 2) });
  const whole = { before: 5, inner: value, list: [value, value] };
  const bytes = fromHex('05000000' + hex.repeat(3));
  expect(outer.toBuffer(whole)).toEqual(bytes);
  expect(outer.fromBuffer(bytes)).toEqual(whole);
  expect(type.fromBuffer(fromHex(hex))).toEqual(value);
  expect(type.toBuffer(value)).toEqual(fromHex(hex));
  expect(() => outer.fromBuffer(bytes.subarray(0, -1))).toThrow('expected');
});

/** Defined only in CommonJS. */
declare const require: unknown;

test('restructure is the ES module, not the CommonJS build', () => {
  expect(typeof require).toBe('undefined');
});

test('the order of fields does not matter, and encoding does not change the value', () => {
  const value = Object.freeze({ y: 2, x: 1 });
  expect(toHex(encode(point, value))).toBe('0100000002000000');
});

test('padding is written as zero, whatever the buffer contained', () => {
  const stale = new Uint8Array(8).fill(0xff);
  const stream = { view: new DataView(stale.buffer), pos: 0 };
  point.encode(stream, { x: 1, y: 2 });
  expect(toHex(stale)).toBe('0100000002000000');
  expect(stream.pos).toBe(8);
});

const sized = struct(
  'sized',
  '',
  { size: structSize.in(''), a: u32.in('') },
  { added: { b: u32.in(''), __reserved: reserved(u32), c: u64.in('') } },
);

test.each<[hex: string, value: object]>([
  ['08000000' + '01000000', { size: 8, a: 1 }],
  ['0c000000' + '01000000' + '02000000', { size: 12, a: 1, b: 2 }],
  ['10000000' + '01000000' + '02000000' + '00000000', { size: 16, a: 1, b: 2, __reserved: 0 }],
  [
    '18000000' + '01000000' + '02000000' + '00000000' + '0300000000000000',
    { size: 24, a: 1, b: 2, __reserved: 0, c: 3n },
  ],
])('a struct of an older version: %s', (hex, value) => {
  expect(decode(sized, fromHex(hex))).toEqual(value);
  expect(toHex(encode(sized, value as never))).toBe(hex);
});

test.each<[what: string, hex: string, message: string]>([
  ['shorter than the first version', '04000000', 'sized.a at offset 4'],
  ['a size that is not the length', '0c000000' + '01000000', 'sized.b at offset 8'],
  ['cut in the middle of a field', '0a000000' + '01000000' + '0200', 'sized.b at offset 8'],
])('refuses a struct of an older version: %s', (_what, hex, message) => {
  expect(() => decode(sized, fromHex(hex))).toThrow(message);
});

test('a longer struct is accepted if the rest is zero', () => {
  const known = '01000000' + '02000000' + '00000000' + '0300000000000000';
  const value = { size: 28, a: 1, b: 2, __reserved: 0, c: 3n };
  expect(decode(sized, fromHex('1c000000' + known + '00000000'))).toEqual(value);
  expect(() => decode(sized, fromHex('1c000000' + known + '00000100'))).toThrow(
    'sized at offset 26: expected zero beyond the 24 bytes that are known (E2BIG), found 1',
  );
  expect(() => decode(sized, fromHex('18000000' + known + '00000000'))).toThrow(
    'sized at offset 24: expected nothing beyond 24 bytes, found 4 more',
  );
});

test('a struct of its own length is decoded whatever its size field contains', () => {
  const bytes = fromHex('ffffffff' + '01000000' + '02000000' + '00000000' + '0300000000000000');
  const value = { size: 0xffffffff, a: 1, b: 2, __reserved: 0, c: 3n };
  expect(decode(sized, bytes)).toEqual(value);
  expect(encode(sized, value)).toEqual(bytes);
});

test('an array whose stride is not the size of the struct', () => {
  const values = [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ];
  expect(toHex(encodeArray(point, values))).toBe('0100000002000000' + '0300000004000000');
  const far = '0100000002000000' + '00000000' + '0300000004000000' + '00000000';
  expect(toHex(encodeArray(point, values, { stride: 12 }))).toBe(far);
  expect(decodeArray(point, fromHex(far), { stride: 12 })).toEqual(values);
  expect(decodeArray(point, fromHex(far), { stride: 12, count: 1 })).toEqual(values.slice(0, 1));
  expect(decodeArray(point, fromHex('01000000' + '03000000'), { stride: 4 })).toEqual([
    { x: 1, y: 0 },
    { x: 3, y: 0 },
  ]);
  expect(toHex(encodeArray(point, [{ x: 1, y: 2 }], { stride: 5 }))).toBe('0100000002');
  expect(() => encodeArray(point, [values[0] ?? point, { x: 1, y: 0x200 }] as never, { stride: 5 })).toThrow(
    'point[1] at offset 10: expected zero beyond the stride of 5, found 2',
  );
  expect(() => decodeArray(point, fromHex(far.slice(0, -8) + '00000100'), { stride: 12 })).toThrow(
    'point[1] at offset 22: expected zero beyond the struct, found 1',
  );
  expect(() => decodeArray(point, fromHex(far), { stride: 12, count: 3 })).toThrow(
    'point[2] at offset 24: expected an entry of 12 bytes, found 0 bytes',
  );
  expect(() => decodeArray(point, fromHex(far), { stride: 7 })).toThrow('point[3] at offset 21');
  expect(() => decodeArray(point, fromHex(far), { stride: 0 })).toThrow('a stride of at least 1 byte');
  expect(() => decodeArray(point, fromHex('0100010000000000'), {})).toThrow(
    'point[0] at offset 2: expected zero',
  );
});

test('views read and write the buffer in place', () => {
  const bytes = new Uint8Array(40);
  const v = view(tagged, bytes, 8);
  v.op = 0x01020304;
  v.one.x = 5;
  v.one.y = 6;
  expect(toHex(bytes)).toBe(
    '00'.repeat(8) + '04030201' + '00000000' + '05000000' + '06000000' + '00'.repeat(16),
  );
  expect(v.two.get(0)).toBe(0x600000005n);
  v.two.set(1, 7n);
  expect([...v.two]).toEqual([0x600000005n, 7n]);
  expect(bytes[24]).toBe(7);
  bytes[8] = 9;
  expect(v.op).toBe(0x01020309);
  expect(Object.keys(Object.getPrototypeOf(view(point, new Uint8Array(8))) as object)).toEqual(['x', 'y']);
});

test('views of records, variants and open structs', () => {
  const bytes = fromHex('0508ab00' + 'efcd0000' + 'f0010000' + 'ffffffff');
  const v = view(record, bytes);
  expect([v.low, v.flag, v.byte, v.half, v.straddling, v.whole]).toEqual([
    5, 1, 0xab, 0xcdef, 0x1f, 0xffffffff,
  ]);
  v.straddling = 0x10;
  v.flag = 0;
  expect(toHex(bytes)).toBe('0500ab00' + 'efcd0000' + '00010000' + 'ffffffff');

  const first = view(form, fromHex('0102000003000000'));
  expect([first.tag, first.variant, first.as('FIRST').b]).toEqual([1, 'FIRST', 3]);
  expect(() => first.as('SECOND')).toThrow('not SECOND but FIRST');

  expect([...view(open, fromHex('09000000' + '0100' + '0200')).items]).toEqual([1, 2]);
  const { data } = view(blob, fromHex('01000000' + 'aabb'));
  expect(toHex(data)).toBe('aabb');
});

test('enums and flags keep unknown values', () => {
  const colour = enumeration('colour', '', { RED: [1, 'Like fire.'], GREEN: [2, 'Like grass.'] });
  const mode = flagSet('mode', '', { READ: [1, ''], WRITE: [2, ''] });
  const paint = struct('paint', '', { colour: enumOf(colour).in(''), mode: flags(mode).in('') });
  const bytes = fromHex('07000000' + '0d000000');
  expect(decode(paint, bytes)).toEqual({ colour: 7, mode: 13 });
  expect(annotate(paint, bytes).map(({ text }) => text)).toEqual(['0x7', 'READ|0xc']);
  expect([colour.RED, colour.format(2), colour.nameOf(3), mode.format(3), mode.format(0)]).toEqual([
    1,
    'GREEN',
    undefined,
    'READ|WRITE',
    '0',
  ]);
});

test('annotations have paths, padding, bits and problems', () => {
  const annotations = annotate(
    tagged,
    fromHex('01000000' + '00000000' + '0100ff00' + '02000000' + '00'.repeat(7) + '01'),
  );
  expect(
    annotations.map(({ kind, path, offset, text, problem }) => [kind, path, offset, text, problem]),
  ).toEqual([
    ['field', 'op', 0, '1', undefined],
    ['padding', '', 4, '', undefined],
    ['field', 'one.x', 8, '1', undefined],
    ['padding', '', 10, '', 'must be zero'],
    ['field', 'one.y', 12, '2', undefined],
    ['padding', '', 16, '', 'must be zero'],
  ]);
  const [word] = annotate(record, fromHex('0508ab00' + 'efcd0000' + 'f0010000' + 'ffffffff'));
  expect(word?.bits?.map(({ name, hi, lo, text }) => [name, hi, lo, text])).toEqual([
    ['half', 47, 32, '52719'],
    ['byte', 23, 16, '171'],
    ['flag', 11, 11, '1'],
    ['low', 3, 0, '5'],
  ]);
  const short = annotate(point, fromHex('010000'));
  expect(short.map(({ kind, path, offset, problem }) => [kind, path, offset, problem])).toEqual([
    ['field', 'x', 0, undefined],
    ['padding', '', 2, undefined],
    ['missing', 'y', 3, '5 bytes missing'],
  ]);
});

test('layouts are data', () => {
  expect(layout(point)).toMatchObject({
    name: 'point',
    size: 8,
    align: 4,
    rows: [
      { name: 'x', offset: 0, size: 2, type: '__u16' },
      { name: 'y', offset: 4, size: 4, type: '__u32' },
    ],
  });
  expect(layout(tagged).rows[1]).toMatchObject({
    name: '',
    offset: 8,
    size: 16,
    rows: [{ name: 'one' }, { name: 'two' }],
  });
  expect(layout(record).rows[4]).toMatchObject({
    name: 'straddling',
    offset: 8,
    size: 2,
    bits: { hi: 72, lo: 68 },
  });
});

test('a declaration with overlapping fields, or with a field across words, is refused', () => {
  expect(() => bitStruct('bad', '', 8, { a: bits(7, 0, ''), b: bit(7, '') })).toThrow('bad.b: bit 7');
  expect(() => bitStruct('bad', '', 16, { a: bits(64, 63, '') })).toThrow('bad.a');
  expect(() => bitStruct('bad', '', 8, { a: bits(70, 64, '') })).toThrow('bad.a');
});

test('a struct of VFIO may be of an older version, which argsz states', () => {
  const info = struct(
    'info',
    '',
    { argsz: u32.as({ kind: 'argsz' }).in(''), a: u32.in('') },
    { added: { b: u32.out('') } },
  );
  expect(decode(info, fromHex('08000000' + '01000000'))).toEqual({ argsz: 8, a: 1 });
  expect(toHex(encode(info, { argsz: 8, a: 1 }))).toBe('08000000' + '01000000');
  expect(() => decode(info, fromHex('10000000' + '01000000' + '02000000' + '00000000'))).toThrow(
    'info at offset 12: expected nothing beyond 12 bytes, found 4 more',
  );
});
