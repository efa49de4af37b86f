import { describe, expect, test } from '@jest/globals';
import type { IdRegisters } from '@iommufd/smmuv3';
import { SMMU_IDR0, SMMU_IDR1, SMMU_IDR3, SMMU_IDR5 } from '@iommufd/uapi';
import { type BitFields, type BitStruct, decode } from '@iommufd/uapi/struct';
import { guestIdRegisters, idFields, showIdRegisters } from './id-registers.js';
import { HARDWARE } from './vsmmu.testing.js';

const fields = <B extends BitFields>(register: BitStruct<B>, value = 0) =>
  decode(register, new Uint8Array(Uint32Array.of(value).buffer));
/** Hardware that has everything. */
const ALL = {
  idr: [0x7fff_fffe | 1, 0xffff_ffff, 0x3ff, 0xff_ffbc, 0xffff_ffff, 0xffff_0df7],
  aidr: 4,
} as const;

test('the machine of the tapes, as a guest sees it', () => {
  const { idr, iidr, aidr } = guestIdRegisters(HARDWARE);
  expect(fields(SMMU_IDR0, idr[0])).toMatchObject({
    S1P: 1,
    S2P: 0,
    TTF: 2,
    COHACC: 1,
    ASID16: 1,
    VMID16: 0,
    MSI: 0,
    ATS: 0,
    PRI: 0,
    CD2L: 0,
    TTENDIAN: 2,
    STALL_MODEL: 1,
    ST_LEVEL: 1,
    HTTU: 0,
  });
  expect(fields(SMMU_IDR1, idr[1])).toMatchObject({
    SIDSIZE: 16,
    SSIDSIZE: 0,
    CMDQS: 16,
    EVENTQS: 16,
    PRIQS: 0,
  });
  expect(fields(SMMU_IDR3, idr[3])).toMatchObject({ RIL: 1, BBML: 2, HAD: 0, XNX: 0 });
  expect(fields(SMMU_IDR5, idr[5])).toMatchObject({ OAS: 4, GRAN4K: 1, GRAN16K: 1, GRAN64K: 1 });
  expect([idr[2], idr[4], iidr, aidr]).toEqual([0, 0, 0, 1]);
});

test('a guest on hardware with all features sees the supported ones', () => {
  const ids = guestIdRegisters(ALL, {
    sidBits: 8,
    ssidBits: 5,
    ats: true,
    pri: true,
    msi: true,
    sev: true,
    oas: 3,
  });
  const shown = showIdRegisters(ids);
  expect(shown.idr0).toMatchObject({
    S2P: 0,
    BTM: 0,
    Hyp: 0,
    ATOS: 0,
    ATS: 1,
    PRI: 1,
    MSI: 1,
    SEV: 1,
    CD2L: 1,
  });
  expect(shown.idr1).toMatchObject({ SIDSIZE: 8, SSIDSIZE: 5, PRIQS: 12, ECMDQ: 0, QUEUES_PRESET: 0 });
  expect(shown.idr5).toMatchObject({ OAS: 3, VAX: 3, DS: 0, D128: 0, STALL_MAX: 0 });
  // No more than hardware has.
  expect(showIdRegisters(guestIdRegisters(HARDWARE, { ssidBits: 20, oas: 6 }))).toMatchObject({
    idr1: { SSIDSIZE: 0 },
    idr5: { OAS: 4 },
  });
});

test('options out of range are refused', () => {
  expect(() => guestIdRegisters(HARDWARE, { sidBits: 33 })).toThrow('SIDSIZE');
  expect(() => guestIdRegisters(HARDWARE, { commandQueueBits: 20 })).toThrow('CMDQS');
  expect(() => guestIdRegisters(HARDWARE, { eventQueueBits: 20 })).toThrow('EVENTQS');
  expect(() => guestIdRegisters(HARDWARE, { eventQueueBits: -1 })).toThrow('EVENTQS');
  expect(() => guestIdRegisters(HARDWARE, { pri: true })).toThrow('PRI needs ATS');
});

describe('unsupported features are not advertised', () => {
  const { idr, ...others } = guestIdRegisters(HARDWARE);
  const registers = { idr0: SMMU_IDR0, idr1: SMMU_IDR1, idr3: SMMU_IDR3, idr5: SMMU_IDR5 } as const;
  const cases = (['idr0', 'idr1', 'idr3', 'idr5'] as const).flatMap((name) =>
    Object.entries(idFields[name])
      .filter(([, source]) => typeof source === 'number')
      .map(([field]) => [name, field] as const),
  );
  test.each(cases)('%s.%s', (name, field) => {
    const layout: Readonly<Record<string, { readonly lo: number }>> = registers[name].fields;
    const changed = [...idr];
    const at = Number(name.slice(3));
    changed[at] = ((changed[at] ?? 0) ^ (1 << (layout[field]?.lo ?? 0))) >>> 0;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = changed;
    const ids: IdRegisters = { ...others, idr: [a, b, c, d, e, f] };
    expect(() => showIdRegisters(ids)).toThrow(field);
  });
});
