import { describe, expect, test } from '@jest/globals';
import type { IdRegisters } from '@iommufd/smmuv3';
import { SMMU_IDR0, SMMU_IDR1, SMMU_IDR3, SMMU_IDR5 } from '@iommufd/uapi';
import { type BitFields, type BitStruct, decode } from '@iommufd/uapi/struct';
import { guestIdRegisters, idFields, showIdRegisters } from './id-registers.js';
import { checkHost, hostRequirements } from './host-requirements.js';
import { HARDWARE, HARDWARE_WITH_ATS } from './vsmmu.testing.js';

const fields = <B extends BitFields>(register: BitStruct<B>, value = 0) =>
  decode(register, new Uint8Array(Uint32Array.of(value).buffer));
/** Hardware with all features. */
const ALL = {
  idr: [0x7fff_fffe | 1, 0xffff_ffff, 0x3ff, 0xff_ffbc, 0xffff_ffff, 0xffff_0df7],
  aidr: 4,
} as const;

test('the ID registers of a guest on the machine of the tapes', () => {
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

test('a guest on hardware with all features has the supported ones', () => {
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

describe('what the host lacks is refused', () => {
  const everything = guestIdRegisters(ALL, { ats: true, ssidBits: 20 });
  /** The bit that the hardware lacks; for STALL_MODEL, the bit that it has. */
  const without: Readonly<Record<string, readonly [register: number, mask: number, message: string]>> = {
    'IDR0.S1P': [0, 1 << 0, 'S2P'],
    'IDR0.TTF': [0, 2 << 2, 'AArch64'],
    'IDR0.COHACC': [0, 1 << 4, 'stale tables'],
    'IDR0.ATS': [0, 1 << 10, 'CMD_ATC_INV'],
    'IDR0.ASID16': [0, 1 << 12, 'above 255'],
    'IDR0.CD2L': [0, 1 << 19, 'two levels'],
    'IDR3.RIL': [3, 1 << 10, 'ranges'],
    'IDR3.BBML': [3, 2 << 11, 'conflicts'],
    'IDR1.SSIDSIZE': [1, 0x1f << 6, 'S1CDMax'],
    'IDR5.OAS': [5, 7, 'IPS'],
    'IDR5.GRAN4K': [5, 1 << 4, 'page size'],
    'IDR5.GRAN16K': [5, 1 << 5, 'page size'],
    'IDR5.GRAN64K': [5, 1 << 6, 'page size'],
  };
  const less = (register: number, mask: number) => ({
    idr: ALL.idr.map((value, i) => (i === register ? (value & ~mask) >>> 0 : value)),
    aidr: 4,
  });

  test.each(Object.entries(without))('%s', (feature, [register, mask, message]) => {
    checkHost(everything, ALL);
    const check = () => checkHost(everything, less(register, mask));
    expect(check).toThrow(`hardware: ${feature} of the guest needs`);
    expect(check).toThrow(message);
  });

  test('IDR0.STALL_MODEL 2', () => {
    const [idr0, ...others] = ALL.idr;
    const forced = { idr: [(idr0 & ~(3 << 24)) | (2 << 24), ...others] as const, aidr: 4 };
    expect(() => guestIdRegisters(forced, { ssidBits: 20 })).toThrow('STALL_MODEL');
  });

  test('each has a row here', () => {
    const rows = [...Object.keys(without), 'IDR0.STALL_MODEL'];
    expect(hostRequirements.map(({ feature }) => feature).sort()).toEqual(rows.sort());
  });

  test('also for guestIdRegisters() with an option: ATS on the machine of the tapes', () => {
    expect(() => guestIdRegisters(HARDWARE, { ats: true })).toThrow('IDR0.ATS');
    expect(guestIdRegisters(HARDWARE_WITH_ATS, { ats: true }).idr[0] & (1 << 10)).not.toBe(0);
  });
});
