import { describe, expect, test } from '@jest/globals';
import { BAD, cfgiSte, type Command, SYNC, syncIrq, tlbiAsid } from '@iommufd/testkit/guest';
import { type Register32, REGISTERS_32, REGISTERS_64 } from '@iommufd/smmuv3';
import { smmuv3_register } from '@iommufd/uapi';
import fc from 'fast-check';
import type { VsmmuState } from './index.js';
import { asidWord, CMDQ, Guest, type GuestOptions, Ram, STE_BYPASS, steS1, STRTAB } from './vsmmu.testing.js';

/**
 * A string that the first version saved, of a guest in the middle of things: a stream that translates, one that does not, a
 * command that waits, and an overflow.
 */
const SAVED_BY_0_1_0 =
  '{"version":1,"idRegisters":{"idr":[222302234,34603024,0,5120,0,116],"iidr":0,"aidr":1},"registers":{"SMMU_CR0":13,' +
  '"SMMU_CR1":3445,"SMMU_CR2":2,"SMMU_GBPA":4096,"SMMU_IRQ_CTRL":5,"SMMU_GERROR":0,"SMMU_GERRORN":0,' +
  '"SMMU_GERROR_IRQ_CFG1":0,"SMMU_GERROR_IRQ_CFG2":0,"SMMU_STRTAB_BASE_CFG":8,"SMMU_CMDQ_PROD":2,"SMMU_CMDQ_CONS":1,' +
  '"SMMU_EVENTQ_PROD":2147483648,"SMMU_EVENTQ_CONS":0,"SMMU_EVENTQ_IRQ_CFG1":0,"SMMU_EVENTQ_IRQ_CFG2":0,' +
  '"SMMU_PRIQ_PROD":0,"SMMU_PRIQ_CONS":0,"SMMU_PRIQ_IRQ_CFG1":0,"SMMU_PRIQ_IRQ_CFG2":0,"SMMU_GERROR_IRQ_CFG0":"0x0",' +
  '"SMMU_STRTAB_BASE":"0x40040000","SMMU_CMDQ_BASE":"0x40000004","SMMU_EVENTQ_BASE":"0x40010004",' +
  '"SMMU_EVENTQ_IRQ_CFG0":"0x0","SMMU_PRIQ_BASE":"0x0","SMMU_PRIQ_IRQ_CFG0":"0x0"},"streams":[{"streamId":1,' +
  '"config":["0x500b","0x0"]},{"streamId":2,"config":"bypass"}]}';

const OPTIONS: GuestOptions = { streams: [1, 2], msi: true, ats: true, pri: true };
const viaJson = (state: VsmmuState): VsmmuState => JSON.parse(JSON.stringify(state));

/** Another host for the same guest. */
function moved(guest: Guest, options = OPTIONS): Guest & { readonly loaded: readonly string[] } {
  const next = new Guest({ ...options, ram: guest.ram });
  next.smmu.load(viaJson(guest.smmu.save()));
  // What the host had cached is dropped first of all.
  expect(next.backend.ran.shift()).toBe(0x30n);
  return Object.assign(next, { loaded: next.taken() });
}

describe('reset', () => {
  test('restores the initial state, even during an error', () => {
    const guest = new Guest(OPTIONS).start(4, 0xf);
    guest.ram.write64(STRTAB + 64n, steS1(0x5000n));
    guest.issue(tlbiAsid(1), BAD, tlbiAsid(2));
    guest.smmu.handleEvents([{ kind: 'lost', sequence: 0, lost: 1 }]);
    guest.taken();
    guest.smmu.reset();
    expect(guest.taken()).toEqual(['stream 1 bypass', 'stream 2 bypass']);
    expect(guest.smmu.save()).toEqual(new Guest(OPTIONS).smmu.save());
    guest.start().issue(tlbiAsid(3));
    expect(guest.backend.ran.at(-1)).toBe(asidWord(3));
  });
});

describe('save and load', () => {
  test('a stopped queue stays stopped, and continues when the error is acknowledged', () => {
    const guest = new Guest(OPTIONS).start(4, 0xd);
    guest.set('SMMU_CR0', 0xc);
    guest.set64('SMMU_STRTAB_BASE', STRTAB);
    guest.set('SMMU_STRTAB_BASE_CFG', 8);
    guest.ram.write64(STRTAB + 64n, steS1(0x5000n));
    guest.ram.write64(STRTAB + 128n, STE_BYPASS);
    guest.set('SMMU_CR0', 0xd);
    guest.issue(tlbiAsid(1), BAD, tlbiAsid(2), syncIrq());
    const next = moved(guest);
    expect(next.smmu.save()).toEqual(guest.smmu.save());
    expect(next.loaded).toEqual(['stream 1 translate', 'stream 2 bypass', 'invalidate 1']);
    next.ram.write64(CMDQ + 16n, 0x46n, 0n);
    next.set('SMMU_GERRORN', 1);
    expect(next.taken()).toEqual(['invalidate 1', 'irq sync']);
  });

  test('a state saved in the interrupt of an error includes the error', () => {
    const saved: VsmmuState[] = [];
    const guest: Guest = new Guest({
      ...OPTIONS,
      interrupts: { gerror: () => saved.push(guest.smmu.save()) },
    });
    guest.start().issue(BAD);
    expect(saved).toEqual([guest.smmu.save()]);
  });

  test('streams keep their configuration until the guest invalidates it', () => {
    const guest = new Guest(OPTIONS).start();
    guest.set64('SMMU_STRTAB_BASE', STRTAB);
    guest.set('SMMU_STRTAB_BASE_CFG', 8);
    guest.ram.write64(STRTAB + 64n, steS1(0x5000n));
    guest.set('SMMU_CR0', 0xd);
    guest.ram.write64(STRTAB + 64n, steS1(0x6000n), 0n, 0n, 0n, 0n, 0n, 0n, 0n, STE_BYPASS);
    // A device more than there was.
    const next = moved(guest, { ...OPTIONS, streams: [1, 3] });
    expect(next.backend.configs).toEqual(
      new Map([
        [1, { kind: 'translate', ste: [0x500bn, 0n] }],
        [3, { kind: 'invalid' }],
      ]),
    );
    next.start(4, 0xd).issue(cfgiSte(1));
    expect(next.backend.configs.get(1)).toEqual({ kind: 'translate', ste: [0x600bn, 0n] });
  });

  test('commands at which the host failed are executed by the next host', () => {
    const guest = new Guest(OPTIONS).start();
    guest.backend.failure = new Error('gone');
    expect(() => guest.issue(tlbiAsid(1))).toThrow('gone');
    const next = moved(guest);
    expect(next.backend.ran).toEqual([asidWord(1)]);
    expect(next.get('SMMU_CMDQ_CONS')).toBe(1);
  });

  test('an invalid state is refused, and nothing changes', () => {
    const guest = new Guest(OPTIONS).start();
    const good = viaJson(guest.smmu.save());
    const before = guest.smmu.save();
    const { registers } = good;
    const bad: readonly [what: unknown, message: string][] = [
      [{ ...good, version: 2 }, 'version'],
      [{}, 'version'],
      [{ version: 1 }, 'idRegisters'],
      [{ ...good, idRegisters: { ...good.idRegisters, aidr: 9 } }, 'other ID registers'],
      [{ ...good, streams: undefined }, 'streams'],
      [{ ...good, streams: [{ streamId: -1, config: 'abort' }] }, 'streams[0].streamId'],
      [{ ...good, streams: [{ streamId: 1, config: 'pass' }] }, 'streams[0].config'],
      [{ ...good, streams: [{ streamId: 1, config: ['0x1'] }] }, 'streams[0].config'],
      // Not valid; stage 2; a bit that no guest can set.
      [{ ...good, streams: [{ streamId: 1, config: ['0xa', '0x0'] }] }, 'no stream table entry'],
      [{ ...good, streams: [{ streamId: 1, config: ['0xd', '0x0'] }] }, 'no stream table entry'],
      [
        { ...good, streams: [{ streamId: 1, config: ['0xb', '0x8000000000000000'] }] },
        'no stream table entry',
      ],
      [{ ...good, registers: { ...registers, SMMU_CR0: -1 } }, 'SMMU_CR0'],
      [{ ...good, registers: { ...registers, SMMU_CR0: undefined } }, 'SMMU_CR0'],
      [{ ...good, registers: { ...registers, SMMU_CMDQ_BASE: 'x' } }, 'SMMU_CMDQ_BASE'],
      [{ ...good, registers: { ...registers, SMMU_CMDQ_BASE: '0x10000000000000000' } }, 'SMMU_CMDQ_BASE'],
    ];
    for (const [state, message] of bad) expect(() => guest.smmu.load(state as VsmmuState)).toThrow(message);
    expect(guest.smmu.save()).toEqual(before);
    expect(() => new Guest().smmu.load(good)).toThrow('other ID registers');
  });
});

describe('a state that a guest cannot have made', () => {
  const everything = (guest: Guest): VsmmuState => {
    const { registers, ...state } = viaJson(guest.smmu.save());
    const ones = Object.entries(registers).map(([name, value]) => [
      name,
      typeof value === 'number' ? 0xffff_ffff : '0xffffffffffffffff',
    ]);
    return { ...state, registers: Object.fromEntries(ones) };
  };

  test.each([{}, OPTIONS])('is reduced to register bits that a guest with %j can write', (options) => {
    const loaded = new Guest(options);
    const state = everything(loaded);
    // The host's queue would be full of zeros, which are no commands.
    loaded.smmu.load(state);
    const written = new Guest(options);
    for (const name of REGISTERS_64) written.smmu.write(smmuv3_register[name], 8, -1n);
    // SMMU_CR0 and SMMU_IRQ_CTRL guard others.
    const last: readonly Register32[] = ['SMMU_IRQ_CTRL', 'SMMU_CR0'];
    for (const name of [...REGISTERS_32.filter((other) => !last.includes(other)), ...last])
      written.set(name, 0xffff_ffff);
    const { SMMU_GERROR: errors, ...found } = loaded.smmu.save().registers;
    const { SMMU_GERROR: _none, ...expected } = written.smmu.save().registers;
    expect(found).toEqual(expected);
    // An error that there is can have happened.
    expect(errors).toBe(found['SMMU_GERRORN']);
  });

  test('keeps only the defined bits of SMMU_GERROR', () => {
    const guest = new Guest();
    const { registers, ...state } = viaJson(guest.smmu.save());
    guest.smmu.load({ ...state, registers: { ...registers, SMMU_GERROR: 0xffff_ffff, SMMU_GERRORN: 0 } });
    expect(guest.get('SMMU_GERROR')).toBe(0x105);
  });
});

test('a state of version 0.1.0 is loaded', () => {
  const guest = new Guest({ streams: [1, 2] });
  guest.ram.write64(CMDQ + 16n, asidWord(7), 0n);
  guest.smmu.load(JSON.parse(SAVED_BY_0_1_0) as VsmmuState);
  expect(guest.backend.configs).toEqual(
    new Map([
      [1, { kind: 'translate', ste: [0x500bn, 0n] }],
      [2, { kind: 'bypass' }],
    ]),
  );
  expect(guest.backend.ran).toEqual([0x30n, asidWord(7)]);
  expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_EVENTQ_PROD')]).toEqual([2, 0x8000_0000]);
  expect([guest.get('SMMU_CR1'), guest.get('SMMU_GBPA')]).toEqual([0xd75, 0x1000]);
});

test('streams that the host could not configure are configured by the next host', () => {
  const guest = new Guest(OPTIONS).start(4, 0xc);
  guest.set64('SMMU_STRTAB_BASE', STRTAB);
  guest.set('SMMU_STRTAB_BASE_CFG', 8);
  guest.ram.write64(STRTAB + 64n, STE_BYPASS);
  guest.ram.write64(STRTAB + 128n, STE_BYPASS);
  guest.backend.failure = new Error('gone');
  expect(() => guest.set('SMMU_CR0', 0xd)).toThrow('could not be configured');
  expect(moved(guest).loaded).toEqual(['stream 1 bypass', 'stream 2 bypass', 'invalidate 1']);
});

/** What a guest does in one step. */
type Step =
  | { readonly kind: 'issue'; readonly commands: readonly number[] }
  | { readonly kind: 'event'; readonly lost: boolean }
  | { readonly kind: 'drain' | 'acknowledge' | 'mend' | 'page' }
  | { readonly kind: 'set'; readonly value: number }
  | { readonly kind: 'ste'; readonly word: bigint };

const COMMANDS: readonly (Command | readonly [bigint, bigint])[] = [
  tlbiAsid(1),
  tlbiAsid(2),
  cfgiSte(1),
  cfgiSte(2),
  SYNC,
  syncIrq(),
  syncIrq(0x800_0000n, 3),
  BAD,
];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('issue' as const),
    commands: fc.array(fc.nat(COMMANDS.length - 1), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('event' as const), lost: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('drain' as const, 'acknowledge' as const, 'mend' as const, 'page' as const),
  }),
  fc.record({ kind: fc.constant('set' as const), value: fc.constantFrom(0xf, 0xd, 0xc, 0x8, 0x4) }),
  fc.record({ kind: fc.constant('ste' as const), word: fc.constantFrom(0n, STE_BYPASS, steS1(0x5000n)) }),
);
const EVENT = { EventNumber: 2, StreamID: 1, SSV: 0, SubstreamID: 0 } as const;

function take(guest: Guest, step: Step): void {
  switch (step.kind) {
    case 'issue': {
      const commands = step.commands.map((at) => COMMANDS[at] ?? SYNC);
      const room = 8 - ((guest.get('SMMU_CMDQ_PROD') - guest.get('SMMU_CMDQ_CONS')) & 15);
      guest.issue(...commands.slice(0, room));
      return;
    }
    case 'event': {
      const item = step.lost
        ? ({ kind: 'lost', sequence: 0, lost: 1 } as const)
        : ({ kind: 'event', sequence: 0, event: EVENT } as const);
      return guest.smmu.handleEvents([item]);
    }
    case 'drain':
      guest.set('SMMU_EVENTQ_CONS', guest.get('SMMU_EVENTQ_PROD'));
      return guest.set('SMMU_PRIQ_CONS', guest.get('SMMU_PRIQ_PROD'));
    case 'mend':
      return guest.ram.write64(CMDQ + BigInt((guest.get('SMMU_CMDQ_CONS') & 7) * 16), 0x46n, 0n);
    case 'acknowledge':
      return guest.set('SMMU_GERRORN', guest.get('SMMU_GERROR'));
    case 'set':
      return guest.set('SMMU_CR0', step.value);
    case 'ste':
      guest.ram.write64(STRTAB + 64n, step.word);
      guest.issue(cfgiSte(1));
      return;
    case 'page': {
      const zero = { SubstreamID: 0, Priv: 0, X: 0, W: 0, SSV: 0, PRGIndex: 0, PageAddress: 0n };
      guest.smmu.pageRequest({ ...zero, StreamID: 1, R: 1, Last: 1 });
    }
  }
}

test('a migration is not visible to the guest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, when) => {
      const start = (): Guest => {
        const guest = new Guest(OPTIONS);
        guest.set64('SMMU_STRTAB_BASE', STRTAB);
        guest.set('SMMU_STRTAB_BASE_CFG', 8);
        return guest.start(3, 0xf);
      };
      const stays = start();
      let moves = start();
      let ran: bigint[] = [];
      steps.forEach((each, i) => {
        if (i === when) {
          ran = moves.backend.ran;
          moves = moved(moves);
          // How to write the queue is the driver's to know.
          moves.start(3, moves.get('SMMU_CR0'));
        }
        take(stays, each);
        take(moves, each);
      });
      expect(moves.smmu.save()).toEqual(stays.smmu.save());
      expect([...ran, ...moves.backend.ran]).toEqual(stays.backend.ran);
      expect(Buffer.compare(moves.ram.all, stays.ram.all)).toBe(0);
      expect(moves.backend.configs).toEqual(stays.backend.configs);
    }),
    { numRuns: 200 },
  );
});

test('whatever a guest writes, it does no harm', () => {
  const offsets = Object.values(smmuv3_register.members).map(([offset]) => offset);
  const access = fc.record({
    offset: fc.oneof(fc.constantFrom(...offsets), fc.nat(0x2_0000)),
    isWide: fc.boolean(),
    value: fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(CMDQ | 3n, STRTAB, 0xdn, 0xfn, 7n, 1n, 0x8000_0005n),
    ),
  });
  fc.assert(
    fc.property(
      fc.array(access, { maxLength: 60 }),
      fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 64 }),
      (accesses, words) => {
        const ram = new Ram();
        ram.write64(CMDQ, ...words);
        ram.write64(STRTAB, ...words);
        const guest = new Guest({ ...OPTIONS, ram, commandQueueBits: 6 });
        guest.backend.refuses = (low) => low % 3n === 0n;
        for (const { offset, isWide, value } of accesses) {
          if (isWide) guest.smmu.write(offset, 8, value);
          else guest.smmu.write(offset, 4, Number(value & 0xffff_ffffn));
          guest.smmu.handleEvents([{ kind: 'event', sequence: 0, event: EVENT }]);
          expect(guest.get('SMMU_CR0')).toBe(guest.get('SMMU_CR0ACK'));
        }
        moved(guest, { ...OPTIONS, commandQueueBits: 6 });
      },
    ),
    { numRuns: 200 },
  );
});
