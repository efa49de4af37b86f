/**
 * A driver on the SDK, as a native program with real files, its own memory and its own eventfds. It uses an edu device (vfio0) and
 * memory in a BAR (vfio1), and migrates vfio2. It prints a line of JSON.
 */
import { LinuxSyscalls } from '@iommufd/native';
import { Iommufd } from '@iommufd/sdk';

using iommufd = Iommufd.open(new LinuxSyscalls());
const ioas = iommufd.allocIoas();
const device = iommufd.openDevice('/dev/vfio/devices/vfio0');
device.attach(ioas);
device.pciCommand({ memory: true, busMaster: true });
const memory = iommufd.allocMemory(4096);
const { iova } = ioas.mapMemory(memory);

/** Registers of edu. */
const [SOURCE, DESTINATION, COUNT, COMMAND, RAISE, ACKNOWLEDGE] = [
  0x80, 0x88, 0x90, 0x98, 0x60, 0x64,
] as const;
const BUFFER = 0x4_0000n;
const registers = device.region('bar0');
const messages = device.enableInterrupts('msi', { vectors: 1 });
const arrivals = messages.events();

async function copy(source: bigint, destination: bigint, command: bigint): Promise<bigint> {
  registers.write64(SOURCE, source);
  registers.write64(DESTINATION, destination);
  registers.write64(COUNT, 8n);
  registers.write64(COMMAND, command);
  const { value } = (await arrivals.next()) as { readonly value: { readonly count: bigint } };
  registers.write32(ACKNOWLEDGE, 0x100);
  return value.count;
}

memory.bytes(0, 8).set([1, 2, 3, 4, 5, 6, 7, 8]);
const counts = [await copy(iova, BUFFER, 5n), await copy(BUFFER, iova + 0x800n, 7n)];
messages.close();
const line = device.enableInterrupts('intx');
const unmask = iommufd.allocEventfd();
line.unmaskOn(unmask);
const lines: string[] = [];
const listening = line.listen(({ count }) => {
  lines.push(`${count} at ${registers.read32(0x24)}`);
  if (lines.length === 2) registers.write32(ACKNOWLEDGE, 1);
  if (lines.length === 2) listening.close();
  else unmask.signal();
});
registers.write32(RAISE, 1);
await listening.ended;

const other = iommufd.openDevice('/dev/vfio/devices/vfio1');
other.pciCommand({ memory: true });
using mapping = other.region('bar0').map();
mapping.write32(0x10, 0x1234_5678);
mapping.bytes(0x14, 2).set([0xaa, 0xbb]);

const migration = iommufd.openDevice('/dev/vfio/devices/vfio2').migration();
const chunks = [...migration.save({ chunkSize: 6 })];
const incoming = migration.startResuming();
for (const chunk of chunks) incoming.write(chunk);
incoming.finish();

console.log(
  JSON.stringify({
    counts: counts.map(Number),
    copied: [...memory.bytes(0x800, 8)],
    lines,
    canMap: [registers.canMap, other.region('bar0').canMap],
    mapped: other.region('bar0').read64(0x10).toString(16),
    words: [mapping.read16(0x10), mapping.read64(0x10).toString(16)],
    chunks: chunks.map(({ length }) => length),
    state: migration.state,
  }),
);
