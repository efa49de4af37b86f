import { expect, test } from '@jest/globals';
import type { Event } from '@iommufd/testkit/guest';
import { smmuv3Config } from '@iommufd/fakekernel';
import { isQueueOverflowed, smmuv3_event } from '@iommufd/uapi';
import { type Machine, onGoodAndBadDays } from './guest.testing.js';

const { F_TRANSLATION } = smmuv3_event.cases;
const VA = 0x1000_0000n;
const VSID = 5;
const OVERFLOW_FLAG = 0x8000_0000;

/** Reads consecutive unmapped pages. */
async function faults(machine: Machine, from: number, count: number): Promise<void> {
  for (let nth = from; nth < from + count; nth++)
    expect(await machine.read(VSID, VA + BigInt(nth) * 0x1000n)).toBe('aborted');
}

const numbersOf = (events: readonly Event[]): number[] =>
  events.map((event) => {
    expect(event.EventNumber).toBe(F_TRANSLATION.tag);
    return event.EventNumber === F_TRANSLATION.tag ? Number((event.InputAddr - VA) >> 12n) : -1;
  });

const isOverflowed = (machine: Machine): boolean =>
  isQueueOverflowed(machine.get('SMMU_EVENTQ_PROD'), machine.get('SMMU_EVENTQ_CONS'));

onGoodAndBadDays((start) => {
  test('the guest’s queue is full: one overflow, acknowledged, and again', async () => {
    const machine = start({ eventqLog2: 2 });
    machine.translate(VSID);
    for (const round of [1, 2, 3]) {
      await faults(machine, 0, 4);
      machine.vmm.pump();
      expect(machine.interrupts()).toEqual(['eventq']);
      expect(isOverflowed(machine)).toBe(false);
      await faults(machine, 4, 3);
      machine.vmm.pump();
      // An overflow does not interrupt (7.4): the guest has an interrupt of the same queue already.
      expect(machine.interrupts()).toEqual([]);
      expect(isOverflowed(machine)).toBe(true);
      expect((machine.get('SMMU_EVENTQ_PROD') & OVERFLOW_FLAG) !== 0).toBe(round % 2 === 1);
      expect(numbersOf(machine.takeEvents())).toEqual([0, 1, 2, 3]);
      machine.acknowledge('EVENTQ');
      expect(isOverflowed(machine)).toBe(false);
    }
  });

  test('an overflow that is not acknowledged stays, and events continue when there is room', async () => {
    const machine = start({ eventqLog2: 2 });
    machine.translate(VSID);
    await faults(machine, 0, 6);
    machine.vmm.pump();
    expect(machine.interrupts()).toEqual(['eventq']);
    expect(numbersOf(machine.takeEvents(2))).toEqual([0, 1]);
    await faults(machine, 10, 4);
    machine.vmm.pump();
    expect(machine.interrupts()).toEqual([]);
    expect(numbersOf(machine.takeEvents())).toEqual([2, 3, 10, 11]);
    await faults(machine, 20, 1);
    machine.vmm.pump();
    expect(machine.interrupts()).toEqual(['eventq']);
    expect(isOverflowed(machine)).toBe(true);
    machine.acknowledge('EVENTQ');
    expect(numbersOf(machine.takeEvents())).toEqual([20]);
    expect(isOverflowed(machine)).toBe(false);
  });

  test('events lost in the vEVENTQ are one overflow of the guest’s queue', async () => {
    const machine = start({ depth: 3 });
    machine.translate(VSID);
    for (const round of [1, 2, 3]) {
      await faults(machine, 0, 10);
      expect(machine.vmm.pump()).toMatchObject([
        { kind: 'event' },
        { kind: 'event' },
        { kind: 'event' },
        { kind: 'lost', lost: 7 },
      ]);
      expect(machine.interrupts()).toEqual(['eventq']);
      expect(isOverflowed(machine)).toBe(true);
      expect(numbersOf(machine.takeEvents())).toEqual([0, 1, 2]);
      machine.acknowledge('EVENTQ');
      expect([round, isOverflowed(machine)]).toEqual([round, false]);
    }
  });

  test('two losses before the acknowledgement are one overflow, of one queue or of both', async () => {
    const machine = start({ depth: 3, eventqLog2: 2 });
    machine.translate(VSID);
    await faults(machine, 0, 5);
    machine.vmm.pump();
    await faults(machine, 10, 5);
    machine.vmm.pump();
    expect(machine.interrupts()).toEqual(['eventq']);
    expect(numbersOf(machine.takeEvents())).toEqual([0, 1, 2, 10]);
    machine.acknowledge('EVENTQ');
    await faults(machine, 20, 1);
    expect(numbersOf(machine.events())).toEqual([20]);
    expect(isOverflowed(machine)).toBe(false);
  });

  test('events lost in the hardware queue are reported in the host’s log only', async () => {
    const machine = start({ config: smmuv3Config({ eventQueueLog2: 2 }) });
    machine.translate(VSID);
    machine.host.smmu.holdInterrupts();
    await faults(machine, 0, 7);
    machine.host.smmu.releaseInterrupts();
    expect(numbersOf(machine.events())).toEqual([0, 1, 2, 3]);
    expect(isOverflowed(machine)).toBe(false);
    expect(machine.messages()).toContain('EVTQ overflow detected -- events lost');
  });

  test('the queue wraps many times', async () => {
    const machine = start({ eventqLog2: 2 });
    machine.translate(VSID);
    for (let nth = 0; nth < 30; nth += 3) {
      await faults(machine, nth, 3);
      expect(numbersOf(machine.events())).toEqual([nth, nth + 1, nth + 2]);
    }
    expect(isOverflowed(machine)).toBe(false);
  });

  test('events are dropped for good while the event queue is disabled', async () => {
    const machine = start({ depth: 2 });
    machine.translate(VSID);
    machine.set('SMMU_CR0', 0b1001);
    await faults(machine, 0, 4);
    machine.vmm.pump();
    machine.set('SMMU_CR0', 0b1101);
    await faults(machine, 10, 1);
    expect(numbersOf(machine.events())).toEqual([10]);
    expect(isOverflowed(machine)).toBe(false);
    expect(machine.interrupts()).toEqual(['eventq']);
  });

  test('a queue outside of RAM is an error, and a new base address corrects it', async () => {
    const machine = start();
    machine.translate(VSID);
    machine.set('SMMU_CR0', 0b1001);
    machine.set64('SMMU_EVENTQ_BASE', 0x9000_0000n | 6n);
    machine.set('SMMU_CR0', 0b1101);
    await faults(machine, 0, 2);
    machine.vmm.pump();
    expect(machine.get('SMMU_GERROR') ^ machine.get('SMMU_GERRORN')).toBe(4);
    expect(machine.interrupts()).toEqual(['gerror']);
    expect(machine.takeEvents()).toEqual([]);
    machine.set('SMMU_CR0', 0b1001);
    machine.set64('SMMU_EVENTQ_BASE', 0x4001_0000n | 6n);
    machine.set('SMMU_CR0', 0b1101);
    machine.set('SMMU_GERRORN', machine.get('SMMU_GERROR'));
    await faults(machine, 5, 1);
    expect(numbersOf(machine.events())).toEqual([5]);
  });
});
