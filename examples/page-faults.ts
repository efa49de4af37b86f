/**
 * Maps memory when a device requests it. The device's page table has a fault queue. The program reads groups of page
 * requests from it, maps the pages, and responds. The device waits for the response.
 *
 * Run it with `npm run example page-faults`.
 */
import { DmaFault, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { type FaultGroup, Iommufd } from '@iommufd/sdk';

const PAGE = 4096;
/** The guest's memory. Initially no page of it is mapped. */
const RAM = { start: 0x4000_0000n, length: 256 * PAGE };

const kernel = new FakeKernel([mockModule]);
const disk = new MockDevice();
const path = kernel.plug(disk);
const program = kernel.spawn();

{
  using iommufd = Iommufd.open(program);
  using ioas = iommufd.allocIoas();
  using ram = iommufd.allocMemory(RAM.length);
  using device = iommufd.openDevice(path);
  using faultQueue = iommufd.allocFaultQueue();
  // Faults are reported to the queue of a page table, so the page table is allocated here, not by attaching the IOAS.
  using hwpt = device.allocHwpt({ ioas, faultQueue });
  // A page table in use cannot be closed, so the attachment must end first.
  using _attached = device.attach(hwpt);

  const mapped = new Set<bigint>();

  /** Maps the pages that a group requests, if they are in the guest's memory. */
  const handle = (group: FaultGroup): void => {
    const pages = group.faults.map(({ address }) => address);
    const isRam = pages.every((at) => at >= RAM.start && at < RAM.start + BigInt(RAM.length));
    console.log(`group ${group.groupIndex} of ${group.device} requests ${pages.map(hex).join(' ')}`);
    for (const iova of isRam ? pages : []) {
      // Two accesses may request the same page, and mapping it twice fails with EEXIST.
      if (mapped.has(iova)) continue;
      ioas.mapMemory(ram, { offset: Number(iova - RAM.start), length: PAGE, iova });
      mapped.add(iova);
    }
    group.respond(isRam ? 'success' : 'invalid');
    console.log(`  response: ${group.response}`);
  };

  const abort = new AbortController();
  const serving = (async () => {
    for await (const group of faultQueue.events({ signal: abort.signal })) handle(group);
  })();

  // From four bytes before the end of a page to eight bytes into the third page after it: four pages, none of them mapped.
  const at = RAM.start + 0x4ffcn;
  const sectors = new Uint8Array(4 + 2 * PAGE + 8).fill(0x5a);
  await disk.dma.write(at, sectors);
  const written = ram.bytes(Number(at - RAM.start), sectors.length);
  console.log(`the write completed: ${written.every((byte) => byte === 0x5a)}`);

  // The pages are mapped now, so there are no more faults.
  console.log(`read back: ${(await disk.dma.read(at, sectors.length)).every((byte) => byte === 0x5a)}`);

  // The guest has no memory here.
  try {
    await disk.dma.read(RAM.start + BigInt(RAM.length), 1);
  } catch (cause) {
    if (!(cause instanceof DmaFault)) throw cause;
    console.log(cause.message);
  }

  // Ends the loop, which waits for the next group.
  abort.abort();
  await serving;
  console.log(`unmapped ${ioas.unmapAll()} bytes`);
}

program.exit();
const left = kernel.leftOver();
console.log(`left over in the kernel: ${left.join(', ') || 'nothing'}`);

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
