/**
 * A guest with a virtual SMMUv3. A small driver writes a stream table, a context descriptor and page tables to guest
 * memory, issues commands and receives interrupts. Its SMMU is a `VirtualSmmuv3`, which passes the work to the real SMMU
 * through iommufd.
 *
 * Run it with `npm run example vsmmu-vmm`. The guest is in `guest-driver.ts`, the VMM in `vmm.ts`, and the host with
 * its hardware in `machine.ts`.
 */
import { dropPage, GuestDriver } from './guest-driver.js';
import { Machine } from './machine.js';
import { PageTable } from './page-table.js';
import { hex, timeline } from './show.js';
import { STREAM_ID, Vmm } from './vmm.js';

/** IOVAs of two buffers of the guest. */
const RX = 0x1000_0000n;
const TX = 0x1000_1000n;
/** An IOVA that is never mapped. */
const NOTHING = 0x2000_0000n;

timeline.heading('The guest enables its SMMU, and gives its device an address space');
const machine = new Machine();
const program = machine.kernel.spawn();
const vmm = new Vmm(program, machine.path, (action) => machine.watchCommands(action));
// The guest gets only memory, registers and interrupts.
const { ram } = vmm;
const driver = new GuestDriver(ram, vmm.smmu);
vmm.connect(driver);
driver.start();
const pageTable = new PageTable(ram);
driver.attach(STREAM_ID, pageTable);

timeline.heading('Two pages are mapped: the device writes to one and reads the other');
const [rx, tx] = [ram.allocPage(), ram.allocPage()];
map(RX, rx);
map(TX, tx);
put(tx, 'ping');
await machine.write(RX, 'pong');
look(rx, 4);
await machine.read(TX, 4);

timeline.heading(
  'A page is unmapped without an invalidation: the device can still access it, whatever its new content',
);
unmap(RX);
put(rx, 'a password');
await machine.read(RX, 10);
await machine.write(RX, 'overwritten');
look(rx, 11);

timeline.heading('After the invalidation the access is aborted, and the guest gets an event');
driver.submit(dropPage(RX));
await machine.read(RX, 10);
await driver.eventInterrupt.taken();
driver.readEvents();

timeline.heading(
  'An invalid command: earlier commands are executed, later ones wait until the guest recovers',
);
map(RX, rx);
await machine.write(RX, 'pong');
unmap(RX);
unmap(TX);
// A range (NUM) without a page size (TG): the VMM passes it to the kernel, which refuses it as illegal.
driver.submit(dropPage(RX), { ...dropPage(TX), NUM: 5 }, dropPage(TX));
await driver.errorInterrupt.taken();
await machine.read(RX, 4);
await driver.eventInterrupt.taken();
driver.readEvents();
await machine.read(TX, 4);
driver.recover();
await machine.read(TX, 4);
await driver.eventInterrupt.taken();
driver.readEvents();

timeline.heading('The guest is busy: its queue, of 8 events, overflows');
await machine.readPages(NOTHING, 6);
await driver.eventInterrupt.taken();
// The guest was interrupted when the queue became non-empty. It is not interrupted again before it has emptied the queue.
const more = vmm.passesOn();
await machine.readPages(NOTHING + 0x6000n, 4);
await more;
driver.readEvents();

timeline.heading(
  'The VMM is busy: its queue, of 6 events, overflows, and the guest is informed in the same way',
);
await machine.readPages(NOTHING, 9);
await driver.eventInterrupt.taken();
driver.readEvents();

timeline.heading('Recovered: the next event is delivered');
await machine.read(NOTHING, 1);
await driver.eventInterrupt.taken();
driver.readEvents();

await vmm.close();
program.exit();
timeline.heading(`left over in the kernel: ${machine.kernel.leftOver().join(', ') || 'nothing'}`);

function map(iova: bigint, page: bigint): void {
  timeline.add('guest', `maps ${hex(iova)} to its page at ${hex(page)}`);
  pageTable.map(iova, page);
}

function unmap(iova: bigint): void {
  timeline.add('guest', `clears the descriptor of ${hex(iova)}`);
  pageTable.unmap(iova);
}

/** The guest writes to its memory. */
function put(page: bigint, text: string): void {
  timeline.add('guest', `puts "${text}" into its page at ${hex(page)}`);
  ram.bytes(page, text.length).set(new TextEncoder().encode(text));
}

/** The guest reads its memory. */
function look(page: bigint, length: number): void {
  const text = new TextDecoder().decode(ram.bytes(page, length));
  timeline.add('guest', `finds "${text}" in its page at ${hex(page)}`);
}
