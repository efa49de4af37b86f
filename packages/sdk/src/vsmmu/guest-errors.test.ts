import { expect, test } from '@jest/globals';
import { thrownBy } from '@iommufd/testkit';
import { BAD, cfgiCdAll, cfgiSte, type CommandEntry, SYNC, syncIrq, tlbiAsid } from '@iommufd/testkit/guest';
import { type Machine, onGoodAndBadDays, type Start } from './guest.testing.js';
import { HostError } from './index.js';

const VA = 0x1000_0000n;
const VSID = 5;
/** A device that is removed from the host. */
const GONE = 9;
const STALE = 0x11;
const FRESH = 0x22;
/** Valid commands after the illegal one. */
const BEHIND = 5;

const addressOf = (nth: number): bigint => VA + BigInt(nth) * 0x1000n;
const drop = (nth: number): CommandEntry => ({
  Opcode: 0x12,
  Leaf: 1,
  ASID: 1,
  Address: addressOf(nth),
});
const hint: CommandEntry = { Opcode: 0x01, StreamID: VSID };

/** Pages that are all stale. */
async function stale(start: Start, pages: number): Promise<Machine> {
  const machine = start();
  const { root } = machine.translate(VSID);
  const [old, young] = [machine.page(STALE), machine.page(FRESH)];
  for (let nth = 0; nth < pages; nth++) machine.tables.map(root, addressOf(nth), old);
  expect(await freshOf(machine, pages)).toEqual([]);
  for (let nth = 0; nth < pages; nth++) machine.tables.map(root, addressOf(nth), young);
  expect(await freshOf(machine, pages)).toEqual([]);
  machine.interrupts();
  return machine;
}

/** The pages that are read anew. */
async function freshOf(machine: Machine, pages: number): Promise<number[]> {
  const fresh: number[] = [];
  for (let nth = 0; nth < pages; nth++) {
    const outcome = await machine.read(VSID, addressOf(nth));
    if (outcome === FRESH) fresh.push(nth);
    else if (outcome !== STALE) throw new Error(`page ${nth} is ${outcome}`);
  }
  return fresh;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, nth) => nth);

/** Commands that the virtual SMMU finds illegal, and those that only Linux refuses. */
const bad: Readonly<Record<string, CommandEntry>> = {
  'an unknown opcode': BAD,
  'a reserved bit': [0x11n | (1n << 48n), 1n],
  'a range without a granule': [0x12n | (1n << 48n) | (1n << 12n), VA],
};

/** Commands between the valid ones. @returns the commands before the nth of them */
const mixes: Readonly<Record<string, (nth: number) => readonly CommandEntry[]>> = {
  'nothing else': () => [],
  'hints between': (nth) => (nth % 5 === 3 ? [hint, hint] : []),
  'other commands between': (nth) =>
    nth % 21 === 20 ? [SYNC, cfgiSte(VSID), { Opcode: 0x06, SSec: 0, StreamID: 33 }] : [],
};

const counts = [0, 1, 62, 63, 64, 130];
const rows = [
  ...Object.keys(bad).map((what) => ({ what, mix: 'nothing else' })),
  ...['hints between', 'other commands between'].map((mix) => ({ what: 'a reserved bit', mix })),
].flatMap((row) => counts.map((good) => ({ ...row, good })));

onGoodAndBadDays((start) => {
  test.each(rows)('$good valid commands, $what, $mix', async ({ what, mix, good }) => {
    const pages = good + BEHIND;
    const machine = await stale(start, pages);
    // The queue wraps at some point.
    machine.issue(...upTo(100).map(() => hint));
    const between = mixes[mix] ?? (() => []);
    const entries = upTo(pages).map((nth): readonly CommandEntry[] => [...between(nth), drop(nth)]);
    const before = entries.slice(0, good).flat();
    const behind = entries.slice(good).flat();
    const at = machine.get('SMMU_CMDQ_PROD') + before.length;
    machine.issue(...before, bad[what] ?? BAD, ...behind);

    expect(machine.get('SMMU_CMDQ_CONS')).toBe((0x0100_0000 | (at & 0x1ff)) >>> 0);
    expect(machine.queue()).toEqual({ left: 1 + behind.length, error: 1, stopped: true });
    expect([machine.get('SMMU_GERROR'), machine.get('SMMU_GERRORN')]).toEqual([1, 0]);
    expect(machine.interrupts()).toEqual(['gerror']);
    expect(await freshOf(machine, pages)).toEqual(upTo(good));

    // The queue stays stopped until the error is acknowledged.
    machine.issue(hint);
    expect(machine.queue()).toMatchObject({ left: 2 + behind.length });
    machine.skip();
    expect(machine.queue()).toMatchObject({ left: 0, stopped: false });
    expect(machine.interrupts()).toEqual([]);
    expect(await freshOf(machine, pages)).toEqual(upTo(pages));
    expect(machine.messages()).not.toContain('error');
  });

  test('several illegal commands in a row', async () => {
    const machine = await stale(start, 130);
    const reserved = bad['a reserved bit'] ?? BAD;
    const runs = [63, 0, 1, 64, 0, 0, 2];
    const entries: CommandEntry[] = [];
    let nth = 0;
    for (const run of runs) {
      for (let i = 0; i < run; i++) entries.push(drop(nth++));
      entries.push(reserved);
    }
    machine.issue(...entries, syncIrq());
    let good = 0;
    for (const run of runs) {
      good += run;
      expect(machine.queue()).toMatchObject({ error: 1, stopped: true });
      expect(await freshOf(machine, 130)).toEqual(upTo(good));
      machine.skip();
    }
    expect(machine.queue()).toMatchObject({ left: 0, stopped: false });
    expect(machine.interrupts()).toEqual([...runs.map(() => 'gerror'), 'sync']);
  });

  test('an error that is acknowledged without a correction occurs again', async () => {
    const machine = await stale(start, 3);
    machine.issue(drop(0), bad['a reserved bit'] ?? BAD, drop(1));
    for (let i = 0; i < 4; i++) {
      expect(machine.queue()).toEqual({ left: 2, error: 1, stopped: true });
      machine.set('SMMU_GERRORN', machine.get('SMMU_GERROR'));
    }
    expect(machine.interrupts()).toEqual(new Array<string>(5).fill('gerror'));
    expect(await freshOf(machine, 3)).toEqual([0]);
  });

  test('a CMD_SYNC completes after the commands before it, while the queue is not empty', async () => {
    const machine = await stale(start, 70);
    const seen: Promise<(number | 'aborted')[]>[] = [];
    machine.vmm.onInterrupt = () => {
      // All accesses start here: the result of an access is determined when it starts.
      seen.push(Promise.all(upTo(70).map(async (nth) => machine.read(VSID, addressOf(nth)))));
    };
    machine.issue(...upTo(65).map(drop), syncIrq(), ...upTo(70).slice(65).map(drop), BAD);
    const fresh = (await Promise.all(seen)).map((bytes) => bytes.filter((byte) => byte === FRESH).length);
    expect(fresh).toEqual([65, 70]);
  });

  test('while the queue is disabled commands wait; then a full queue is consumed completely', async () => {
    const machine = await stale(start, 10);
    machine.set('SMMU_CR0', 0b0101);
    machine.issue(...upTo(246).map(() => tlbiAsid(77)), ...upTo(10).map(drop));
    expect(machine.queue()).toEqual({ left: 256, error: 0, stopped: false });
    expect(await freshOf(machine, 10)).toEqual([]);
    machine.set('SMMU_CR0', 0b1101);
    expect(machine.vmm.smmu.continue()).toBe(false);
    expect(machine.queue()).toEqual({ left: 0, error: 0, stopped: false });
    expect(await freshOf(machine, 10)).toEqual(upTo(10));
  });

  test('if the host no longer has a command’s device, the VMM removes it and the guest continues', async () => {
    const machine = start({ devices: [VSID, GONE].map((vsid) => ({ vsid, options: { streamId: vsid } })) });
    const { backend, devices, smmu } = machine.vmm;
    const old = machine.page(STALE);
    const { root } = machine.translate(VSID);
    machine.translate(GONE);
    machine.tables.map(root, VA, old);
    expect(await machine.read(VSID, VA)).toBe(STALE);
    machine.tables.map(root, VA, machine.page(FRESH));
    machine.interrupts();
    devices.get(GONE)?.close();
    const error = thrownBy(HostError, () => machine.issue(cfgiCdAll(GONE), drop(0), syncIrq()));
    expect(error).toMatchObject({ operation: 'invalidate', streamIds: [GONE], isTransient: false });
    expect(machine.queue()).toEqual({ left: 3, error: 0, stopped: false });
    backend.removeDevice(GONE);
    expect(smmu.continue()).toBe(false);
    expect(machine.queue()).toMatchObject({ left: 0, stopped: false });
    expect(machine.interrupts()).toEqual(['sync']);
    expect(await machine.read(VSID, VA)).toBe(FRESH);
  });
});
