import { expect, test } from '@jest/globals';
import { annotate, decode, encode, encodeArray } from '../struct/codec.js';
import { u64 } from '../struct/integer.js';
import { smmuv3_cd_cacheability, smmuv3_shareability, smmuv3_shcfg } from './attributes.js';
import { smmuv3_l1std, smmuv3_ste, smmuv3_ste_config, smmuv3_ste_eats, smmuv3_ste_s1dss } from './ste.js';

const bytes = (...words: bigint[]) =>
  encodeArray(u64, [...words, ...new Array<bigint>(8 - words.length).fill(0n)]);
const empty = decode(smmuv3_ste, bytes());

test('an entry that lets everything pass', () => {
  const ste = { ...empty, V: 1, Config: smmuv3_ste_config.BYPASS, SHCFG: smmuv3_shcfg.INCOMING };
  expect(encode(smmuv3_ste, ste)).toEqual(bytes(0x9n, 0x0000_1000_0000_0000n));
});

test('an STE of a guest for stage 1 with substreams is encoded', () => {
  const ste = {
    ...empty,
    V: 1,
    Config: smmuv3_ste_config.S1_TRANSLATE,
    S1Fmt: 2,
    S1ContextPtr: 0x8000_0000n,
    S1CDMax: 10,
    S1DSS: smmuv3_ste_s1dss.SUBSTREAM_0,
    S1CIR: smmuv3_cd_cacheability.WB_RA,
    S1COR: smmuv3_cd_cacheability.WB_RA,
    S1CSH: smmuv3_shareability.ISH,
    S1STALLD: 1,
    EATS: smmuv3_ste_eats.FULL,
  };
  const record = bytes(0x5000_0000_8000_002bn, 0x1800_00d6n);
  expect(encode(smmuv3_ste, ste)).toEqual(record);
  expect(decode(smmuv3_ste, record)).toEqual(ste);

  const fields = annotate(smmuv3_ste, record).flatMap(({ bits = [] }) => bits);
  const text = Object.fromEntries(fields.map(({ name, text }) => [name, text]));
  expect(text).toMatchObject({
    Config: 'S1_TRANSLATE',
    S1Fmt: 'TWO_LEVEL_64KB',
    S1ContextPtr: '0x80000000',
    S1DSS: 'SUBSTREAM_0',
    EATS: 'FULL',
  });
});

test('addresses are whole and aligned', () => {
  const ste = { ...empty, S2TTB: 0x80_1234_5678_9ab0n, VMSPtr: 0x8000_1000n };
  const record = encode(smmuv3_ste, ste);
  expect(record).toEqual(bytes(0n, 0n, 0n, 0x80_1234_5678_9ab0n, 0n, 0x8000_1000n));
  expect(() => encode(smmuv3_ste, { ...empty, S2TTB: 8n })).toThrow('S2TTB');
  expect(() => encode(smmuv3_ste, { ...empty, S1ContextPtr: 0x20n })).toThrow('S1ContextPtr');
});

test('bits 58 to 56 are reserved', () => {
  expect(() => decode(smmuv3_ste, bytes(1n << 56n))).toThrow('zero in reserved bit 56');
});

test('a first-level descriptor', () => {
  const descriptor = { Span: 9, L2Ptr: 0x8000_4000n };
  const record = encode(u64, 0x8000_4009n);
  expect(encode(smmuv3_l1std, descriptor)).toEqual(record);
  expect(decode(smmuv3_l1std, record)).toEqual(descriptor);
});
