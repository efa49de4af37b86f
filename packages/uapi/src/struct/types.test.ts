import { expect, test } from '@jest/globals';
import * as uapi from '../index.js';
import { iommu_hw_info } from '../iommufd/hw-info.js';
import type { iommu_hwpt_alloc, iommu_hwpt_data_type } from '../iommufd/hwpt-alloc.js';
import type { iommufd_vevent_header } from '../iommufd/veventq.js';
import {
  array,
  type ArrayView,
  bits,
  type BitStruct,
  bitStruct,
  type BitValues,
  decode,
  type Decoded,
  encode,
  type Encodable,
  encodeZeroFilled,
  flexibleBytes,
  reserved,
  type Struct,
  struct,
  taggedUnion,
  toHex,
  u32,
  u64,
  u8,
  variant,
  type Variants,
  variants,
  type VariantValue,
  type View,
  view,
  wideBits,
  type ZeroFillable,
} from './index.js';
import type { DecodedStruct } from './struct.js';
import type { U8Number } from './variants.js';

/**
 * Tests of the inferred types, which the compiler checks: a wrong type makes `Same` false, and a line under
 * `@ts-expect-error` that compiles is an error. The tests only keep the values alive.
 */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_T extends true>(): void => undefined;

const small = struct('small', '', {
  a: u8.in(''),
  __reserved: reserved(array(u8, 3)),
  b: u64.out(''),
  list: array(u32, 2).in(''),
});
const growing = struct(
  'growing',
  '',
  { a: u32.in('') },
  { added: { b: u64.in(''), __reserved: reserved(u32) } },
);
const tagged = struct('tagged', '', {
  op: u32.in(''),
  '': taggedUnion('op', { first: [1, small], second: [2, u32] }).in(''),
});
const blob = struct('blob', '', { n: u32.in(''), data: flexibleBytes.in('') });
const record = bitStruct('record', '', 8, { low: bits(7, 0, ''), rest: wideBits(63, 8, '') });
const form = variants('form', '', 8, 'Number', {
  ONE: variant(1, '', '', { a: bits(15, 8, '') }),
  TWO: variant(2, '', '', { b: wideBits(63, 8, '') }),
});

test('types that are inferred', () => {
  same<
    Same<
      Decoded<typeof small>,
      {
        a: number;
        __reserved: readonly [number, number, number];
        b: bigint;
        list: readonly [number, number];
      }
    >
  >();
  same<
    Same<
      Encodable<typeof small>,
      {
        readonly a: number;
        readonly b: bigint;
        readonly list: readonly [number, number];
        readonly __reserved?: readonly [number, number, number];
      }
    >
  >();
  same<
    Same<
      View<typeof small>,
      { a: number; b: bigint; readonly __reserved: ArrayView<number>; readonly list: ArrayView<number> }
    >
  >();
  same<Same<Decoded<typeof growing>, { a: number; b?: bigint; __reserved?: number }>>();
  same<Same<View<typeof growing>, { a: number; b: bigint; __reserved: number }>>();
  // One type for each member of the union, and one view: more make the compiler slow.
  same<
    Same<
      Encodable<typeof tagged>,
      { readonly op: number } & (
        | { readonly first: Encodable<typeof small> }
        | { readonly second: number }
        | { readonly raw: Uint8Array }
      )
    >
  >();
  same<Same<View<typeof tagged>, { op: number; second: number; readonly first: View<typeof small> }>>();
  same<Same<Decoded<typeof blob>, { n: number; data: Uint8Array }>>();
  same<Same<Decoded<typeof record>, { low: number; rest: bigint }>>();
  same<Same<Decoded<typeof iommufd_vevent_header>, { flags: number; sequence: number }>>();
  same<Same<(typeof iommu_hwpt_data_type)['IOMMU_HWPT_DATA_SELFTEST'], 0xdead>>();
  same<Same<Decoded<typeof iommu_hw_info>['out_data_type'], number>>();
  same<Same<Decoded<typeof iommu_hwpt_alloc>['fault_id'], number | undefined>>();
  expect(small.byteLength).toBe(24);
});

/** True if the generated type of a declaration is the type that follows from its fields. */
type HasRightName<T> =
  T extends Struct<infer F, infer A, infer O>
    ? Same<O, DecodedStruct<F, A>>
    : T extends BitStruct<infer B, infer O>
      ? Same<O, BitValues<B>>
      : T extends Variants<infer N, infer C, infer O>
        ? Same<O, VariantValue<N, C>>
        : never;
/** The exports of a module whose generated type is wrong or missing. */
type WrongNames<M> = { [K in keyof M]: HasRightName<M[K]> extends true ? never : K }[keyof M];

test('names of decoded values', () => {
  same<Same<WrongNames<typeof uapi>, never>>();
  same<Same<Decoded<typeof uapi.smmuv3_event>, uapi.Smmuv3Event>>();
  same<Same<Extract<uapi.Smmuv3Event, { EventNumber: 0x10 }>, uapi.F_TRANSLATION>>();
  same<Same<Decoded<typeof uapi.smmuv3_command>, uapi.Smmuv3Command>>();
  same<Same<uapi.PageFault, uapi.IommuHwptPgfault>>();
  same<Same<Decoded<typeof iommufd_vevent_header>, uapi.IommufdVeventHeader>>();
  same<Same<View<typeof uapi.smmuv3_ste>, uapi.Smmuv3Ste>>();
  const read = (bytes: Uint8Array) => uapi.decodeVevents(uapi.smmuv3_event, bytes);
  same<Same<ReturnType<typeof read>, uapi.VeventRecord<uapi.Smmuv3Event>[]>>();
  expect(read(new Uint8Array())).toEqual([]);
  const fault = (bytes: Uint8Array) => view(uapi.smmuv3_event, bytes).as('F_TRANSLATION');
  same<Same<ReturnType<typeof fault>, uapi.F_TRANSLATION>>();
  expect(fault(new Uint8Array(32).fill(0x10, 0, 1)).EventNumber).toBe(0x10);
});

test('arrays have their declared length', () => {
  const length: number = 3;
  const words = array(u64, 4);
  const pairs = array(array(u8, 2), 2);
  const some = array(u8, length);
  const many = array(u8, 4096);
  same<Same<Decoded<typeof words>, readonly [bigint, bigint, bigint, bigint]>>();
  same<Same<Encodable<typeof words>, readonly [bigint, bigint, bigint, bigint]>>();
  same<Same<Decoded<typeof pairs>, readonly [readonly [number, number], readonly [number, number]]>>();
  same<Same<Decoded<typeof some>, readonly number[]>>();
  same<Same<Decoded<typeof many>, readonly number[]>>();
  same<Same<View<typeof words>, ArrayView<bigint>>>();
  const [first, , , last] = decode(words, new Uint8Array(32).fill(1, 24));
  expect([first, last]).toEqual([0n, 0x0101_0101_0101_0101n]);
  // @ts-expect-error three words
  expect(() => encode(words, [1n, 2n, 3n])).toThrow('an array of 4');
});

test('parts that encodeZeroFilled may omit', () => {
  same<
    Same<
      ZeroFillable<Encodable<typeof small>>,
      {
        readonly a?: number;
        readonly b?: bigint;
        readonly list?: readonly [number?, number?];
        readonly __reserved?: readonly [number?, number?, number?];
      }
    >
  >();
  same<
    Same<
      ZeroFillable<Encodable<typeof form>>,
      | { readonly Number: 1; readonly a?: number }
      | { readonly Number: 2; readonly b?: bigint }
      | { readonly Number: Exclude<U8Number, 1 | 2>; readonly raw?: Uint8Array }
    >
  >();
  expect(toHex(encodeZeroFilled(small, { list: [1] }))).toBe('00'.repeat(16) + '01' + '00'.repeat(7));
});

test('unions and variants narrow', () => {
  const union = (value: Decoded<typeof tagged>): number | bigint | string => {
    if ('first' in value) return value.first.b;
    if ('second' in value) return value.second;
    return toHex(value.raw);
  };
  expect(union({ op: 2, second: 3 })).toBe(3);

  const variant = (value: Decoded<typeof form>): number | bigint | string => {
    switch (value.Number) {
      case 1:
        return value.a;
      case 2:
        return value.b;
      default:
        return toHex(value.raw);
    }
  };
  expect(variant({ Number: 2, b: 7n })).toBe(7n);
  expect(variant({ Number: 200, raw: new Uint8Array([200]) })).toBe('c8');
});

test('wrong calls do not compile', () => {
  const untyped = { size: 40, flags: 0, dev_id: 1, data_len: 0, data_uptr: 0n, out_max_pasid_log2: 0 };
  const wrong = [
    // @ts-expect-error a field is missing
    () => encode(small, { a: 1, list: [1, 2] }),
    // @ts-expect-error a number where a bigint belongs
    () => encode(small, { a: 1, b: 2, list: [1, 2] }),
    // @ts-expect-error no such field
    () => encode(small, { a: 1, b: 2n, list: [1, 2], c: 3 }),
    // @ts-expect-error neither of the union's names
    () => encode(iommu_hw_info, untyped),
    // @ts-expect-error the number of another form
    () => encode(form, { Number: 1, b: 1n }),
    // @ts-expect-error a number that has a form is not raw
    () => encode(form, { Number: 2, raw: new Uint8Array(8) }),
  ];
  for (const call of wrong) expect(call).toThrow('expected');

  const value = decode(growing, new Uint8Array(24));
  // @ts-expect-error an older struct does not have it
  const later: bigint = value.b;
  expect(later).toBe(0n);

  const place = view(small, new Uint8Array(24));
  // @ts-expect-error an array is written through, not assigned
  expect(() => (place.list = [1, 2])).toThrow(TypeError);
});
