import { expect, test } from '@jest/globals';
import { contextDescriptor, leafOf } from '@iommufd/testkit/guest';
import { smmuv3_command, smmuv3_event, smmuv3_ste_config } from '@iommufd/uapi';
import { smmuv3Config, type Smmuv3Options } from '../config.js';
import { Machine, RAM } from '../machine.testing.js';
import type { TableMapping, TranslationTable } from '../memory.js';
import type { TestPlace } from '../memory.testing.js';

const { cases } = smmuv3_event;
const { F_ACCESS, F_PERMISSION } = cases;

const IOVA = 0x1234_5000n;
const READ = { address: IOVA };
const WRITE = { address: IOVA, write: true };
const PAGE = RAM + 0x30_0000n;

const AF = 1n << 10n;
const DBM = 1n << 51n;
const AP2 = 1n << 7n;
/** An accessed page that all accesses may read and write. */
const DIRTY = leafOf(PAGE);
/** A page that a write marks dirty. */
const CLEAN = DIRTY | AP2 | DBM;
const READ_ONLY = DIRTY | AP2;

/** A guest with one page in its tables. */
function guest(cd: { HA: number; HD: number }, descriptor: bigint, options: Smmuv3Options = {}) {
  const machine = new Machine(smmuv3Config({ sidBits: 8, tableUpdates: 'dirty', ...options }));
  const { root } = machine.steNested(1, { cd, ste: { EATS: 1 } });
  const slot = machine.guest.slot(root, IOVA);
  machine.guest.write64(slot, descriptor);
  return { machine, slot, now: () => machine.guest.read64(slot) };
}

const NONE = { HA: 0, HD: 0 };
const ACCESS = { HA: 1, HD: 0 };
const BOTH = { HA: 1, HD: 1 };

test.each([
  ['an accessed page is unchanged', BOTH, READ, DIRTY, DIRTY],
  ['a read sets AF', ACCESS, READ, DIRTY & ~AF, DIRTY],
  ['a read leaves a page clean', BOTH, READ, CLEAN & ~AF, CLEAN],
  ['a write to a clean page clears AP[2]', BOTH, WRITE, CLEAN, CLEAN & ~AP2],
  ['and sets AF', BOTH, WRITE, CLEAN & ~AF, CLEAN & ~AP2],
  ['a write to a dirty page changes nothing', BOTH, WRITE, DIRTY | DBM, DIRTY | DBM],
  ['a write to a page that is read-only faults', BOTH, WRITE, READ_ONLY, F_PERMISSION.tag],
  ['a clean page is read-only without HD', ACCESS, WRITE, CLEAN, F_PERMISSION.tag],
  ['HD has no effect without HA', { HA: 0, HD: 1 }, WRITE, CLEAN, F_PERMISSION.tag],
  ['without HA an access to a page with AF = 0 faults', NONE, READ, DIRTY & ~AF, F_ACCESS.tag],
] as const)('%s', (_name, cd, access, before, after) => {
  const { machine, now } = guest(cd, before);
  const faults = typeof after === 'number';
  expect(machine.where(access)).toBe(faults ? 'abort' : PAGE);
  expect(machine.takeEvents()).toMatchObject(faults ? [{ EventNumber: after, S2: 0, CLASS: 2 }] : []);
  expect(now()).toBe(faults ? before : after);
});

test('a clean page is read-only below a read-only table descriptor', () => {
  const machine = new Machine(smmuv3Config({ sidBits: 8, tableUpdates: 'dirty' }));
  const { root } = machine.steNested(1, { cd: BOTH });
  const slot = machine.guest.slot(root, IOVA);
  machine.guest.write64(slot, CLEAN);
  const above = machine.guest.slot(root, IOVA, 2);
  machine.guest.write64(above, machine.guest.read64(above) | (1n << 62n));
  expect(machine.where(WRITE)).toBe('abort');
  expect(machine.takeEvents()).toMatchObject([{ EventNumber: F_PERMISSION.tag, S2: 0 }]);
  expect(machine.guest.read64(slot)).toBe(CLEAN);
});

test('an update of a table that is read-only in stage 2 faults there, reported as a write', () => {
  const { machine, slot, now } = guest(BOTH, CLEAN);
  const table = slot - (slot % 4096n);
  machine.guest.stage2.map(table, Number((table - RAM) / 4096n), 1, true, false);
  expect(machine.where(READ)).toBe(PAGE);
  expect(machine.where(WRITE)).toBe('abort');
  expect(machine.takeEvents()).toMatchObject([
    { EventNumber: F_PERMISSION.tag, S2: 1, CLASS: 1, TTRnW: 0, RnW: 0, InputAddr: IOVA, IPA: table },
  ]);
  expect(now()).toBe(CLEAN);
});

test('a write that stage 2 does not allow marks nothing dirty', () => {
  const { machine, now } = guest(BOTH, CLEAN);
  machine.guest.stage2.map(PAGE, Number((PAGE - RAM) / 4096n), 1, true, false);
  expect(machine.where(WRITE)).toBe('abort');
  expect(machine.takeEvents()).toMatchObject([{ EventNumber: F_PERMISSION.tag, S2: 1, CLASS: 2 }]);
  expect(now()).toBe(CLEAN);
});

test('a page is marked again after software has marked it clean, if the TLB does not cache it or was invalidated', () => {
  for (const keepsDirtyState of [false, true]) {
    const { machine, slot, now } = guest(BOTH, CLEAN, { keepsDirtyState });
    const write = (): bigint => {
      machine.guest.write64(slot, CLEAN);
      expect(machine.where(WRITE)).toBe(PAGE);
      return now();
    };
    // A translation that was cached for a read does not prevent it.
    expect(machine.where(READ)).toBe(PAGE);
    expect(write()).toBe(CLEAN & ~AP2);
    expect(write()).toBe(keepsDirtyState ? CLEAN : CLEAN & ~AP2);
    machine.command({ Opcode: smmuv3_command.cases.CMD_TLBI_NSNH_ALL.tag });
    expect(write()).toBe(CLEAN & ~AP2);
  }
});

test('a translation request of a device for writing marks the page dirty', () => {
  const { machine, now } = guest(BOTH, CLEAN & ~AF);
  const request = { streamId: 1, substreamId: undefined, address: IOVA };
  expect(machine.smmu.translationRequest({ ...request, write: false })).toMatchObject({ kind: 'place' });
  expect(now()).toBe(CLEAN);
  expect(machine.smmu.translationRequest({ ...request, write: true })).toMatchObject({ kind: 'place' });
  expect(now()).toBe(CLEAN & ~AP2);
});

test('big-endian tables are updated in their byte order', () => {
  const ids = smmuv3Config({ sidBits: 8, tableUpdates: 'dirty' });
  const [idr0, ...others] = ids.idr;
  const machine = new Machine({ ...ids, idr: [idr0 & ~(3 << 21), ...others] });
  const { root } = machine.steNested(1, { cd: { ...BOTH, ENDI: 1 } });
  const slot = machine.guest.slot(root, IOVA);
  machine.guest.write64(slot, CLEAN & ~AF);
  const slots = [1, 2, 3].map((level) => machine.guest.slot(root, IOVA, level));
  for (const at of slots) machine.guest.bytes(at, 8).reverse();
  expect(machine.where(WRITE)).toBe(PAGE);
  machine.guest.bytes(slot, 8).reverse();
  expect(machine.guest.read64(slot)).toBe(CLEAN & ~AP2);
});

/** A table that is an object, with one page. */
class OnePage implements TranslationTable<TestPlace> {
  dirty = 0;
  isClean = true;

  constructor(private readonly place: TestPlace) {}

  lookup(): TableMapping<TestPlace> {
    const markDirty = (): void => {
      this.dirty++;
      this.isClean = false;
    };
    return { place: this.place, read: true, write: true, ...(this.isClean ? { markDirty } : {}) };
  }
}

test.each([
  ['stage 1', true],
  ['stage 2', false],
])('a table of %s that is an object is called with the pages that become dirty', (_name, isStage1) => {
  for (const HD of [0, 1]) {
    const machine = new Machine(smmuv3Config({ sidBits: 8, tableUpdates: 'dirty' }));
    const page = machine.memory.alloc(4096);
    const table = new OnePage({ bytes: page.bytes, byte: 0, length: 4096 });
    const address = machine.memory.addTable(table);
    const context = machine.memory.alloc(4096);
    context.bytes.set(contextDescriptor({ TTB0: address, HA: 1, HD }));
    if (isStage1) machine.ste(1, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context.address });
    else machine.steStage2(1, { S2TTB: address, S2HA: 1, S2HD: HD });
    const outcomes = [READ, WRITE, WRITE].map((access) => machine.translate(access).kind);
    expect(outcomes).toEqual(HD === 1 ? ['place', 'place', 'place'] : ['place', 'abort', 'abort']);
    expect(table.dirty).toBe(HD);
    for (const event of machine.takeEvents()) expect(event).toMatchObject({ EventNumber: F_PERMISSION.tag });
  }
});
