import { describe, expect, test } from '@jest/globals';
import { REGISTERS_32, REGISTERS_64 } from '@iommufd/smmuv3';
import { smmuv3_register } from '@iommufd/uapi';
import { guestIdRegisters } from './id-registers.js';
import { Guest, HARDWARE } from './vsmmu.testing.js';

const ALL = { ats: true, pri: true, msi: true } as const;

describe('at reset', () => {
  test('ID registers are those of the options, and read-only', () => {
    const { idr, iidr, aidr } = guestIdRegisters(HARDWARE);
    const guest = new Guest();
    for (let i = 0; i < 6; i++) guest.smmu.write(4 * i, 4, 0xffff_ffff);
    guest.set('SMMU_IIDR', 1);
    expect([0, 1, 2, 3, 4, 5].map((i) => guest.smmu.read(4 * i, 4))).toEqual(idr);
    expect([guest.get('SMMU_IIDR'), guest.get('SMMU_AIDR')]).toEqual([iidr, aidr]);
  });

  test('all others are zero, but SMMU_GBPA.SHCFG', () => {
    const { smmu } = new Guest();
    const found = [...REGISTERS_32, ...REGISTERS_64].filter(
      (name) => smmu.read(smmuv3_register[name], 4) !== 0,
    );
    expect(found).toEqual(['SMMU_GBPA']);
    expect(smmu.read(smmuv3_register.SMMU_GBPA, 4)).toBe(0x1000);
    expect(new Guest({ abortsAtReset: true }).get('SMMU_GBPA')).toBe(0x10_1000);
  });
});

test('a write of SMMU_GBPA reconfigures streams while SMMUEN is 0', () => {
  const guest = new Guest({ streams: [1] });
  guest.set('SMMU_GBPA', 0x10_0000);
  expect(guest.taken()).toEqual([]);
  guest.set('SMMU_GBPA', 0x8010_0000);
  expect([guest.get('SMMU_GBPA'), guest.taken()]).toEqual([0x10_1000, ['stream 1 abort']]);
});

test('a reset restores the initial values', () => {
  for (const options of [{}, ALL]) {
    const { smmu } = new Guest(options);
    const first = smmu.save();
    for (const name of REGISTERS_32) smmu.write(smmuv3_register[name], 4, 0xffff_fff2);
    for (const name of REGISTERS_64) smmu.write(smmuv3_register[name], 8, -1n);
    expect(smmu.save()).not.toEqual(first);
    smmu.reset();
    expect(smmu.save()).toEqual(first);
  }
});
