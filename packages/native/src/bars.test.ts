import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createDevice, FakeKernel, type FakePciDevice, msix, ram, registers } from '@iommufd/fakekernel';
import { TestProgram, runScript } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

/** The start of the programs: opens and binds the device, and enables memory decoding. */
const PRELUDE = `
  const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
  const fd = iommu();
  bind(device, fd);
  const config = (command) => c.pwrite(device, Buffer.from([command, 0]), 2, 7 * 2 ** 40 + 4);
  config(2);
  /** Flags of VFIO_DEVICE_GET_REGION_INFO. */
  const flagsOf = (index) => call(device, 108, 32, 0, index, 0, 0n, 0n).bytes.readUInt32LE(4);
  const map = (index, length, flags = MAP_SHARED) => c.mmap(0, length, PROT, flags, device, index * 2 ** 40);
  const text = (address, length) => at(address, length).toString('latin1');
`;

/** Memory in BAR 0, registers in BAR 2, memory with an MSI-X table in BAR 3. */
function plugged(kernel: FakeKernel): FakePciDevice {
  const device = createDevice({
    vendor: 0x1234,
    device: 1,
    capabilities: [msix({ vectors: 4, bar: 3, table: 0x800 })],
    bars: [
      ram(8192, { is64: true }),
      undefined,
      registers(4096, { read: () => 0, write: () => undefined }),
      ram(4096),
    ],
  });
  kernel.plug(device);
  return device;
}

test('a program can map the memory of a BAR in place, but not registers', async () => {
  const kernel = new FakeKernel();
  const device = plugged(kernel);
  const notices: string[] = [];
  const program = await TestProgram.start(
    kernel,
    `${PRELUDE}
     c.pwrite(device, Buffer.from('before'), 6, 0x10);
     const bar = map(0, 8192);
     const seen = text(Number(bar) + 0x10, 6);
     at(bar, 8192).write('stored', 0x1010);
     report({ flags: [0, 2, 3].map(flagsOf), seen, refused: [map(2, 4096), map(3, 4096), map(0, 4096, MAP_PRIVATE), map(0, 16384)] });
     meet('mapped');
     const later = text(Number(bar) + 0x20, 4);
     // A second mapping shows the same memory, and so does the rest of the first after a part of it was unmapped.
     const second = map(0, 8192);
     c.munmap(Number(bar), 4096);
     at(second, 8192).write('again', 0x1100);
     report({ later, shown: [text(Number(bar) + 0x1010, 6), text(Number(bar) + 0x1100, 5)] });
     // The device stays open while it is mapped.
     c.close(device);
     meet('closed');
     report(text(Number(bar) + 0x1010, 6));`,
    { onNotice: (what) => void notices.push(what) },
  );
  expect(await program.next()).toEqual({ flags: [7, 3, 3], seen: 'before', refused: [-22, -22, -22, -22] });
  await program.meet('mapped');
  const [bar] = device.bars;
  if (bar === undefined) throw new Error('BAR 0 is there');
  expect(bar.read(0x1010, 4)).toBe(0x726f_7473n);
  bar.write(0x20, 4, 0x2121_2121n);
  program.goOn();
  expect(await program.next()).toEqual({ later: '!!!!', shown: ['stored', 'again'] });
  await program.meet('closed');
  expect(kernel.leftOver().join()).toContain('a bound device: /dev/vfio/devices/vfio0');
  program.goOn();
  expect(await program.result()).toBe('stored');
  expect(notices).toEqual([expect.stringMatching(/^mmap\(\) of a BAR: one with registers cannot be mapped/)]);
  expect(kernel.leftOver()).toEqual([]);
});

test('a mapped BAR cannot be mapped for devices once the IOAS has a page table, as on Linux', async () => {
  const kernel = new FakeKernel();
  plugged(kernel);
  const result = await runScript(
    kernel,
    `${PRELUDE}
     const [empty, attached] = [ioasAlloc(fd), ioasAlloc(fd)];
     const bar = map(0, 4096);
     report([ioasMap(fd, empty, bar, 4096, 1 << 24), attach(device, attached), ioasMap(fd, attached, bar, 4096, 1 << 24)]);`,
  );
  expect(result).toEqual([0, 0, -14]);
  expect(kernel.leftOver()).toEqual([]);
});

test('the memory of a BAR keeps its contents for the next program', async () => {
  const kernel = new FakeKernel();
  plugged(kernel);
  await runScript(kernel, `${PRELUDE} at(map(0, 4096), 4096).write('kept', 0x30); report(0);`);
  const shows = `${PRELUDE} const bytes = Buffer.alloc(128); c.pread(device, bytes, 4, 0x30);
    report([bytes.toString('latin1', 0, 4), text(Number(map(0, 4096)) + 0x30, 4)]);`;
  expect(await runScript(kernel, shows)).toEqual(['kept', 'kept']);
});

test('a tape of a program that maps a BAR notes what it does not contain', async () => {
  const kernel = new FakeKernel([], { mapsRegisters: false });
  plugged(kernel);
  const notices: string[] = [];
  await runScript(kernel, `${PRELUDE} map(0, 4096); report(0);`, {
    record: { file: join(mkdtempSync(join(tmpdir(), 'iommufd-')), 'tape.jsonl'), machine: {} },
    onNotice: (what) => void notices.push(what),
  });
  expect(notices).toEqual([
    'not in the tape: what the program writes into memory of a BAR that it has mapped',
  ]);
});
