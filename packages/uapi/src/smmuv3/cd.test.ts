import { expect, test } from '@jest/globals';
import { decode, encode, encodeArray } from '../struct/codec.js';
import { u64 } from '../struct/integer.js';
import { smmuv3_address_size, smmuv3_shareability, smmuv3_walk_cacheability } from './attributes.js';
import { smmuv3_cd, smmuv3_l1cd, smmuv3_s1_permission } from './cd.js';

const bytes = (...words: bigint[]) =>
  encodeArray(u64, [...words, ...new Array<bigint>(8 - words.length).fill(0n)]);
const empty = decode(smmuv3_cd, bytes());

test('a descriptor for 48-bit addresses below', () => {
  const cd = {
    ...empty,
    T0SZ: 16,
    IR0: smmuv3_walk_cacheability.WB_RA_WA,
    OR0: smmuv3_walk_cacheability.WB_RA_WA,
    SH0: smmuv3_shareability.ISH,
    EPD1: 1,
    V: 1,
    IPS: smmuv3_address_size.BITS_48,
    AA64: 1,
    R: 1,
    A: 1,
    ASET: 1,
    ASID: 7,
    TTB0: 0x8123_4000n,
    MAIR0: 0x0400_44ff,
  };
  const record = bytes(0x0007_e205_c000_3510n, 0x8123_4000n, 0n, 0x0400_44ffn);
  expect(encode(smmuv3_cd, cd)).toEqual(record);
  expect(decode(smmuv3_cd, record)).toEqual(cd);
});

test('permission indexes straddle 32 bits', () => {
  const cd = { ...empty, PIIU10: smmuv3_s1_permission.RW, PIIP10: smmuv3_s1_permission.RWX };
  const record = bytes(0n, 0n, 0n, 0n, 0n, 0n, 5n << 30n, 7n << 30n);
  expect(encode(smmuv3_cd, cd)).toEqual(record);
  expect(decode(smmuv3_cd, record)).toEqual(cd);
});

test('a first-level descriptor', () => {
  const descriptor = { V: 1, L2Ptr: 0xff_8123_4567_8000n };
  const record = encode(u64, 0xff_8123_4567_8001n);
  expect(encode(smmuv3_l1cd, descriptor)).toEqual(record);
  expect(decode(smmuv3_l1cd, record)).toEqual(descriptor);
  expect(() => encode(smmuv3_l1cd, { V: 1, L2Ptr: 0x800n })).toThrow('L2Ptr');
});
