import { MockDevice } from '@iommufd/fakekernel';
import type { Veventq } from '@iommufd/sdk';
import { smmuv3_event } from '@iommufd/uapi';
import type { CaseWorkload, Runner } from '../workload.js';
import { allocated } from '../measure/allocated.js';
import { nested, type SmmuDevice } from './nested.js';
import { PAGE, Program } from './program.js';

/** Number of records that are timed together, and of those whose allocations are counted together. */
const RECORDS = 16_384;
const COUNTED = 4096;
const DEPTH = 8192;

/** An address that the guest's stage 1 does not map. */
const NOTHING = 0x1000_0000n;
/** Number of different addresses, used in turn. */
const ADDRESSES = 1024;

/** Makes a device raise an event of its virtual IOMMU. */
type Raise = () => void;

/** A device behind an SMMUv3 whose guest has an empty stage 1, and the queue of the resulting events. */
function smmuv3(program: Program): { readonly queue: Veventq<'arm-smmuv3'>; readonly device: SmmuDevice } {
  const { hardware, viommu } = nested(program, 2);
  return { queue: viommu.allocVeventq({ type: 'arm-smmuv3', depth: DEPTH }), device: hardware };
}

/** The device's transactions are refused; their promises are not awaited. */
function byTransaction(burst: number): Runner {
  const program = new Program();
  const { queue, device } = smmuv3(program);
  const transactions = Array.from({ length: ADDRESSES }, (_, i) => ({
    iova: NOTHING + BigInt(i * PAGE),
    write: false,
    pasid: undefined,
  }));
  let next = 0;
  const raise: Raise = () => {
    const transaction = transactions[next++ % ADDRESSES];
    if (transaction !== undefined) device.translate(transaction);
  };
  return following(queue, raise, burst, ({ kind }) => kind === 'event');
}

/** The same through the device's `dma`, which creates a promise and an error for each access. */
function byDma(burst: number): Runner {
  const program = new Program();
  const { queue, device } = smmuv3(program);
  const ignore = (): void => undefined;
  const raise: Raise = () => void device.dma.read(NOTHING, 4).catch(ignore);
  return following(queue, raise, burst, ({ kind }) => kind === 'event');
}

/** A mock device, whose events contain only the device's virtual id. */
function byMock(burst: number): Runner {
  const program = new Program();
  const { iommufd, kernel } = program;
  const hardware = new MockDevice();
  const device = iommufd.openDevice(kernel.plug(hardware));
  const parent = device.allocHwpt({ ioas: iommufd.allocIoas(), nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  viommu.allocVdevice({ device, virtualId: 0x99n });
  const data = { type: 'selftest', iotlb: 0, pagetable_type: 0 } as const;
  device.attach(device.allocNestedHwpt({ on: viommu, data }));
  const queue = viommu.allocVeventq({ type: 'selftest', depth: DEPTH });
  const raise: Raise = () => {
    if (!hardware.raiseEvent()) throw new Error('the event has no receiver');
  };
  return following(queue, raise, burst, ({ kind }) => kind === 'event');
}

/** A loop over a queue. The next burst is sent when the loop waits. */
function following<T>(
  queue: AsyncIterable<T>,
  raise: Raise,
  burst: number,
  isEvent: (item: T) => boolean,
): Runner {
  const send = (): void => {
    for (let i = 0; i < burst; i++) raise();
  };
  const follow = async (records: number): Promise<void> => {
    let received = 0;
    queueMicrotask(send);
    for await (const item of queue) {
      if (!isEvent(item)) throw new Error('events were lost');
      received++;
      if (received === records) return;
      // Before this runs, the loop has requested the next record and waits.
      if (received % burst === 0) queueMicrotask(send);
    }
  };
  return runnerOf(follow);
}

function runnerOf(workload: (records: number) => Promise<void>): Runner {
  return {
    run: async () => {
      const start = performance.now();
      await workload(RECORDS);
      return { operations: RECORDS, milliseconds: performance.now() - start };
    },
    bytesPerOperation: async () => (await allocated(() => workload(COUNTED))) / COUNTED,
  };
}

/** The same loop over existing objects, with the same protocol: a promise and a result for each. */
function bareLoop(): Runner {
  const item = { kind: 'event', sequence: 0, event: {} };
  return runnerOf(async (records) => {
    let left = records;
    const iterator: AsyncIterableIterator<typeof item> = {
      next: () =>
        Promise.resolve(left-- > 0 ? { done: false, value: item } : { done: true, value: undefined }),
      [Symbol.asyncIterator]: () => iterator,
    };
    let received = 0;
    for await (const { kind } of iterator) if (kind === 'event') received++;
    if (received !== records) throw new Error(`${received} records, and not ${records}`);
  });
}

/** The object that the loop's owner receives for an event: the least that must be allocated. */
function objects(): Runner {
  const bytes = new Uint8Array(smmuv3_event.byteLength).fill(1);
  const data = new DataView(bytes.buffer);
  const kept = new Array<unknown>(RECORDS).fill(undefined);
  return runnerOf(async (records) => {
    for (let sequence = 0; sequence < records; sequence++) {
      kept[sequence] = {
        kind: 'event',
        sequence,
        event: {
          EventNumber: 0x10,
          StreamID: data.getUint16(4, true),
          SSV: 0,
          SubstreamID: 0,
          STAG: 0,
          Stall: 0,
          PnU: 0,
          InD: 0,
          RnW: 1,
          NSIPA: 0,
          S2: 0,
          CLASS: 2,
          IMPL_DEF: 0,
          InputAddr: data.getBigUint64(16, true),
          IPA: data.getBigUint64(24, true),
        },
      };
    }
    return Promise.resolve();
  });
}

const nameOf = (burst: number): string => `Arm SMMUv3, bursts of ${burst.toLocaleString('en-US')}`;
export const MOCK_EVENTS = 'mock device, bursts of 4,096';
export const SMMU_EVENTS = nameOf(4096);
const BARE = 'for await over objects that exist';
const OBJECTS = 'one event object with its bigints';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K3',
  title: 'K3: an event from device to handler',
  operation: 'record',
  unit: 'ns',
  module: import.meta.url,
  goals: [
    { kind: 'rate', of: MOCK_EVENTS, atLeast: 2_000_000 },
    { kind: 'bytes', of: MOCK_EVENTS, without: BARE, most: OBJECTS },
    { kind: 'rate', of: SMMU_EVENTS, atLeast: 1_000_000 },
    { kind: 'bytes', of: SMMU_EVENTS, atMost: 800 },
  ],
  text: `A device raises an event, its driver puts it into the vEVENTQ with the id of the vDEVICE, the SDK reads and decodes it,
and a \`for await\` loop receives it and requests the next burst after the last event of a burst. The time includes all of these steps. Bytes
are those of the heap and of array buffers, garbage included.

The mock device raises events and does nothing else. A device behind the fake SMMUv3 does not raise
events but makes transactions: each is looked up in the stream table, its context descriptor and its tables are read through
stage 2, and only then is there an F_TRANSLATION for the hardware's own event queue, from which Linux's driver takes it. The hardware
accounts for nearly all of the time and the bytes of these rows. In the rows with DMA the device's \`dma.read()\` makes
the accesses: they include its promises and errors.

\`for await\` itself allocates a promise, a result and more for each record, whatever the record is; this is the first baseline. The
second is an SMMUv3 event as the SDK returns it: \`kind\`, \`sequence\`, and an object of 15 fields of which two are bigints.
Without the first, a record may take the second.`,
  cases: [
    ...[1, 64, 4096].map((burst) => ({
      name: nameOf(burst),
      kind: 'ours' as const,
      countsBytes: true,
      start: () => byTransaction(burst),
    })),
    { name: 'Arm SMMUv3 by DMA, bursts of 4,096', kind: 'ours', countsBytes: true, start: () => byDma(4096) },
    { name: MOCK_EVENTS, kind: 'ours', countsBytes: true, start: () => byMock(4096) },
    { name: BARE, kind: 'baseline', countsBytes: true, start: bareLoop },
    { name: OBJECTS, kind: 'baseline', countsBytes: true, start: objects },
  ],
};
