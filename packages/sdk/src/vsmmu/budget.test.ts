import { describe, expect, test } from '@jest/globals';
import {
  BAD,
  cfgiCdAll,
  cfgiSte,
  type Command,
  CMDQEN,
  commandBytes,
  type CommandEntry,
  EVENTQEN,
  SMMUEN,
  SYNC,
  syncIrq,
  tlbiAsid,
} from '@iommufd/testkit/guest';
import { CMD_CFGI_ALL, smmuv3_register } from '@iommufd/uapi';
import fc from 'fast-check';
import { STREAM_STEPS } from './guest-commands.js';
import {
  DEFAULT_BUDGET,
  guestIdRegisters,
  type GuestMemory,
  VirtualSmmuv3,
  type VsmmuBackend,
} from './index.js';
import { CMDQ, Guest, HARDWARE, STE_BYPASS, steS1, STRTAB } from './vsmmu.testing.js';

const CFGI_ALL: Command = { ...CMD_CFGI_ALL, StreamID: 0 };
const DEVICES = 16;

/** A queue of any size in which some commands repeat; the other entries are zero. */
function endless(pattern: readonly CommandEntry[]): GuestMemory {
  const period = pattern.flatMap((entry) => [...commandBytes(entry)]);
  return {
    read: (address, length) => {
      const offset = Number(address - CMDQ);
      if (offset < 0 || offset >= 16 << 19) return new Uint8Array(length);
      return Uint8Array.from({ length }, (_, i) => period[(offset + i) % period.length] ?? 0);
    },
    write: () => true,
  };
}

/** The steps of the host in each call until the queue is empty, or in the first calls. */
function stepsOfCalls(pattern: readonly CommandEntry[], log2size: number, most = Infinity): number[] {
  let steps = 0;
  const backend: VsmmuBackend = {
    streams: new Set(Array.from({ length: DEVICES }, (_, i) => i)),
    invalidate: ({ length }) => void (steps += length),
    setStream: () => void (steps += STREAM_STEPS),
  };
  const deferred: (() => void)[] = [];
  const smmu = new VirtualSmmuv3({
    memory: endless(pattern),
    backend,
    interrupts: {
      eventq: () => undefined,
      priq: () => undefined,
      gerror: () => undefined,
      cmdqSync: () => void steps++,
      msi: () => undefined,
    },
    idRegisters: guestIdRegisters(HARDWARE, { commandQueueBits: 19 }),
    defer: (goOn) => void deferred.push(goOn),
  });
  const register = smmuv3_register;
  const mask = 2 * 2 ** log2size - 1;
  smmu.write(register.SMMU_CMDQ_BASE, 8, CMDQ | BigInt(log2size));
  smmu.write(register.SMMU_STRTAB_BASE_CFG, 4, 8);
  smmu.write(register.SMMU_CR0, 4, CMDQEN | EVENTQEN | SMMUEN);
  const calls: number[] = [];
  const watch = (call: () => void): void => {
    const before = smmu.read(register.SMMU_CMDQ_CONS, 4);
    steps = 0;
    call();
    calls.push(Math.max(steps, (smmu.read(register.SMMU_CMDQ_CONS, 4) - before) & mask));
  };
  watch(() => smmu.write(register.SMMU_CMDQ_PROD, 4, 2 ** log2size));
  while (calls.length < most && deferred.length > 0) {
    expect(deferred).toHaveLength(1);
    watch(() => deferred.shift()?.());
  }
  if (most === Infinity)
    expect([smmu.read(register.SMMU_CMDQ_CONS, 4), smmu.isBusy]).toEqual([2 ** log2size, false]);
  return calls;
}

describe.each([16, 19])(
  'of a full queue of 2^%i commands and 16 devices no call takes more than its budget',
  (bits) => {
    /** Steps by which one command may exceed the budget: those of all devices, and of finding them. */
    const most = DEFAULT_BUDGET + DEVICES * (STREAM_STEPS + 1);
    const patterns: Readonly<Record<string, readonly CommandEntry[]>> = {
      CFGI_ALL: [CFGI_ALL],
      'CFGI_ALL and CMD_SYNC': [CFGI_ALL, SYNC],
      'CFGI_STE of each device': Array.from({ length: DEVICES }, (_, i) => cfgiSte(i)),
      TLBI: [tlbiAsid(1)],
      'TLBI and CFGI_STE': [tlbiAsid(1), cfgiSte(3)],
      'CMD_SYNC with interrupts': [syncIrq()],
      hints: [{ Opcode: 1, StreamID: 1 }],
      'CFGI_CD_ALL of no device': [cfgiCdAll(99)],
    };

    test.each(Object.entries(patterns))('%s', (_name, pattern) => {
      const calls = stepsOfCalls(pattern, bits, 40);
      expect(Math.max(...calls)).toBeLessThanOrEqual(most);
      // Nor does a call stop early: each except the last uses its whole budget.
      expect(calls.length).toBeGreaterThan(1);
    });
  },
);

test('consecutive CFGI_ALL are one: 2^16 of them configure each device once a call', () => {
  const calls = stepsOfCalls([CFGI_ALL], 16);
  expect(calls).toHaveLength(Math.ceil(2 ** 16 / DEFAULT_BUDGET));
  expect(Math.max(...calls)).toBe(DEVICES * STREAM_STEPS);
});

describe('work that is left', () => {
  const asids = (count: number): Command[] => Array.from({ length: count }, (_, i) => tlbiAsid(i));

  test('is deferred, one budget at a time, and the guest sees CONS advance', () => {
    const deferred: (() => void)[] = [];
    const guest = new Guest({ budget: 3, defer: (goOn) => void deferred.push(goOn) }).start();
    guest.issue(...asids(8));
    const seen = [guest.get('SMMU_CMDQ_CONS')];
    for (let goOn = deferred.shift(); goOn !== undefined; goOn = deferred.shift()) {
      goOn();
      seen.push(guest.get('SMMU_CMDQ_CONS'));
    }
    expect(seen).toEqual([3, 6, 8]);
    expect(guest.smmu.isBusy).toBe(false);
  });

  test('continues from the event loop without the option defer', async () => {
    const guest = new Guest({ budget: 1 }).start();
    guest.issue(...asids(5));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(5);
  });

  test('is done by continue(), which returns whether there is more', () => {
    const guest = new Guest({ budget: 2, defer: () => undefined }).start();
    guest.issue(...asids(5));
    expect([guest.smmu.continue(), guest.smmu.continue(), guest.smmu.continue()]).toEqual([
      true,
      false,
      false,
    ]);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(5);
  });

  test('stays while the queue is off, and is saved and loaded', () => {
    const options = { budget: 2, defer: () => undefined };
    const guest = new Guest(options).start();
    guest.issue(...asids(6));
    guest.set('SMMU_CR0', 4);
    expect([guest.smmu.isBusy, guest.smmu.continue(), guest.get('SMMU_CMDQ_CONS')]).toEqual([
      false,
      false,
      2,
    ]);
    guest.set('SMMU_CR0', 0xc);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(4);
    const other = new Guest({ ...options, ram: guest.ram });
    other.smmu.load(guest.smmu.save());
    expect(other.get('SMMU_CMDQ_CONS')).toBe(6);
  });

  test('is forgotten at a reset', () => {
    const deferred: (() => void)[] = [];
    const guest = new Guest({ budget: 2, defer: (goOn) => void deferred.push(goOn) }).start();
    guest.issue(...asids(5));
    guest.smmu.reset();
    guest.backend.ran.length = 0;
    for (const goOn of deferred) goOn();
    expect(guest.backend.ran).toEqual([]);
  });

  test.each([0, -1, NaN])('a budget of %s is refused', (budget) => {
    expect(() => new Guest({ budget })).toThrow('budget');
  });
});

/** An action: commands, a deferred task, or a register access. */
type Op =
  | { readonly do: 'issue'; readonly commands: readonly CommandEntry[] }
  | { readonly do: 'continue'; readonly times: number }
  | { readonly do: 'access'; readonly offset: number; readonly size: 1 | 2 | 4 | 8; readonly value: number }
  | { readonly do: 'queue off and on' | 'streams off and on' | 'acknowledge' };

const QUEUE_LOG2 = 4;
const commands: fc.Arbitrary<CommandEntry> = fc.oneof(
  fc.nat(3).map((asid) => tlbiAsid(asid)),
  fc.nat(4).map((id) => cfgiSte(id)),
  fc.constant(CFGI_ALL),
  fc.constant(SYNC),
  fc.constant(syncIrq()),
  fc.nat(4).map((id) => cfgiCdAll(id)),
  fc.constant(BAD),
);
/** Registers that a guest may write at any time; no write changes what commands mean. */
const accesses = fc.record({
  do: fc.constant('access' as const),
  offset: fc.constantFrom(
    smmuv3_register.SMMU_CMDQ_CONS,
    smmuv3_register.SMMU_CMDQ_BASE,
    smmuv3_register.SMMU_EVENTQ_CONS,
    smmuv3_register.SMMU_CR1,
    smmuv3_register.SMMU_STRTAB_BASE_CFG,
    smmuv3_register.SMMU_CMDQ_PROD + 1,
  ),
  size: fc.constantFrom(1, 2, 4, 8),
  value: fc.nat(0xff),
});
const op = (others: readonly ('queue off and on' | 'streams off and on')[]): fc.Arbitrary<Op> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('issue' as const),
        commands: fc.array(commands, { maxLength: 6 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('continue' as const), times: fc.nat(3) }) },
    { weight: 2, arbitrary: accesses },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('acknowledge' as const, ...others) }) },
  );

/** A guest that performs actions, and waits until there is room, or until its commands have completed. */
class Doer {
  readonly guest: Guest;
  private waits = 0;

  constructor(budget: number) {
    this.guest = new Guest({ budget, defer: () => undefined, streams: [0, 1, 2, 3] }).start(QUEUE_LOG2, 0xc);
    const { guest } = this;
    guest.set64('SMMU_STRTAB_BASE', STRTAB);
    guest.set('SMMU_STRTAB_BASE_CFG', 8);
    guest.ram.write64(STRTAB, STE_BYPASS);
    guest.ram.write64(STRTAB + 64n, steS1(0x5000n));
    guest.set('SMMU_CR0', 0xd);
    guest.taken();
  }

  perform(ops: readonly Op[]): void {
    for (const each of ops) this.do(each);
    this.drain();
  }

  private do(op: Op): void {
    const { guest } = this;
    switch (op.do) {
      case 'issue':
        for (const command of op.commands) {
          while (this.waiting === 2 ** QUEUE_LOG2) this.wait();
          guest.issue(command);
        }
        return;
      case 'continue':
        for (let i = 0; i < op.times; i++) guest.smmu.continue();
        return;
      case 'access':
        guest.smmu.write(op.offset, op.size, op.size === 8 ? BigInt(op.value) : op.value);
        BigInt(guest.smmu.read(op.offset, op.size));
        return;
      case 'queue off and on':
        guest.set('SMMU_CR0', 5);
        guest.set('SMMU_CR0', 0xd);
        return;
      case 'streams off and on':
        guest.set('SMMU_CR0', 0xc);
        guest.set('SMMU_CR0', 0xd);
        return;
      case 'acknowledge':
        if (this.isStopped) guest.skip();
    }
  }

  private get waiting(): number {
    return (this.guest.get('SMMU_CMDQ_PROD') - this.guest.get('SMMU_CMDQ_CONS')) & (2 * 2 ** QUEUE_LOG2 - 1);
  }

  private get isStopped(): boolean {
    return this.guest.get('SMMU_GERROR') !== this.guest.get('SMMU_GERRORN');
  }

  private wait(): void {
    if (++this.waits > 10_000) throw new Error('the queue does not go on');
    if (this.isStopped) this.guest.skip();
    else this.guest.smmu.continue();
  }

  private drain(): void {
    while (this.waiting > 0) this.wait();
  }

  /** The log in order; consecutive configurations are compared as a set. */
  happened(): unknown[] {
    const all: unknown[] = [];
    let configured = new Set<string>();
    for (const line of this.guest.taken()) {
      // The commands themselves are in `backend.ran`.
      if (line.startsWith('invalidate')) continue;
      if (line.startsWith('stream')) {
        configured.add(line);
        continue;
      }
      all.push([...configured].sort(), line);
      configured = new Set();
    }
    return [...all, [...configured].sort()];
  }
}

describe('commands that are consumed in parts', () => {
  const doBoth = (ops: readonly Op[], budget: number) => {
    const [slow, fast] = [new Doer(budget), new Doer(Infinity)];
    slow.perform(ops);
    fast.perform(ops);
    return { slow, fast };
  };

  test('have the same effects in the same order as those that are consumed at once', () => {
    fc.assert(
      fc.property(
        fc.array(op(['queue off and on']), { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (ops, budget) => {
          const { slow, fast } = doBoth(ops, budget);
          expect(slow.guest.backend.ran).toEqual(fast.guest.backend.ran);
          expect(slow.happened()).toEqual(fast.happened());
          expect(slow.guest.smmu.save()).toEqual(fast.guest.smmu.save());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('lead to the same state even if the guest disables the SMMU in between', () => {
    fc.assert(
      fc.property(
        fc.array(op(['queue off and on', 'streams off and on']), { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (ops, budget) => {
          const { slow, fast } = doBoth(ops, budget);
          expect(slow.guest.backend.ran).toEqual(fast.guest.backend.ran);
          expect(slow.guest.backend.configs).toEqual(fast.guest.backend.configs);
          expect(slow.guest.smmu.save()).toEqual(fast.guest.smmu.save());
        },
      ),
      { numRuns: 200 },
    );
  });
});
