/**
 * A loop over the events of a virtual IOMMU that is sometimes too slow. The kernel keeps as many events as the queue
 * has room for. The loop is informed of the number of lost events and their sequence numbers.
 *
 * Run it with `npm run example event-loop`.
 */
import { DmaFault, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { Iommufd, type Veventq } from '@iommufd/sdk';
import { decodeVevents, iommu_viommu_event_selftest } from '@iommufd/uapi';
import { EventTimeline } from './timeline.js';
import { watchReads } from './watch-reads.js';

const kernel = new FakeKernel([mockModule]);
const nic = new MockDevice();
const path = kernel.plug(nic);
const program = kernel.spawn();
const timeline = new EventTimeline();

{
  using iommufd = Iommufd.open(watchReads(program, showRead));
  // A nest parent, which translates guest-physical addresses, and a virtual IOMMU on it.
  using ioas = iommufd.allocIoas();
  using device = iommufd.openDevice(path);
  using parent = device.allocHwpt({ ioas, nestParent: true });
  using viommu = device.allocViommu({ type: 'selftest', parent });
  using _vdevice = viommu.allocVdevice({ device, virtualId: 0x99n });
  // The guest's page table. An access to an address that it does not map is reported as an event of the virtual IOMMU.
  using nested = device.allocNestedHwpt({
    on: viommu,
    data: { type: 'selftest', iotlb: 1, pagetable_type: 0 },
  });
  using _attached = device.attach(nested);

  timeline.heading('A queue with room for 3 events: a mark at its end reports the loss');
  using queue = viommu.allocVeventq({ type: 'selftest', depth: 3 });
  const abort = new AbortController();
  const loop = follow(queue, {
    signal: abort.signal,
    meanwhile: new Map([
      [0, () => faults(7)],
      [7, () => abort.abort()],
    ]),
  });
  await faults(1);
  await loop;
  timeline.add('reader', 'stops at its signal; later events stay in the queue for the next loop or read()');
  await faults(1);
  for (const item of queue.read()) if (item.kind === 'event') timeline.event(item.sequence);

  timeline.heading('A queue with room for 6000, more than one read() returns: only a gap shows the loss');
  queue.close();
  const large = viommu.allocVeventq({ type: 'selftest', depth: 6000 });
  await faults(6005);
  await follow(large, {
    meanwhile: new Map([
      // There is room again, and the mark is still in the queue. The next event removes it.
      [0, () => faults(1)],
      [6005, () => large.close()],
    ]),
  });
  timeline.add('reader', 'ends, because the queue was closed');
}

program.exit();
timeline.heading(`left over in the kernel: ${kernel.leftOver().join(', ') || 'nothing'}`);

/**
 * The loop of a VMM.
 * @param options.meanwhile actions while the loop handles an item, by the item's sequence number
 */
async function follow(
  queue: Veventq<'selftest'>,
  { signal, meanwhile }: { signal?: AbortSignal; meanwhile: ReadonlyMap<number, () => Promise<void> | void> },
): Promise<void> {
  for await (const item of queue.events({ signal })) {
    if (item.kind === 'lost') timeline.lost(item.lost, item.sequence);
    else timeline.event(item.sequence);
    // Nothing is read from the kernel until this is done.
    await meanwhile.get(item.sequence)?.();
  }
}

/** The device accesses an unmapped address. */
async function faults(times: number): Promise<void> {
  timeline.add('device', times === 1 ? 'faults once' : `faults ${times} times`);
  for (let i = 0; i < times; i++) {
    await nic.dma.read(0x1000_0000n, 4).catch((cause: unknown) => {
      if (!(cause instanceof DmaFault)) throw cause;
    });
  }
}

/** Shows the records that the kernel returned, before the SDK handles them. */
function showRead(bytes: Uint8Array): void {
  const records = decodeVevents(iommu_viommu_event_selftest, bytes);
  const events = records.filter(({ kind }) => kind === 'event').length;
  const mark = events < records.length ? 'and a mark' : 'no mark';
  timeline.add('kernel', `read() = ${events} ${events === 1 ? 'event' : 'events'}, ${mark}`);
}
