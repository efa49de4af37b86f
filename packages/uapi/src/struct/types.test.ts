import { expect, test } from '@jest/globals';
import { iommu_hw_info } from '../iommufd/hw-info.js';
import { iommu_hwpt_alloc, iommu_hwpt_data_type } from '../iommufd/hwpt-alloc.js';
import { iommufd_vevent_header } from '../iommufd/veventq.js';
import {
  array,
  type ArrayView,
  bits,
  bitStruct,
  decode,
  type Decoded,
  encode,
  type Encodable,
  flexibleBytes,
  reserved,
  struct,
  taggedUnion,
  toHex,
  u32,
  u64,
  u8,
  variant,
  variants,
  type View,
  view,
  wideBits,
} from './index.js';

/**
 * What the declarations infer. The assertions are checked by the compiler: a wrong type makes `Same` false, and
 * a line under `@ts-expect-error` that compiles is an error. The test only keeps the values alive.
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
  same<Same<Decoded<typeof blob>, { n: number; data: Uint8Array }>>();
  same<Same<Decoded<typeof record>, { low: number; rest: bigint }>>();
  same<Same<Decoded<typeof iommufd_vevent_header>, { flags: number; sequence: number }>>();
  same<Same<(typeof iommu_hwpt_data_type)['IOMMU_HWPT_DATA_SELFTEST'], 0xdead>>();
  same<Same<Decoded<typeof iommu_hw_info>['out_data_type'], number>>();
  same<Same<Decoded<typeof iommu_hwpt_alloc>['fault_id'], number | undefined>>();
  expect(small.byteLength).toBe(24);
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
