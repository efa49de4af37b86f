import { expect, test } from '@jest/globals';
import { BAD, cfgiSte, CMDQEN, EVENTQEN, SMMUEN, SYNC, syncIrq } from '@iommufd/testkit/guest';
import { smmuv3_ste_config } from '@iommufd/uapi';
import { type Machine, type MachineOptions, onGoodAndBadDays, TWO } from './guest.testing.js';
import type { VsmmuState } from './index.js';

const { BYPASS, S1_TRANSLATE } = smmuv3_ste_config;
const VA = 0x1000_0000n;
const HOLE = VA + 0x1000n;
const dropAll = { Opcode: 0x30 } as const;

/** Another host with the same kind of hardware: other StreamIDs, other devices. */
const ELSEWHERE: MachineOptions = {
  devices: [
    { vsid: 9, options: { streamId: 0x18, pasidBits: 8 } },
    { vsid: 5, options: { streamId: 0x110, pasidBits: 8 } },
  ],
};

/** The state after a round trip through JSON. */
const saved = (machine: Machine): VsmmuState =>
  JSON.parse(JSON.stringify(machine.vmm.smmu.save())) as VsmmuState;

/** Sorts the streams, whose order depends on that of the devices. */
const inOrder = ({ streams, ...state }: VsmmuState): object => ({
  ...state,
  streams: [...streams].sort((a, b) => a.streamId - b.streamId),
});

onGoodAndBadDays((start) => {
  test.each([
    ['another process', undefined],
    ['another host', ELSEWHERE],
  ])('everything in progress continues in %s', async (_where, host) => {
    const machine = start({ devices: TWO, eventqLog2: 2 });
    const { root, context } = machine.translate(5);
    machine.tables.map(root, VA, machine.page(0x55));
    const second = machine.translate(9, { cd: { ASID: 9 }, ste: { S1CDMax: 1, S1DSS: 2 } });
    machine.tables.map(second.root, VA, machine.page(0x99));
    expect([await machine.read(5, VA), await machine.read(9, VA)]).toEqual([0x55, 0x99]);

    // A changed entry without an invalidation, unread events, an overflow, an error, and commands after it.
    machine.ste(9, { Config: BYPASS });
    for (let i = 0n; i < 6n; i++) await machine.read(5, HOLE + i * 0x1000n);
    machine.vmm.pump();
    expect(machine.takeEvents(1)).toHaveLength(1);
    machine.issue(BAD, cfgiSte(9), syncIrq());
    machine.put(dropAll);
    const state = saved(machine);
    machine.migrate(state, host);

    expect(inOrder(saved(machine))).toEqual(inOrder(state));
    expect(machine.interrupts()).toEqual([]);
    expect(machine.queue()).toEqual({ left: 3, error: 1, stopped: true });
    expect([await machine.read(5, VA), await machine.read(9, VA)]).toEqual([0x55, 0x99]);
    // The rest of the old events, and the first new one, whose stream is the same.
    await machine.read(9, HOLE);
    expect(machine.events()).toMatchObject([
      { StreamID: 5, InputAddr: HOLE + 0x1000n },
      { StreamID: 5, InputAddr: HOLE + 0x2000n },
      { StreamID: 5, InputAddr: HOLE + 0x3000n },
      { StreamID: 9, InputAddr: HOLE },
    ]);
    expect((machine.get('SMMU_EVENTQ_PROD') ^ machine.get('SMMU_EVENTQ_CONS')) >>> 31).toBe(1);

    machine.skip();
    expect(machine.interrupts()).toEqual(['sync']);
    expect([await machine.read(5, VA), await machine.read(9, VA)]).toEqual([0x55, 'aborted']);
    expect(await machine.read(9, 0x4000_0000n)).not.toBe('aborted');
    // Stage 1 of the other stream works.
    machine.cd(context, { V: 0 });
    machine.issue({ Opcode: 6, SSec: 0, StreamID: 5 }, SYNC);
    expect(await machine.read(5, VA)).toBe('aborted');
    expect(machine.events()).toMatchObject([{ EventNumber: 0x0a, StreamID: 5 }]);
  });

  const settings: readonly (readonly [string, number, number, readonly (number | 'aborted')[]])[] = [
    ['off, bypass', CMDQEN, 0, ['aborted', 0x77]],
    ['off, abort', CMDQEN, 1 << 20, ['aborted', 'aborted']],
    ['on', CMDQEN | EVENTQEN | SMMUEN, 1 << 20, [0x55, 'aborted']],
  ];
  test.each(settings)('an SMMU that is %s', async (_name, cr0, gbpa, outcomes) => {
    const machine = start();
    const { root } = machine.translate(5);
    machine.tables.map(root, VA, machine.page(0x55));
    machine.fill(0x4007_0000n, 0x77, 16);
    machine.set('SMMU_GBPA', (0x8000_0000 | gbpa) >>> 0);
    machine.set('SMMU_CR0', cr0);
    const look = async () => [await machine.read(5, VA), await machine.read(5, 0x4007_0000n)];
    expect(await look()).toEqual(outcomes);
    machine.migrate(saved(machine), ELSEWHERE);
    expect(await look()).toEqual(outcomes);
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN | SMMUEN);
    expect(await look()).toEqual([0x55, 'aborted']);
  });

  test('pending commands of an enabled queue are executed after load()', async () => {
    const machine = start();
    const { root } = machine.translate(5);
    machine.tables.map(root, VA, machine.page(0x55));
    machine.set('SMMU_CR0', EVENTQEN | SMMUEN);
    machine.ste(5, { Config: BYPASS });
    machine.issue(cfgiSte(5), syncIrq());
    const state = saved(machine);
    const on = { ...state, registers: { ...state.registers, SMMU_CR0: CMDQEN | EVENTQEN | SMMUEN } };
    machine.migrate(on);
    expect(machine.interrupts()).toEqual(['sync']);
    expect(await machine.read(5, VA)).toBe('aborted');
    expect(await machine.read(5, 0x4000_0000n)).not.toBe('aborted');
  });

  test('loading an older state in the same process drops all later changes', async () => {
    const machine = start();
    const { root, context } = machine.translate(5);
    const [before, after] = [machine.page(0x55), machine.page(0x66)];
    machine.tables.map(root, VA, before);
    const other = machine.ram.alloc();
    machine.cd(other, { TTB0: root, ASID: 1 });
    const state = saved(machine);
    machine.tables.map(root, VA, after);
    machine.reconfigure(5, { Config: S1_TRANSLATE, S1ContextPtr: other });
    expect(await machine.read(5, VA)).toBe(0x66);
    // The guest's memory is restored too, with its queues.
    machine.tables.map(root, VA, before);
    machine.ste(5, { Config: S1_TRANSLATE, S1ContextPtr: context });
    machine.vmm.smmu.load(state);
    expect(await machine.read(5, VA)).toBe(0x55);
    machine.cd(context, { V: 0 });
    machine.vmm.smmu.load(state);
    expect(await machine.read(5, VA)).toBe('aborted');
  });
});
