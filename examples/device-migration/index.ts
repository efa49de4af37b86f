/**
 * Migrates a device to another host while it works. Its state is copied while it runs (pre-copy), and the rest when it is stopped. The
 * memory that it writes to is copied by the device's DMA log. At the destination the device continues counting.
 *
 * Run it with `npm run example device-migration`.
 */
import { FakeKernel } from '@iommufd/fakekernel';
import { type DirtyRange, Iommufd, type VfioDevice } from '@iommufd/sdk';
import { COUNTER, counterDevice, SLOT_SIZE, SLOTS, TABLE } from './counter.js';

const LENGTH = SLOTS * SLOT_SIZE;
const IOVA = 0x4000_0000n;
/** Ticks of the device during each round. They decrease, because the guest is throttled. */
const TICKS = [400, 60, 12, 3];

/** A host: its kernel, its device, and the VMM. */
function host() {
  const kernel = new FakeKernel();
  const counter = counterDevice();
  const path = kernel.plug(counter.hardware);
  const program = kernel.spawn();
  const iommufd = Iommufd.open(program);
  const ioas = iommufd.allocIoas();
  const device = iommufd.openDevice(path);
  device.attach(ioas);
  const ram = iommufd.allocMemory(LENGTH);
  ioas.mapMemory(ram, { iova: IOVA });
  device.pciCommand({ memory: true, busMaster: true });
  const end = (): string[] => {
    iommufd.close();
    program.exit();
    return kernel.leftOver();
  };
  return { counter, device, ram, end };
}

const counterOf = (device: VfioDevice): bigint => device.region('bar0').read64(COUNTER);

const [here, there] = [host(), host()];
here.device.region('bar0').write64(TABLE, IOVA);
here.counter.tick(1000);

const [from, to] = [here.ram.bytes(), there.ram.bytes()];
const copy = (ranges: Iterable<DirtyRange>): number => {
  let pages = 0;
  for (const { iova, length } of ranges) {
    const [start, end] = [Number(iova - IOVA), Number(iova - IOVA + length)];
    to.set(from.subarray(start, end), start);
    pages += (end - start) / SLOT_SIZE;
  }
  return pages;
};

// Logging starts before the first byte is copied, so that no write is missed.
using logging = here.device.startDmaLogging({ ranges: [{ iova: IOVA, length: BigInt(LENGTH) }] });
using dirty = logging.bitmap({ iova: IOVA, length: BigInt(LENGTH) });
const outgoing = here.device.migration().startPreCopy();
const incoming = there.device.migration().startResuming();
let sent = 0;
const send = (chunk: Uint8Array): void => {
  sent += chunk.length;
  incoming.write(chunk);
};

let pages = copy([{ iova: IOVA, length: BigInt(LENGTH) }]);
for (const [round, ticks] of TICKS.entries()) {
  const { initial, dirty: changed } = outgoing.progress();
  console.log(
    `round ${round + 1}: ${pages} pages; the device's state has ${initial} initial bytes, ${changed} changed bytes`,
  );
  for (const chunk of outgoing.chunks()) send(chunk);
  here.counter.tick(ticks);
  dirty.read();
  pages = copy(dirty.take());
}

// From here on the device is stopped: it does no DMA, and its state does not change.
const stopped = outgoing.stop();
const refused = here.counter.tick(100);
dirty.read();
const rest = copy(dirty.take());
const before = sent;
for (const chunk of stopped.chunks()) send(chunk);
stopped.finish();
incoming.finish();
console.log(
  `stopped: ${pages + rest} pages and ${sent - before} bytes of state copied, ${refused} ticks counted`,
);

const same = Buffer.compare(from, to) === 0;
console.log(
  `the counter is ${counterOf(here.device)} at the source, ${counterOf(there.device)} at the destination; the memory ${same ? 'is equal' : 'DIFFERS'}`,
);
there.counter.tick(10);
console.log(`the counter continues to ${counterOf(there.device)}`);
logging.close();
console.log(`left over in the kernels: ${[...here.end(), ...there.end()].join(', ') || 'nothing'}`);
