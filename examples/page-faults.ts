/**
 * Memory that is mapped when a device asks for it: the device's page table has a queue of page faults, the program
 * reads groups of requests from it, maps the pages, and answers. The device waits for that long.
 *
 * Run it with `npm run example page-faults`.
 */
import { DmaFault, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { type FaultGroup, Iommufd } from '@iommufd/sdk';

const PAGE = 4096;
/** The guest's memory, none of which is mapped initially. */
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
  // Which faults go to the queue the page table says, so it is allocated by hand rather than by attaching the IOAS.
  using hwpt = device.allocHwpt({ ioas, faultQueue });
  // A page table that is in use cannot be closed, so the attachment has to end before it.
  using _attached = device.attach(hwpt);

  const mapped = new Set<bigint>();

  /** Maps the pages that a group asks for, if the guest has them. */
  const handle = (group: FaultGroup): void => {
    const pages = group.faults.map(({ address }) => address);
    const isRam = pages.every((at) => at >= RAM.start && at < RAM.start + BigInt(RAM.length));
    console.log(`group ${group.groupIndex} of ${group.device} asks for ${pages.map(hex).join(' ')}`);
    for (const iova of isRam ? pages : []) {
      // Two accesses may ask for the same page, and to map it twice is an error (EEXIST).
      if (mapped.has(iova)) continue;
      ioas.mapMemory(ram, { offset: Number(iova - RAM.start), length: PAGE, iova });
      mapped.add(iova);
    }
    group.respond(isRam ? 'success' : 'invalid');
    console.log(`  answered: ${group.response}`);
  };

  const abort = new AbortController();
  const serving = (async () => {
    for await (const group of faultQueue.events({ signal: abort.signal })) handle(group);
  })();

  // Four bytes before a page ends to eight bytes into the third one after it: four pages, none of them mapped.
  const at = RAM.start + 0x4ffcn;
  const sectors = new Uint8Array(4 + 2 * PAGE + 8).fill(0x5a);
  await disk.dma.write(at, sectors);
  const written = ram.bytes(Number(at - RAM.start), sectors.length);
  console.log(`the write went through: ${written.every((byte) => byte === 0x5a)}`);

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
console.log(`the kernel holds ${left.length === 0 ? 'nothing any more' : left.join(', ')}`);

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
