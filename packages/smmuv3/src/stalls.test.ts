import { beforeEach, expect, test } from '@jest/globals';
import type { Command } from '@iommufd/testkit/guest';
import { smmuv3_register as register } from '@iommufd/uapi';
import { smmuv3Config } from './config.js';
import { Machine, RAM } from './machine.testing.js';
import type { SmmuOutcome, StreamTransaction } from './stream-transaction.js';

const VA = 0x1000n;

let machine: Machine;
let root: bigint;

const resume = (STAG: number, Action: number, { StreamID = 1, Abort = 0 } = {}): Command => {
  return { Opcode: 0x44, Action, Abort, StreamID, STAG };
};

/** Makes a transaction that stalls. @returns an object with its resumption */
function stall(transaction: Partial<StreamTransaction> = {}): { how: string | undefined } {
  const outcome: SmmuOutcome<unknown> = machine.translate({ address: VA, ...transaction });
  if (outcome.kind !== 'stall') throw new Error(outcome.kind);
  const state: { how: string | undefined } = { how: undefined };
  void outcome.resumed.then((how) => (state.how = how));
  return state;
}

/** STAGs of the events with Stall; 'no' for a transaction that did not stall. */
const tags = (): unknown[] =>
  machine.takeEvents().map((event) => ('Stall' in event && event.Stall === 1 ? event.STAG : 'no'));

const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await Promise.resolve();
};

beforeEach(() => {
  machine = new Machine();
  ({ root } = machine.steNested(1, { cd: { S: 1, R: 0 } }));
});

test('a fault with S set waits for CMD_RESUME, and R is ignored', async () => {
  const first = stall();
  const second = stall({ address: 2n * VA, write: true });
  expect(machine.takeEvents()).toMatchObject([
    { EventNumber: 0x10, Stall: 1, STAG: 0, InputAddr: VA, RnW: 1 },
    { EventNumber: 0x10, Stall: 1, STAG: 1, InputAddr: 2n * VA, RnW: 0 },
  ]);
  machine.guest.map(root, 2n * VA, RAM);
  machine.command(resume(1, 1));
  await settle();
  expect([first.how, second.how]).toEqual([undefined, 'retry']);
  expect(machine.where({ address: 2n * VA })).toBe(RAM);
  machine.command(resume(0, 0));
  await settle();
  expect(first.how).toBe('abort');
});

test('CMD_RESUME matches both the StreamID and the STAG', async () => {
  const { how } = stall();
  machine.command(resume(0, 1, { StreamID: 2 }), resume(1, 1));
  await settle();
  expect(how).toBeUndefined();
  // The STAG is in use until its transaction has continued.
  stall();
  machine.command(resume(0, 1));
  stall();
  expect(tags()).toEqual([0, 1, 0]);
});

test('faults of every kind stall, errors do not', () => {
  const { guest } = machine;
  guest.map(root, VA, RAM, { ap: 3 });
  guest.map(root, 2n * VA, RAM, { accessed: false });
  guest.map(root, 3n * VA, 1n << 45n);
  stall({ write: true });
  stall({ address: 2n * VA });
  stall({ address: 3n * VA });
  expect(machine.takeEvents().map(({ EventNumber }) => EventNumber)).toEqual([0x13, 0x12, 0x11]);
  expect(machine.where({ substreamId: 1 })).toBe('abort');
});

test('stage 2 stalls if STE.S2S is set', () => {
  machine.steNested(2, { ste: { S2S: 1, S2R: 0 }, cd: { TTB0: root } });
  machine.guest.map(root, VA, 0x5000n);
  stall({ streamId: 2 });
  // Stage 1 of this stream does not stall.
  expect(machine.where({ streamId: 2, address: 2n * VA })).toBe('abort');
  expect(machine.takeEvents()).toMatchObject([
    { Stall: 1, S2: 1, IPA: 0x5000n },
    { Stall: 0, S2: 0 },
  ]);
});

test('CMD_STALL_TERM aborts all of a stream', async () => {
  machine.steNested(2, { cd: { S: 1 } });
  const own = [stall(), stall({ address: 2n * VA })];
  const other = stall({ streamId: 2 });
  machine.command({ Opcode: 0x45, SSec: 0, StreamID: 1 });
  await settle();
  expect([...own, other].map(({ how }) => how)).toEqual(['abort', 'abort', undefined]);
  stall();
  expect(tags()).toEqual([0, 1, 2, 0]);
});

test('stalled transactions are aborted when SMMUEN is cleared', async () => {
  const stalled = stall();
  machine.smmu.write32(register.SMMU_CR0, 0b1110);
  await settle();
  expect(stalled.how).toBe('abort');
});

test('stalls wait for space in the event queue, without an overflow', async () => {
  const recorded = Array.from({ length: 8 }, (_, i) => stall({ address: BigInt(i) * VA }));
  const waiting = [stall({ address: 8n * VA }), stall({ address: 9n * VA })];
  expect(machine.smmu.read32(register.SMMU_EVENTQ_PROD) >>> 31).toBe(0);
  await settle();
  expect(waiting.map(({ how }) => how)).toEqual([undefined, undefined]);
  expect(tags()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  await settle();
  // These are retried as if they had just arrived; those with an event in the queue are not.
  expect(waiting.map(({ how }) => how)).toEqual(['retry', 'retry']);
  expect(recorded.map(({ how }) => how)).toEqual(Array(8).fill(undefined));
  machine.guest.map(root, 8n * VA, RAM);
  expect(machine.where({ address: 8n * VA })).toBe(RAM);
  stall({ address: 9n * VA });
  expect(tags()).toEqual([8]);
});

test('stalls that wait for space are aborted with their stream', async () => {
  machine.smmu.write32(register.SMMU_CR0, 0b1011);
  const waiting = stall();
  machine.command({ Opcode: 0x45, SSec: 0, StreamID: 1 });
  await settle();
  expect(waiting.how).toBe('abort');
  const other = stall();
  machine.smmu.write32(register.SMMU_CR0, 0b1111);
  await settle();
  expect(other.how).toBe('retry');
});

test('at most STALL_MAX stalls are recorded', async () => {
  const config = smmuv3Config({ sidBits: 8 });
  const [idr0, idr1, idr2, idr3, idr4, idr5] = config.idr;
  machine = new Machine({ ...config, idr: [idr0, idr1, idr2, idr3, idr4, (idr5 & 0xffff) | (1 << 16)] });
  machine.steNested(1, { cd: { S: 1 } });
  const [first, second] = [stall(), stall()];
  expect(tags()).toEqual([0]);
  machine.command(resume(0, 0));
  await settle();
  expect([first?.how, second?.how]).toEqual(['abort', 'retry']);
  stall();
  expect(tags()).toEqual([0]);
});

test('a transaction can be terminated as RAZ/WI if TERM_MODEL is 0', async () => {
  const config = smmuv3Config({ sidBits: 8 });
  const [idr0, ...others] = config.idr;
  machine = new Machine({ ...config, idr: [idr0 & ~(1 << 26), ...others] });
  machine.steNested(1, { cd: { S: 1 } });
  const stalled = [stall(), stall()];
  machine.command(resume(0, 0, { Abort: 0 }), resume(1, 0, { Abort: 1 }));
  await settle();
  expect(stalled.map(({ how }) => how)).toEqual(['terminate', 'abort']);
  machine.steNested(2, { cd: { A: 0 } });
  expect(machine.translate({ streamId: 2 })).toEqual({ kind: 'abort', silent: true });
  machine.steNested(3);
  expect(machine.translate({ streamId: 3 })).toEqual({ kind: 'abort' });
});
