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

  test('all others are zero, except SMMU_GBPA.SHCFG', () => {
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

describe('an access that is not aligned or of 1 or 2 bytes', () => {
  /** Every place where an access can begin, around the registers of both pages. */
  const offsets = [...Array(0x200).keys(), ...Array.from({ length: 0x100 }, (_, i) => 0x1_0000 + i)];
  const sizes = [1, 2, 4, 8] as const;
  const isLegal = (offset: number, size: number): boolean => size >= 4 && offset % size === 0;
  const illegal = offsets.flatMap((at) =>
    sizes.filter((size) => !isLegal(at, size)).map((size) => [at, size] as const),
  );

  function written(): Guest {
    const guest = new Guest(ALL).start();
    guest.set64('SMMU_STRTAB_BASE', 0x4004_0000n);
    for (const name of REGISTERS_32) if (name !== 'SMMU_CR0') guest.set(name, 0x0101);
    guest.taken();
    return guest;
  }

  test('reads as zero', () => {
    const { smmu } = written();
    expect(illegal.filter(([at, size]) => BigInt(smmu.read(at, size)) !== 0n)).toEqual([]);
  });

  test('changes no register, and has no other effect', () => {
    const guest = written();
    const before = guest.smmu.save();
    for (const [at, size] of illegal) guest.smmu.write(at, size, size === 8 ? -1n : 0xffff_ffff);
    for (const [at, size] of illegal) guest.smmu.write(at, size, size === 8 ? 0n : 0);
    expect(guest.smmu.save()).toEqual(before);
    expect(guest.taken()).toEqual([]);
  });

  test('as a write of 2 bytes to SMMU_CMDQ_PROD leaves SMMU_CMDQ_CONS alone', () => {
    const guest = new Guest();
    guest.set('SMMU_CMDQ_CONS', 5);
    guest.smmu.write(smmuv3_register.SMMU_CMDQ_PROD, 2, 4);
    expect([guest.get('SMMU_CMDQ_PROD'), guest.get('SMMU_CMDQ_CONS')]).toEqual([0, 5]);
  });

  test('is not one of 4 bytes to either half of a 64-bit register, nor of 8 to two registers', () => {
    const guest = new Guest();
    guest.smmu.write(smmuv3_register.SMMU_CMDQ_BASE + 4, 4, 0x12);
    guest.smmu.write(smmuv3_register.SMMU_CMDQ_BASE, 4, 0x3456_0000);
    expect(guest.get64('SMMU_CMDQ_BASE')).toBe(0x12_3456_0000n);
    guest.smmu.write(smmuv3_register.SMMU_CMDQ_PROD, 8, 0x3_0000_0002n);
    expect([guest.get('SMMU_CMDQ_PROD'), guest.get('SMMU_CMDQ_CONS')]).toEqual([2, 3]);
  });

  test('nor does page 0 have the registers of page 1, or page 1 those of page 0', () => {
    const guest = new Guest();
    guest.set('SMMU_EVENTQ_CONS', 7);
    guest.smmu.write(0xac, 4, 1);
    expect([guest.smmu.read(0xac, 4), guest.get('SMMU_EVENTQ_CONS')]).toEqual([0, 7]);
    guest.smmu.write(0x1_0098, 4, 1);
    expect([guest.smmu.read(0x1_0000, 4), guest.get('SMMU_CMDQ_PROD')]).toEqual([0, 0]);
  });
});
