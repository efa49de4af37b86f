import { smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { isQueueEmpty, isQueueOverflowed, smmuv3_event, smmuv3_register } from '@iommufd/uapi';
import { type Bound, DATA, type Events, IOVA, IPA, SmmuProgram } from './smmu.testing.js';

const { F_TRANSLATION, C_BAD_CD } = smmuv3_event.cases;
const OVERFLOW = 'EVTQ overflow detected -- events lost';
const VSID = 0x123n;
const BYPASS = 4;

/** A configuration with an event queue of four entries. */
const SMALL = smmuv3Config({ eventQueueLog2: 2, stall: false });

interface Guest {
  readonly program: SmmuProgram;
  readonly bound: Bound;
  readonly viommu: number;
  readonly events: Events;
}

/** A device on a guest's stage 1, which maps one page. */
function guest(config = SMALL): Guest {
  const program = new SmmuProgram(config);
  const bound = program.bind({ streamId: 0x28 });
  program.setUpGuest();
  program.show(0, DATA);
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  program.ok(program.vdevice(bound, viommu, VSID));
  const events = program.events(viommu);
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu))));
  return { program, bound, viommu, events };
}

/** IOVA of the nth unmapped page. */
const hole = (nth: number): bigint => IOVA + BigInt((nth + 1) * 4096);

/** Reads unmapped pages. */
function faults({ bound }: Pick<Guest, 'bound'>, from: number, count: number): void {
  for (let nth = from; nth < from + count; nth++) {
    bound.device.dma.read(hole(nth), 4).then(
      () => {
        throw new Error('the page is mapped');
      },
      () => undefined,
    );
  }
}

/** The addresses of events, with undefined for a mark of lost events. */
const addresses = ({ program, events }: Guest): (bigint | undefined)[] =>
  program
    .read(events)
    .map(({ event }) => (event?.EventNumber === F_TRANSLATION.tag ? event.InputAddr : undefined));

const registersOf = ({ program: { smmu } }: Guest): readonly [number, number] => [
  smmu.hardware.read32(smmuv3_register.SMMU_EVENTQ_PROD),
  smmu.hardware.read32(smmuv3_register.SMMU_EVENTQ_CONS),
];

const overflows = ({ program }: Guest): number =>
  program.kernel.messages.filter((message) => message.endsWith(OVERFLOW)).length;

test('a fault goes to the vEVENTQ of the virtual SMMU, with the virtual StreamID', async () => {
  const made = guest();
  const { bound, program, events } = made;
  await expect(bound.device.dma.read(hole(0), 4)).rejects.toMatchObject({ iova: hole(0), reason: 'aborted' });
  expect(program.read(events)).toEqual([
    {
      sequence: 0,
      event: expect.objectContaining({ EventNumber: F_TRANSLATION.tag, StreamID: 0x123, RnW: 1, S2: 0 }),
    },
  ]);
  program.guestPage(DATA).fill(7, 0, 4);
  await expect(bound.device.dma.read(IOVA, 4)).resolves.toEqual(new Uint8Array([7, 7, 7, 7]));
});

test('an invalid context descriptor causes C_BAD_CD', async () => {
  const { program, bound, events } = guest();
  program.guestPage(0).fill(0);
  await expect(bound.device.dma.read(IOVA, 4)).rejects.toThrow('aborted');
  expect(program.read(events)).toEqual([
    { sequence: 0, event: expect.objectContaining({ EventNumber: C_BAD_CD.tag, StreamID: 0x123 }) },
  ]);
});

test('an overflow of the event queue is logged once, and acknowledged when the queue is empty', () => {
  const made = guest();
  made.program.smmu.holdInterrupts();
  faults(made, 0, 6);
  expect(isQueueOverflowed(...registersOf(made))).toBe(true);
  expect(addresses(made)).toEqual([]);
  made.program.smmu.releaseInterrupts();
  // Events that the hardware has lost leave no gap in the sequence numbers of the vEVENTQ.
  expect(made.program.read(made.events).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  expect(overflows(made)).toBe(1);
  // No further event has arrived.
  expect(isQueueOverflowed(...registersOf(made))).toBe(false);
  expect(isQueueEmpty(...registersOf(made), 2)).toBe(true);
  faults(made, 10, 1);
  expect(addresses(made)).toEqual([hole(10)]);
  expect(overflows(made)).toBe(1);
});

test('a second overflow after the queue was drained is logged again', () => {
  const made = guest();
  for (const round of [1, 2, 3]) {
    made.program.smmu.holdInterrupts();
    faults(made, 0, 5);
    expect(isQueueOverflowed(...registersOf(made))).toBe(true);
    made.program.smmu.releaseInterrupts();
    expect(addresses(made)).toEqual([hole(0), hole(1), hole(2), hole(3)]);
    expect(overflows(made)).toBe(round);
    expect(isQueueOverflowed(...registersOf(made))).toBe(false);
  }
});

test('two overflows before the queue is empty are logged and acknowledged once, and the next one again', () => {
  const made = guest();
  const { program, events } = made;
  program.smmu.holdInterrupts();
  faults(made, 0, 6);
  // While the thread delivers the first event, the queue has room for one more. The two events after it are lost.
  const { waiters } = program.process.files.get(events.fd);
  const stop = waiters.add(() => {
    stop();
    faults(made, 20, 3);
  });
  program.smmu.releaseInterrupts();
  expect(addresses(made)).toEqual([hole(0), hole(1), hole(2), hole(3), hole(20)]);
  expect(overflows(made)).toBe(1);
  expect(isQueueOverflowed(...registersOf(made))).toBe(false);

  program.smmu.holdInterrupts();
  faults(made, 0, 5);
  program.smmu.releaseInterrupts();
  expect(addresses(made)).toHaveLength(4);
  expect(overflows(made)).toBe(2);
});

test('an overflow that occurs while the driver drains the queue is logged', () => {
  const made = guest();
  const { program, events } = made;
  program.smmu.holdInterrupts();
  faults(made, 0, 4);
  // The queue is full, but no event has been lost yet.
  const { waiters } = program.process.files.get(events.fd);
  const stop = waiters.add(() => {
    stop();
    faults(made, 20, 3);
  });
  program.smmu.releaseInterrupts();
  expect(addresses(made)).toEqual([hole(0), hole(1), hole(2), hole(3), hole(20)]);
  expect(overflows(made)).toBe(1);
  expect(isQueueOverflowed(...registersOf(made))).toBe(false);
});

test('without a vEVENTQ an event is logged, with the physical StreamID', () => {
  const made = guest();
  const { program, events } = made;
  program.process.close(events.fd);
  program.destroy(events.id);
  const before = program.kernel.messages.length;
  faults(made, 0, 1);
  const prefix = 'arm-smmu-v3 9050000.smmuv3: ';
  expect(program.kernel.messages.slice(before)).toEqual(
    [
      'event 0x10 received:',
      '\t0x0000002800000010',
      '\t0x0000020800000000',
      '\t0x0000000010001000',
      '\t0x0000000000000000',
      'event: F_TRANSLATION client: 0000:00:01.0 sid: 0x28 ssid: 0x0 iova: 0x10001000 ipa: 0x0',
      'unpriv data read s1 "Input address caused fault" stag: 0x0',
    ].map((line) => prefix + line),
  );
});

test('events of a device without a vDEVICE are logged with its PCI address, and are not in the vEVENTQ', () => {
  const { program, viommu, events } = guest();
  const other = program.bind({ streamId: 0x30 }, { at: '00:1f.3' });
  expect(program.attach(other, program.ok(program.nested(other, viommu)))).toBe('ENOENT');
  program.ok(program.attach(other, program.ok(program.nested(other, viommu, BYPASS))));
  const before = program.kernel.messages.length;
  faults({ bound: other }, 0, 1);
  expect(program.read(events)).toEqual([]);
  expect(program.kernel.messages.slice(before).join('\n')).toContain(
    'F_TRANSLATION client: 0000:00:1f.3 sid: 0x30',
  );
});

test('events of stage 2 are logged, even if the device has a vDEVICE', () => {
  const made = guest();
  const { program, bound, viommu } = made;
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu, BYPASS))));
  const before = program.kernel.messages.length;
  bound.device.dma.write(0xa000_0000n, new Uint8Array(4)).catch(() => undefined);
  expect(addresses(made)).toEqual([]);
  expect(program.kernel.messages.slice(before).join('\n')).toContain('unpriv data write s2');
});

test('a transaction of an unassigned StreamID is logged', () => {
  const { program } = guest();
  const before = program.kernel.messages.length;
  program.smmu.hardware.translate({ streamId: 0x77, substreamId: undefined, address: 0n, write: false });
  expect(program.kernel.messages.slice(before)).toEqual([]);
  program.smmu.hardware.translate({ streamId: 0x7777, substreamId: undefined, address: 0n, write: false });
  expect(program.kernel.messages.at(-1)).toContain('C_BAD_STREAMID client: (unassigned sid) sid: 0x7777');
});

test('waiting events of a device that is moved to a virtual SMMU without its id are logged', () => {
  const made = guest();
  const { program, bound } = made;
  program.smmu.holdInterrupts();
  faults(made, 0, 2);
  const parent = program.parent(bound);
  const second = program.ok(program.viommu(bound, parent));
  const secondEvents = program.events(second);
  program.ok(program.attach(bound, program.ok(program.nested(bound, second, BYPASS))));
  program.smmu.releaseInterrupts();
  expect(addresses(made)).toEqual([]);
  expect(program.read(secondEvents)).toEqual([]);
  const lost = program.kernel.messages.filter((line) => line.includes('F_TRANSLATION')).length;
  expect(lost).toBe(2);
});

test('waiting events of a device that is moved to another virtual SMMU with its id go there', () => {
  const program = new SmmuProgram(SMALL);
  const bound = program.bind({ streamId: 0x28 });
  program.setUpGuest();
  const parent = program.parent(bound);
  const first = program.ok(program.viommu(bound, parent));
  const second = program.ok(program.viommu(bound, parent));
  const queues = [first, second].map((id) => program.events(id));
  const vdevice = program.ok(program.vdevice(bound, first, 0x10n));
  program.ok(program.attach(bound, program.ok(program.nested(bound, first))));
  program.smmu.holdInterrupts();
  faults({ bound }, 0, 1);
  program.destroy(vdevice);
  program.ok(program.vdevice(bound, second, 0x20n));
  program.ok(program.attach(bound, program.ok(program.nested(bound, second))));
  faults({ bound }, 1, 1);
  program.smmu.releaseInterrupts();
  expect(queues.map((queue) => program.read(queue))).toEqual([
    [],
    [
      { sequence: 0, event: expect.objectContaining({ InputAddr: hole(0), StreamID: 0x20 }) },
      { sequence: 1, event: expect.objectContaining({ InputAddr: hole(1), StreamID: 0x20 }) },
    ],
  ]);
});

test('stage 2 translates exactly what the IOAS maps', async () => {
  const { program, bound, viommu } = guest();
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu, BYPASS))));
  program.guestPage(DATA).fill(9, 0, 2);
  await expect(bound.device.dma.read(IPA + BigInt(DATA * 4096), 2)).resolves.toEqual(new Uint8Array([9, 9]));
  program.unmap(IPA, 16);
  await expect(bound.device.dma.read(IPA + BigInt(DATA * 4096), 2)).rejects.toThrow('aborted');
});
