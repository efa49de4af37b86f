/**
 * Copies a guest's memory to another host while a device keeps writing to it. The IOMMU reports the dirty pages, which
 * are copied again, in several rounds. When few pages are dirty, the device is stopped and the last pages are copied.
 *
 * Run it with `npm run example live-migration`.
 */
import { createHash } from 'node:crypto';
import { plot } from 'asciichart';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { type DirtyRange, Iommufd } from '@iommufd/sdk';
import { BusyDevice, RAM } from './guest.js';
import { Progress } from './progress.js';

const PAGE = 4096;
/** The guest is stopped when at most this many pages are dirty: 1 MiB. */
const FEW = 256;
/** After this many rounds the guest is stopped even if more pages are dirty. */
const MOST_ROUNDS = 20;
const ALL = RAM.length / PAGE;
/** Bytes that are copied at once. */
const CHUNK = 64 * PAGE;

// Two hosts. Only the first has the device. Only pages are transferred.
const source = new FakeKernel([mockModule]);
const destination = new FakeKernel([mockModule]);
const nic = new MockDevice();
const path = source.plug(nic);
const guest = new BusyDevice(nic, 7);
const here = source.spawn();
const there = destination.spawn();

{
  using iommufd = Iommufd.open(here);
  using ioas = iommufd.allocIoas();
  using ram = iommufd.allocMemory(RAM.length);
  using _mapping = ioas.mapMemory(ram, { iova: RAM.start });
  using device = iommufd.openDevice(path);
  using hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
  const attachment = device.attach(hwpt);
  using target = Iommufd.open(there);
  using copy = target.allocMemory(RAM.length);

  const from = ram.bytes();
  const to = copy.bytes();
  await guest.work(20_000);

  // From here on the IOMMU tracks the device's writes. Tracking starts before the first page is copied, so that none is missed.
  hwpt.setDirtyTracking(true);
  using dirty = hwpt.dirtyBitmap({ iova: RAM.start, length: BigInt(RAM.length) });
  const rounds = [ALL];
  await copyRound({ from, to }, [{ iova: RAM.start, length: BigInt(RAM.length) }], {
    name: 'round  1',
    pages: ALL,
  });
  for (dirty.read(); dirty.dirtyPages > FEW && rounds.length < MOST_ROUNDS; dirty.read()) {
    const pages = dirty.dirtyPages;
    rounds.push(pages);
    // A page is clean when take() returns it, and becomes dirty again if the device writes to it while it is copied.
    const name = `round ${String(rounds.length).padStart(2)}`;
    await copyRound({ from, to }, dirty.take(), { name, pages });
  }

  // The guest is stopped, and all its earlier writes are in the bitmap.
  attachment.detach();
  guest.stop();
  dirty.read();
  const last = dirty.dirtyPages;
  rounds.push(last);
  await copyRound({ from, to }, dirty.take(), { name: 'the rest', pages: last });

  console.log('\npages in each round');
  // Several columns for each round make the steps visible.
  const columns = rounds.flatMap((pages) => Array<number>(6).fill(pages));
  console.log(plot(columns, { height: 10, format }).replace(/ +$/gm, ''));
  console.log(`\nthe guest was stopped while ${last} of ${ALL} pages were copied`);
  const [before, after] = [from, to].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  console.log(`source       sha256 ${before}`);
  console.log(`destination  sha256 ${after}`);
  const same = Buffer.compare(from, to) === 0;
  console.log(same ? 'both memories are equal' : 'THE MEMORIES DIFFER');
  if (!same) process.exitCode = 1;
}

here.exit();
there.exit();
const left = [...source.leftOver(), ...destination.leftOver()];
console.log(`left over in the kernels: ${left.join(', ') || 'nothing'}`);

/** Copies ranges. Pages that are written in the meantime are dirty in the next round. */
async function copyRound(
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
  ranges: Iterable<DirtyRange>,
  { name, pages }: { readonly name: string; readonly pages: number },
): Promise<void> {
  const progress = new Progress(name, pages);
  for (const { iova, length } of ranges) {
    const start = Number(iova - RAM.start);
    const end = start + Number(length);
    for (let at = start; at < end; at += CHUNK) {
      const chunk = from.subarray(at, Math.min(at + CHUNK, end));
      to.set(chunk, at);
      progress.add(chunk.length / PAGE);
      // Copying takes time, in which the guest continues.
      await guest.workWhile(chunk.length / PAGE);
    }
  }
  progress.end();
}

function format(pages: number): string {
  return pages.toFixed(0).padStart(6);
}
