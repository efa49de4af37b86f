import { describe, expect, test } from '@jest/globals';
import { BAD, cfgiSte, NSNH_ALL, type RegisterName, SYNC } from '@iommufd/testkit/guest';
import { type PageRequest, REGISTERS_32, REGISTERS_64 } from '@iommufd/smmuv3';
import { smmuv3_cmdq_error, smmuv3_pri_response, smmuv3_register } from '@iommufd/uapi';
import { type FoundSte, STREAM, type User, users } from './both-users.testing.js';
import { guestIdRegisters, type IdRegisterOptions } from './id-registers.js';
import { CMDQ, EVTQ, HARDWARE_WITH_ATS as HARDWARE, pageRequest, STRTAB, steS1 } from './vsmmu.testing.js';

const ALL = { ats: true, pri: true, msi: true } as const;
const OVFLG = 0x8000_0000;
const { ResponseFailure, Success } = smmuv3_pri_response;
/** The same with SubstreamIDs of 8 bits, and tables of two levels for them (CD2L). */
const [idr0, idr1, ...others] = HARDWARE.idr;
const WITH_SUBSTREAMS = { ...HARDWARE, idr: [idr0 | (1 << 19), idr1 | (8 << 6), ...others] as const };

/** The value of each register after ones are written while everything is disabled; without and with ATS, PRI and MSI. OAS is 44 bits. */
const written: readonly [name: RegisterName, plain: bigint, all: bigint][] = [
  ['SMMU_CR0', 0xdn, 0x1fn],
  ['SMMU_CR1', 0xfffn, 0xfffn],
  ['SMMU_CR2', 0x2n, 0x2n],
  ['SMMU_GBPA', 0x10_1000n, 0x10_1000n],
  ['SMMU_IRQ_CTRL', 0x5n, 0x7n],
  ['SMMU_GERROR', 0n, 0n],
  ['SMMU_GERRORN', 0x105n, 0x1fdn],
  ['SMMU_GERROR_IRQ_CFG0', 0n, 0xfff_ffff_fffcn],
  ['SMMU_GERROR_IRQ_CFG1', 0n, 0xffff_ffffn],
  ['SMMU_GERROR_IRQ_CFG2', 0n, 0x3fn],
  ['SMMU_STRTAB_BASE', 0x4000_0fff_ffff_ffc0n, 0x4000_0fff_ffff_ffc0n],
  ['SMMU_STRTAB_BASE_CFG', 0x3_07ffn, 0x3_07ffn],
  ['SMMU_CMDQ_BASE', 0x4000_0fff_ffff_ffffn, 0x4000_0fff_ffff_ffffn],
  ['SMMU_CMDQ_PROD', 0xf_ffffn, 0xf_ffffn],
  ['SMMU_CMDQ_CONS', 0x7f0f_ffffn, 0x7f0f_ffffn],
  ['SMMU_EVENTQ_BASE', 0x4000_0fff_ffff_ffffn, 0x4000_0fff_ffff_ffffn],
  ['SMMU_EVENTQ_PROD', 0x800f_ffffn, 0x800f_ffffn],
  ['SMMU_EVENTQ_CONS', 0x800f_ffffn, 0x800f_ffffn],
  ['SMMU_EVENTQ_IRQ_CFG0', 0n, 0xfff_ffff_fffcn],
  ['SMMU_EVENTQ_IRQ_CFG1', 0n, 0xffff_ffffn],
  ['SMMU_EVENTQ_IRQ_CFG2', 0n, 0x3fn],
  ['SMMU_PRIQ_BASE', 0n, 0x4000_0fff_ffff_ffffn],
  ['SMMU_PRIQ_PROD', 0n, 0x800f_ffffn],
  ['SMMU_PRIQ_CONS', 0n, 0x800f_ffffn],
  ['SMMU_PRIQ_IRQ_CFG0', 0n, 0xfff_ffff_fffcn],
  ['SMMU_PRIQ_IRQ_CFG1', 0n, 0xffff_ffffn],
  ['SMMU_PRIQ_IRQ_CFG2', 0n, 0x8000_003fn],
];

/** Registers that cannot be written while a bit is 1. */
const guarded: readonly [control: RegisterName, bit: number, names: readonly RegisterName[]][] = [
  ['SMMU_CR0', 0x1, ['SMMU_STRTAB_BASE', 'SMMU_STRTAB_BASE_CFG', 'SMMU_CR2']],
  ['SMMU_CR0', 0x2, ['SMMU_PRIQ_BASE', 'SMMU_PRIQ_PROD']],
  ['SMMU_CR0', 0x4, ['SMMU_EVENTQ_BASE', 'SMMU_EVENTQ_PROD']],
  ['SMMU_CR0', 0x8, ['SMMU_CMDQ_BASE', 'SMMU_CMDQ_CONS']],
  ['SMMU_IRQ_CTRL', 0x1, ['SMMU_GERROR_IRQ_CFG0', 'SMMU_GERROR_IRQ_CFG1', 'SMMU_GERROR_IRQ_CFG2']],
  ['SMMU_IRQ_CTRL', 0x2, ['SMMU_PRIQ_IRQ_CFG0', 'SMMU_PRIQ_IRQ_CFG1', 'SMMU_PRIQ_IRQ_CFG2']],
  ['SMMU_IRQ_CTRL', 0x4, ['SMMU_EVENTQ_IRQ_CFG0', 'SMMU_EVENTQ_IRQ_CFG1', 'SMMU_EVENTQ_IRQ_CFG2']],
];

const NOWHERE = [0x40, 0x48, 0xa8, 0xac, 0xc8, 0xcc, 0x100, 0x190, 0x200, 0xfd0, 0xfffc, 0x10000, 0x100a0];

const isWide = (name: string): boolean => REGISTERS_64.some((wide) => wide === name);

const request = (fields: Partial<PageRequest> = {}): PageRequest =>
  pageRequest({ StreamID: STREAM, ...fields });

test('the table has every writable register', () => {
  expect(written.map(([name]) => name).sort()).toEqual([...REGISTERS_32, ...REGISTERS_64].sort());
});

const STE = steS1(0x4000_5000n);
const CDMAX = 59n;
/** The words of an entry, and the expected lookup result. */
const entries: readonly [name: string, word0: bigint, word1: bigint, found: FoundSte][] = [
  ['5.2: V = 0', STE & ~1n, 0n, 'illegal'],
  ['5.2: stage 1 alone', STE, 0n, 'translates'],
  ['5.2: stage 2, which is not there', 0xdn, 0n, 'illegal'],
  ['5.2.2: STRW = 1, which does not count without Hyp', STE, 1n << 30n, 'translates'],
  ['5.2.2: STRW = 2, the same', STE, 2n << 30n, 'translates'],
  ['5.2.2: STRW = 3, the same', STE, 3n << 30n, 'translates'],
  ['5.2: S1CDMax = 8, as many as SSIDSIZE', STE | (8n << CDMAX), 0n, 'translates'],
  ['5.2: S1CDMax = 9, more', STE | (9n << CDMAX), 0n, 'illegal'],
  ['5.2: two levels of descriptors', STE | (1n << CDMAX) | (1n << 4n), 0n, 'translates'],
  ['5.2: ATS of all', STE, 1n << 28n, 'translates'],
  ['5.2: ATS of one stage, of which there is only one', STE, 2n << 28n, 'illegal'],
];

/** SMMU_STRTAB_BASE_CFG, and which streams it has if each first-level descriptor leads to STREAM + 1 entries. */
const forms: readonly [name: string, config: number, there: readonly number[], missing: readonly number[]][] =
  [
    ['linear', 3, [0, 7], [8, 64]],
    ['linear, of a reserved format', (2 << 16) | 3, [0, 7], [8]],
    ['two levels of 6 bits', (1 << 16) | (6 << 6) | 8, [0, 31, 64, 223], [32, 255, 256]],
    ['two levels of a reserved split', (1 << 16) | (7 << 6) | 8, [0, 31, 64, 223], [32, 255, 256]],
    ['two levels of 8 bits', (1 << 16) | (8 << 6) | 9, [0, 31, 256, 287], [32, 255, 288, 512]],
  ];

describe.each(users)('%s', (_user, make) => {
  const create = (options: IdRegisterOptions = {}, hardware = HARDWARE): User =>
    make(guestIdRegisters(hardware, options));

  describe('registers', () => {
    test.each(written)('%s, written with ones', (name, plain, all) => {
      for (const [options, expected] of [
        [{}, plain],
        [ALL, all],
      ] as const) {
        const user = create(options);
        if (!isWide(name)) {
          user.set(name, 0xffff_ffff);
          expect(BigInt(user.get(name))).toBe(expected);
          continue;
        }
        user.set64(name, 0xffff_ffff_ffff_ffffn);
        expect(user.get64(name)).toBe(expected);
        // By halves, too.
        const offset = smmuv3_register[name];
        const halves = create(options);
        halves.registers.write(offset + 4, 4, 0xffff_ffff);
        expect(halves.get64(name)).toBe((expected >> 32n) << 32n);
        halves.registers.write(offset, 4, 0xffff_ffff);
        expect(halves.get64(name)).toBe(expected);
      }
    });

    test.each(guarded)('%s = %d: guarded bits cannot be changed', (control, bit, names) => {
      const user = create(ALL);
      user.set(control, bit);
      for (const name of names) user.set(name, 0xffff_ffff);
      expect(names.map((name) => user.get(name))).toEqual(names.map(() => 0));
      user.set(control, 0);
      for (const name of names) user.set(name, 0xffff_ffff);
      expect(names.map((name) => user.get(name) !== 0)).toEqual(names.map(() => true));
    });

    test.each(NOWHERE)('offset %d without a register is RAZ/WI', (offset) => {
      const user = create(ALL);
      user.registers.write(offset, 4, 0xffff_ffff);
      user.registers.write(offset - (offset % 8), 8, 0n);
      expect([user.registers.read(offset, 4), user.get('SMMU_GBPA')]).toEqual([0, 0x1000]);
    });

    test('an access that is not aligned to its size is RAZ/WI', () => {
      const user = create();
      user.registers.write(smmuv3_register.SMMU_CMDQ_BASE + 2, 4, 0xffff_ffff);
      user.registers.write(smmuv3_register.SMMU_CMDQ_BASE + 4, 8, 0xffff_ffffn);
      expect(user.get64('SMMU_CMDQ_BASE')).toBe(0n);
      expect([user.registers.read(1, 4), user.registers.read(4, 8)]).toEqual([0, 0n]);
    });

    test('two of 32 bits are written by one access, the lower one first', () => {
      const user = create();
      user.set64('SMMU_CMDQ_PROD', 0x0200_0005_0000_0005n);
      expect([user.get('SMMU_CMDQ_PROD'), user.get('SMMU_CMDQ_CONS')]).toEqual([5, 0x0200_0005]);
      expect(user.get64('SMMU_CMDQ_PROD')).toBe(0x0200_0005_0000_0005n);
    });

    test('enable bits are acknowledged at once', () => {
      const user = create(ALL);
      user.set('SMMU_CR0', 0x1f);
      user.set('SMMU_CR0ACK', 0);
      user.set('SMMU_IRQ_CTRL', 5);
      expect([user.get('SMMU_CR0ACK'), user.get('SMMU_IRQ_CTRLACK')]).toEqual([0x1f, 5]);
    });

    test('6.3.11: SMMU_CR1 is guarded in two parts', () => {
      for (const queue of [2, 4, 8]) {
        const user = create(ALL);
        user.set('SMMU_CR0', 1);
        user.set('SMMU_CR1', 0xfff);
        expect(user.get('SMMU_CR1')).toBe(0x03f);
        user.set('SMMU_CR0', queue);
        user.set('SMMU_CR1', 0xfc0);
        expect(user.get('SMMU_CR1')).toBe(0xfff);
      }
    });

    test('6.3.14: SMMU_GBPA is written only together with Update, which is done at once', () => {
      const user = create();
      user.set('SMMU_GBPA', 0x10_0000);
      expect(user.get('SMMU_GBPA')).toBe(0x1000);
      user.set('SMMU_GBPA', 0x8010_0000);
      expect(user.get('SMMU_GBPA')).toBe(0x10_1000);
    });

    test('6.3.20: SMMU_GERRORN reads as it was written, and an error becomes active by it', () => {
      const user = create().start(0xd);
      user.set('SMMU_GERRORN', 1);
      expect([user.get('SMMU_GERROR'), user.get('SMMU_GERRORN'), user.taken()]).toEqual([0, 1, []]);
      user.write(0, NSNH_ALL);
      user.set('SMMU_CMDQ_PROD', 1);
      expect(user.get('SMMU_CMDQ_CONS')).toBe(0);
      user.set('SMMU_GERRORN', 0);
      expect(user.get('SMMU_CMDQ_CONS')).toBe(1);
    });
  });

  describe('the stream table', () => {
    test.each(entries)('%s', (_name, word0, word1, found) => {
      const user = create(ALL, WITH_SUBSTREAMS).start();
      user.ram.write64(STRTAB + BigInt(STREAM * 64), word0, word1);
      expect(user.find(STREAM)).toBe(found);
    });

    test.each(forms)('6.3.25: %s', (_name, config, there, missing) => {
      const found = (streamId: number): [number, FoundSte] => {
        const user = create();
        const isLinear = config >> 16 !== 1;
        for (let i = 0; i < 8; i++) {
          // 32 entries, Span 6, which are all of the second level if it is not aligned.
          const table = STRTAB + 0x1000n;
          user.ram.write64(STRTAB + BigInt(8 * i), ...(isLinear ? [] : [(table + 0x7c0n) | 6n]));
        }
        for (let i = 0; i < 32; i++)
          user.ram.write64(STRTAB + (isLinear ? 0n : 0x1000n) + BigInt(64 * i), STE);
        user.start(0);
        user.set('SMMU_STRTAB_BASE_CFG', config);
        user.set('SMMU_CR0', 0xf);
        return [streamId, user.find(streamId)];
      };
      expect(there.map(found)).toEqual(there.map((streamId) => [streamId, 'translates']));
      expect(missing.map(found)).toEqual(missing.map((streamId) => [streamId, 'none']));
    });
  });

  describe('the command queue', () => {
    test('6.3.26: its base is aligned to its size, and the register is not', () => {
      const user = create();
      user.start(0);
      // Four entries take 64 bytes.
      user.set64('SMMU_CMDQ_BASE', (CMDQ + 0x60n) | 2n);
      user.write(0, { ...SYNC, CS: 1 }, CMDQ + 0x40n);
      user.set('SMMU_CR0', 0x8);
      user.set('SMMU_CMDQ_PROD', 1);
      expect([user.get('SMMU_CMDQ_CONS'), user.taken()]).toEqual([1, ['sync']]);
      expect(user.get64('SMMU_CMDQ_BASE')).toBe((CMDQ + 0x60n) | 2n);
    });

    test('6.3.28: SMMU_CMDQ_CONS.ERR stays until the next error', () => {
      const user = create().start(0xc);
      user.write(0, BAD);
      user.write(1, { ...SYNC, CS: 1 });
      user.set('SMMU_CMDQ_PROD', 2);
      const ill = smmuv3_cmdq_error.CERROR_ILL << 24;
      expect([user.get('SMMU_CMDQ_CONS'), user.get('SMMU_GERROR')]).toEqual([ill, 1]);
      expect(user.taken()).toEqual(['gerror']);
      user.write(0, NSNH_ALL);
      user.set('SMMU_GERRORN', 1);
      expect([user.get('SMMU_CMDQ_CONS'), user.taken()]).toEqual([ill + 2, ['sync']]);
      // While the queue is disabled, ERR can be written.
      user.set('SMMU_CR0', 0);
      user.set('SMMU_CMDQ_CONS', 2);
      expect(user.get('SMMU_CMDQ_CONS')).toBe(2);
    });

    test('a CMD_SYNC interrupts by MSI, and without an address by the line', () => {
      const user = create({ msi: true }).start(0xc);
      user.write(0, { ...SYNC, CS: 1, MSIAddress: 0x800_0040n, MSIData: 9 });
      user.write(1, { ...SYNC, CS: 1 });
      user.set('SMMU_CMDQ_PROD', 2);
      expect(user.taken()).toEqual(['msi 0x8000040 9', 'sync']);
    });
  });

  describe('the event queue', () => {
    test('3.18.2 and 7.4: it interrupts when it stops being empty, not when it overflows', () => {
      const user = create().start(0xd);
      for (let i = 0; i < 4; i++) user.badStream();
      expect([user.get('SMMU_EVENTQ_PROD'), user.taken()]).toEqual([4, ['eventq']]);
      user.badStream();
      user.badStream();
      expect([user.get('SMMU_EVENTQ_PROD'), user.taken()]).toEqual([OVFLG + 4, []]);
      // As soon as there is room, acknowledged or not.
      user.set('SMMU_EVENTQ_CONS', 4);
      user.badStream();
      expect([user.get('SMMU_EVENTQ_PROD'), user.taken()]).toEqual([OVFLG + 5, ['eventq']]);
      expect(user.ram.read64(EVTQ) & 0xffn).toBe(2n);
    });

    test('6.3.29: its base is aligned to its size', () => {
      const user = create();
      user.start(0);
      user.set64('SMMU_EVENTQ_BASE', (EVTQ + 0xe0n) | 2n);
      user.set('SMMU_CR0', 0x5);
      user.badStream();
      expect(user.ram.read64(EVTQ + 0x80n) & 0xffn).toBe(2n);
    });

    test('6.3.21: without MSIs where they would go is RES0, and the line is used', () => {
      const user = create();
      user.set64('SMMU_EVENTQ_IRQ_CFG0', 0x800_0040n);
      user.start(0xd).badStream();
      expect(user.taken()).toEqual(['eventq']);
    });
  });

  describe('the PRI queue', () => {
    const full = (hardware = HARDWARE): User => {
      const user = create(ALL, hardware).start();
      for (let i = 0; i < 4; i++) expect(user.request(request())).toBe('queued');
      expect(user.taken()).toEqual(['priq']);
      return user;
    };

    test('8.1: of what an overflow discards the last request of a group is answered', () => {
      const user = full();
      expect(user.request(request({ Last: 0 }))).toBe('ignored');
      expect(user.request(request())).toBe(Success);
      expect([user.get('SMMU_PRIQ_PROD'), user.taken()]).toEqual([OVFLG + 4, []]);
      // Whether or not there is room, until it is acknowledged.
      user.set('SMMU_PRIQ_CONS', 4);
      expect(user.request(request())).toBe(Success);
      user.set('SMMU_PRIQ_CONS', OVFLG + 4);
      expect(user.request(request())).toBe('queued');
    });

    test('8.1: one with a PASID is answered with a failure if its stream has no valid entry', () => {
      const user = full(WITH_SUBSTREAMS);
      const withPasid = request({ SSV: 1, SubstreamID: 9 });
      expect(user.request(withPasid)).toBe(ResponseFailure);
      const bypass = 0x9n;
      user.ram.write64(0x4004_0000n + BigInt(STREAM * 64), bypass);
      user.write(0, cfgiSte(STREAM));
      user.set('SMMU_CMDQ_PROD', 1);
      expect(user.request(withPasid)).toBe(Success);
    });

    test('8.2: a marker that a PASID has stopped is not answered, also without a queue', () => {
      const stop = request({ SSV: 1, SubstreamID: 9, R: 0 });
      const user = full();
      expect(user.request(stop)).toBe('ignored');
      user.set('SMMU_CR0', 0xd);
      expect(user.request(stop)).toBe('ignored');
      expect(user.request(request())).toBe(ResponseFailure);
    });

    test('6.3.36: with LO the last request of a group interrupts, even if it is discarded', () => {
      const user = create(ALL);
      user.set('SMMU_PRIQ_IRQ_CFG2', OVFLG);
      user.start();
      for (let i = 0; i < 4; i++) user.request(request({ Last: 0 }));
      expect(user.taken()).toEqual([]);
      user.request(request());
      user.request(request({ SSV: 1, SubstreamID: 9, R: 0 }));
      expect(user.taken()).toEqual(['priq', 'priq']);
    });
  });
});
