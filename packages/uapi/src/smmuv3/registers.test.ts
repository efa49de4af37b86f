import { expect, test } from '@jest/globals';
import { BitStruct } from '../struct/bits.js';
import { annotate, decode, encode } from '../struct/codec.js';
import { u32, u64 } from '../struct/integer.js';
import { SMMU_CR0, SMMU_CR0ACK, SMMU_GBPA, SMMU_GERROR, SMMU_GERRORN } from './control-registers.js';
import * as controlRegisters from './control-registers.js';
import { SMMU_AIDR, SMMU_IDR0, SMMU_IDR1, SMMU_IDR5, SMMU_IIDR } from './id-registers.js';
import * as idRegisters from './id-registers.js';
import { SMMU_CMDQ_CONS, SMMU_EVENTQ_BASE, smmuv3_cmdq_error } from './queue-registers.js';
import * as queueRegisters from './queue-registers.js';
import { smmuv3_register } from './register.js';

const word = (value: number) => encode(u32, value);

test('identification registers', () => {
  expect(decode(SMMU_IDR0, word(0x0809_749a))).toMatchObject({ S2P: 0, S1P: 1, TTF: 2, COHACC: 1, ATS: 1 });
  expect(decode(SMMU_IDR1, word(0x0e73_9d10))).toMatchObject({
    SIDSIZE: 16,
    SSIDSIZE: 20,
    PRIQS: 19,
    EVENTQS: 19,
    CMDQS: 19,
    ATTR_PERMS_OVR: 1,
    ATTR_TYPES_OVR: 1,
    ECMDQ: 0,
  });
  expect(decode(SMMU_IDR5, word(0x0001_0075))).toMatchObject({ OAS: 5, GRAN4K: 1, GRAN16K: 1, STALL_MAX: 1 });
  expect(decode(SMMU_IIDR, word(0x4830_043b))).toEqual({
    Implementer: 0x43b,
    Revision: 0,
    Variant: 0,
    ProductID: 0x483,
  });
  expect(decode(SMMU_AIDR, word(4))).toEqual({ ArchMinorRev: 4, ArchMajorRev: 0 });
});

test('a register and its acknowledgement have the same fields', () => {
  expect(SMMU_CR0ACK.fields).toEqual(SMMU_CR0.fields);
  expect(SMMU_GERRORN.fields).toEqual(SMMU_GERROR.fields);
});

test('bit 31 of a register is not a sign', () => {
  const value = { ...decode(SMMU_GBPA, word(0)), Update: 1, ABORT: 1 };
  expect(encode(SMMU_GBPA, value)).toEqual(word(0x8010_0000));
  expect(decode(SMMU_GBPA, word(0x8010_0000))).toEqual(value);
});

test('a queue address and the size beside it', () => {
  const base = { LOG2SIZE: 7, ADDR: 0x8123_4000n, WA: 1 };
  const bytes = encode(SMMU_EVENTQ_BASE, base);
  expect(decode(u64, bytes)).toBe(0x4000_0000_8123_4007n);
  expect(decode(SMMU_EVENTQ_BASE, bytes)).toEqual(base);
});

test('why the command queue stopped', () => {
  const register = word(0x0100_0012);
  expect(decode(SMMU_CMDQ_CONS, register)).toEqual({ RD: 0x12, ERR: smmuv3_cmdq_error.CERROR_ILL });
  expect(annotate(SMMU_CMDQ_CONS, register)[0]?.bits?.[0]?.text).toBe('CERROR_ILL');
});

test('each register that is declared has its place, and none overlap', () => {
  const structs = [controlRegisters, idRegisters, queueRegisters]
    .flatMap((module) => Object.values<unknown>(module))
    .filter((value) => value instanceof BitStruct);
  expect(structs.length).toBe(37);
  const offsets = new Map(Object.entries(smmuv3_register.members).map(([name, [offset]]) => [name, offset]));
  const taken = new Set<number>();
  for (const { name, byteLength } of structs) {
    const offset = offsets.get(name) ?? NaN;
    expect([name, offset % byteLength]).toEqual([name, 0]);
    for (let byte = offset; byte < offset + byteLength; byte++) {
      expect([name, taken.has(byte)]).toEqual([name, false]);
      taken.add(byte);
    }
  }
  expect(new Set(offsets.values()).size).toBe(offsets.size);
});
