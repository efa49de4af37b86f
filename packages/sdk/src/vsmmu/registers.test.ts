import { describe, expect, test } from '@jest/globals';
import { smmuv3_register } from '@iommufd/uapi';
import { guestIdRegisters } from './id-registers.js';
import { REGISTERS_32, REGISTERS_64 } from './registers.js';
import { Guest, HARDWARE } from './vsmmu.testing.js';

const ALL = { ats: true, pri: true, msi: true } as const;

describe('at reset', () => {
  test('ID registers are those that were given, and cannot be written', () => {
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

describe('where there is no register', () => {
  test.each([
    0x40,
    0x48,
    0xa8,
    0xac,
    0xc8,
    0xcc,
    0x100,
    0x190,
    0x200,
    0xfd0,
    0xfffc,
    0x10000,
    0x100a0,
    0x1fffc,
    -4,
    2 ** 40,
  ])('offset 0x%s reads as zero and ignores writes', (offset) => {
    const { smmu } = new Guest(ALL);
    const before = smmu.save();
    smmu.write(offset, 4, 0xffff_ffff);
    smmu.write(offset - (offset % 8), 8, 0n);
    expect(smmu.read(offset, 4)).toBe(0);
    expect(smmu.save()).toEqual(before);
  });

  test('an offset that is not aligned is none', () => {
    const { smmu } = new Guest();
    smmu.write(smmuv3_register.SMMU_CMDQ_BASE + 2, 4, 0xffff_ffff);
    smmu.write(smmuv3_register.SMMU_CMDQ_BASE + 4, 8, 0xffff_ffffn);
    expect(smmu.read(smmuv3_register.SMMU_CMDQ_BASE, 8)).toBe(0n);
    expect([smmu.read(1, 4), smmu.read(4, 8)]).toEqual([0, 0n]);
  });
});

describe('written with ones', () => {
  /** What stays of ones that are written while everything is off; without and with ATS, PRI and MSI. */
  const rows: readonly [name: keyof typeof smmuv3_register, plain: bigint, all: bigint][] = [
    ['SMMU_CR0', 0xdn, 0x1fn],
    ['SMMU_CR1', 0xfffn, 0xfffn],
    ['SMMU_CR2', 0x2n, 0x2n],
    ['SMMU_GBPA', 0x10_1000n, 0x10_1000n],
    ['SMMU_IRQ_CTRL', 0x5n, 0x7n],
    ['SMMU_GERROR', 0n, 0n],
    ['SMMU_GERRORN', 0n, 0n],
    ['SMMU_GERROR_IRQ_CFG0', 0n, 0xff_ffff_ffff_fffcn],
    ['SMMU_GERROR_IRQ_CFG1', 0n, 0xffff_ffffn],
    ['SMMU_GERROR_IRQ_CFG2', 0n, 0x3fn],
    ['SMMU_STRTAB_BASE', 0x40ff_ffff_ffff_ffc0n, 0x40ff_ffff_ffff_ffc0n],
    ['SMMU_STRTAB_BASE_CFG', 0x3_07ffn, 0x3_07ffn],
    ['SMMU_CMDQ_BASE', 0x40ff_ffff_ffff_ffffn, 0x40ff_ffff_ffff_ffffn],
    ['SMMU_CMDQ_PROD', 0xf_ffffn, 0xf_ffffn],
    ['SMMU_CMDQ_CONS', 0x7f0f_ffffn, 0x7f0f_ffffn],
    ['SMMU_EVENTQ_BASE', 0x40ff_ffff_ffff_ffffn, 0x40ff_ffff_ffff_ffffn],
    ['SMMU_EVENTQ_PROD', 0x800f_ffffn, 0x800f_ffffn],
    ['SMMU_EVENTQ_CONS', 0x800f_ffffn, 0x800f_ffffn],
    ['SMMU_EVENTQ_IRQ_CFG0', 0n, 0xff_ffff_ffff_fffcn],
    ['SMMU_EVENTQ_IRQ_CFG1', 0n, 0xffff_ffffn],
    ['SMMU_EVENTQ_IRQ_CFG2', 0n, 0x3fn],
    ['SMMU_PRIQ_BASE', 0n, 0x40ff_ffff_ffff_ffffn],
    ['SMMU_PRIQ_PROD', 0n, 0x800f_ffffn],
    ['SMMU_PRIQ_CONS', 0n, 0x800f_ffffn],
    ['SMMU_PRIQ_IRQ_CFG0', 0n, 0xff_ffff_ffff_fffcn],
    ['SMMU_PRIQ_IRQ_CFG1', 0n, 0xffff_ffffn],
    ['SMMU_PRIQ_IRQ_CFG2', 0n, 0x8000_003fn],
  ];
  const isWide = (name: string): boolean => REGISTERS_64.some((wide) => wide === name);

  test('every register is here', () => {
    expect(rows.map(([name]) => name).sort()).toEqual([...REGISTERS_32, ...REGISTERS_64].sort());
  });

  test.each(rows)('%s', (name, plain, all) => {
    for (const [options, expected] of [
      [{}, plain],
      [ALL, all],
    ] as const) {
      const offset = smmuv3_register[name];
      const guest = new Guest(options);
      if (typeof offset !== 'number') throw new Error('no register');
      if (isWide(name)) {
        guest.smmu.write(offset, 8, -1n);
        expect(guest.smmu.read(offset, 8)).toBe(expected);
        guest.smmu.reset();
        // By halves, too.
        guest.smmu.write(offset + 4, 4, 0xffff_ffff);
        expect(guest.smmu.read(offset, 8)).toBe((expected >> 32n) << 32n);
        guest.smmu.write(offset, 4, 0xffff_ffff);
        expect(guest.smmu.read(offset, 4)).toBe(Number(expected & 0xffff_ffffn));
        expect(guest.smmu.read(offset + 4, 4)).toBe(Number(expected >> 32n));
      } else {
        guest.smmu.write(offset, 4, 0xffff_ffff);
        expect(BigInt(guest.smmu.read(offset, 4))).toBe(expected);
      }
      guest.smmu.reset();
      expect(guest.smmu.save()).toEqual(new Guest(options).smmu.save());
    }
  });
});

test('what is on is acknowledged at once', () => {
  const guest = new Guest(ALL);
  guest.set('SMMU_CR0', 0x1f);
  expect(guest.get('SMMU_CR0ACK')).toBe(0x1f);
  guest.set('SMMU_CR0ACK', 0);
  expect(guest.get('SMMU_CR0ACK')).toBe(0x1f);
  guest.set('SMMU_IRQ_CTRL', 5);
  expect(guest.get('SMMU_IRQ_CTRLACK')).toBe(5);
});

describe('what is in use cannot be changed', () => {
  const rows = [
    ['SMMU_CR0', 0x1, ['SMMU_STRTAB_BASE', 'SMMU_STRTAB_BASE_CFG', 'SMMU_CR2']],
    ['SMMU_CR0', 0x2, ['SMMU_PRIQ_BASE', 'SMMU_PRIQ_PROD']],
    ['SMMU_CR0', 0x4, ['SMMU_EVENTQ_BASE', 'SMMU_EVENTQ_PROD']],
    ['SMMU_CR0', 0x8, ['SMMU_CMDQ_BASE', 'SMMU_CMDQ_CONS']],
    ['SMMU_IRQ_CTRL', 0x1, ['SMMU_GERROR_IRQ_CFG0', 'SMMU_GERROR_IRQ_CFG1', 'SMMU_GERROR_IRQ_CFG2']],
    ['SMMU_IRQ_CTRL', 0x2, ['SMMU_PRIQ_IRQ_CFG0', 'SMMU_PRIQ_IRQ_CFG1', 'SMMU_PRIQ_IRQ_CFG2']],
    ['SMMU_IRQ_CTRL', 0x4, ['SMMU_EVENTQ_IRQ_CFG0', 'SMMU_EVENTQ_IRQ_CFG1', 'SMMU_EVENTQ_IRQ_CFG2']],
  ] as const;
  test.each(rows)('%s = %d', (control, bit, names) => {
    const guest = new Guest(ALL);
    guest.set(control, bit);
    for (const name of names) guest.set(name, 0xffff_ffff);
    expect(names.map((name) => guest.get(name))).toEqual(names.map(() => 0));
    guest.set(control, 0);
    for (const name of names) guest.set(name, 0xffff_ffff);
    expect(names.map((name) => guest.get(name) !== 0)).toEqual(names.map(() => true));
  });

  test('SMMU_CR1 is locked in two parts', () => {
    const guest = new Guest();
    guest.set('SMMU_CR0', 1);
    guest.set('SMMU_CR1', 0xfff);
    expect(guest.get('SMMU_CR1')).toBe(0x03f);
    guest.set('SMMU_CR0', 4);
    guest.set('SMMU_CR1', 0xfc0);
    expect(guest.get('SMMU_CR1')).toBe(0xfff);
  });
});

test('two registers of 32 bits are written by one access, the lower one first', () => {
  const guest = new Guest({ streams: [1] });
  guest.smmu.write(smmuv3_register.SMMU_CMDQ_PROD, 8, 0x0200_0005_0000_0005n);
  expect([guest.get('SMMU_CMDQ_PROD'), guest.get('SMMU_CMDQ_CONS')]).toEqual([5, 0x0200_0005]);
  expect(guest.smmu.read(smmuv3_register.SMMU_CMDQ_PROD, 8)).toBe(0x0200_0005_0000_0005n);
});

test('SMMU_GBPA is written only together with Update, which is done at once', () => {
  const guest = new Guest({ streams: [1] });
  guest.set('SMMU_GBPA', 0x10_0000);
  expect([guest.get('SMMU_GBPA'), guest.taken()]).toEqual([0x1000, []]);
  guest.set('SMMU_GBPA', 0x8010_0000);
  expect([guest.get('SMMU_GBPA'), guest.taken()]).toEqual([0x10_1000, ['stream 1 abort']]);
});

test('an error that is not active cannot be acknowledged', () => {
  const guest = new Guest(ALL).start();
  guest.set('SMMU_GERRORN', 0xff);
  expect(guest.get('SMMU_GERRORN')).toBe(0);
  guest.issue([0xffn, 0n]);
  guest.set('SMMU_CR0', 0);
  guest.set('SMMU_GERRORN', 0xff);
  expect([guest.get('SMMU_GERROR'), guest.get('SMMU_GERRORN')]).toEqual([1, 1]);
});
