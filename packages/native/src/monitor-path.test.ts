/**
 * The calls of QEMU's vfio-pci, in its order: it finds a device, starts and resets it, sets up its interrupts and unplugs it.
 * docs/native-programs.md shows QEMU itself, with its output.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { edu, FakeKernel, FakeVtd, nvme } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const ADDRESS = '0000:00:05.0';

/** The start of the programs: finds, opens and attaches the device, and maps memory for a guest. */
const PRELUDE = `
  const fs = await import('node:fs');
  const home = '/sys/bus/pci/devices/${ADDRESS}';
  fs.accessSync('/dev/iommu', fs.constants.R_OK | fs.constants.W_OK);
  fs.statSync(home);
  fs.realpathSync.native(home);
  fs.realpathSync.native(home + '/subsystem');
  const [name] = fs.readdirSync(home + '/vfio-dev');
  const device = c.open('/dev/vfio/devices/' + name, O_RDWR | O_CLOEXEC, 0);
  const fd = iommu();
  const { id: device_id } = bind(device, fd);
  const ioas = ioasAlloc(fd);
  const info = call(fd, 0x8a, 40, 0, device_id, 0, 0n, 0, 0, 0n).bytes;
  const hwpt = call(fd, 0x89, 48, 0, device_id, ioas, 0, 0, 0, 0, 0n, 0, 0);
  const paging = hwpt.bytes.readUInt32LE(16);
  attach(device, paging);
  const [NONE, EVENTFD, MASK, UNMASK, TRIGGER] = [1, 4, 8, 0x10, 0x20];
  const [INTX, MSI, MSIX, ERROR, REQUEST] = [0, 1, 2, 3, 4];
  const setIrqs = (index, action, ...fds) => call(device, 110, 20 + 4 * fds.length, EVENTFD | action, index, 0, fds.length, ...fds).result;
  const setNone = (index, action, count) => call(device, 110, 20, NONE | action, index, 0, count).result;
  const CONFIG = 7 * 2 ** 40;
  const scratch = Buffer.alloc(4096);
  const readAt = (at, size) => c.pread(device, scratch, size, at) === size ? scratch.readUIntLE(0, size) : NaN;
  const writeAt = (at, size, value) => {
    if (size === 8) scratch.writeBigUInt64LE(BigInt(value)); else scratch.writeUIntLE(value, 0, size);
    return c.pwrite(device, scratch, size, at);
  };
  /** Waits until an eventfd is signalled, and resets it. */
  const taken = (eventfd) => { poll(eventfd, 1, -1); return c.read(eventfd, scratch, 8) === 8; };
`;

function machine(device = edu()): FakeKernel {
  const kernel = new FakeKernel([], { mapsRegisters: false });
  kernel.plug(device, { at: ADDRESS, iommu: new FakeVtd() });
  return kernel;
}

describe('the calls of QEMU', () => {
  test('find a device, and read all of its properties before the guest starts', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `${PRELUDE}
       const ranges = [call(fd, 0x84, 32, ioas, 0, 0, 0n, 0n)];
       const room = Buffer.alloc(4096);
       ranges.push(call(fd, 0x84, 32, ioas, ranges[0].bytes.readUInt32LE(8), 0, addressOf(room), 0n));
       const [ram, rom] = [memory(1 << 20), memory(1 << 16)];
       const regions = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => call(device, 108, 32, 0, index, 0, 0n, 0n).bytes);
       report({
         hardware: info.readUInt32LE(24),
         hwpt: hwpt.result,
         ranges: ranges.map(({ result }) => result),
         hole: [room.readBigUInt64LE(0), room.readBigUInt64LE(8), room.readBigUInt64LE(16)].map(String),
         maps: [
           ioasMap(fd, ioas, ram, 1 << 20, 0),
           // A ROM of the guest is mapped read-only.
           call(fd, 0x85, 40, 5, ioas, 0, BigInt(rom), 1n << 16n, 0xffff0000n).result,
         ],
         sizes: regions.map((bytes) => Number(bytes.readBigUInt64LE(16))),
         irqs: [INTX, MSI, MSIX, ERROR, REQUEST].map((index) => {
           const { result, bytes } = call(device, 109, 16, 0, index, 0);
           return result === 0 ? bytes.readUInt32LE(12) : result;
         }),
         config: c.pread(device, scratch, 256, CONFIG),
         // The size of a ROM is found by sizing its BAR.
         rom: [writeAt(CONFIG + 0x30, 4, 0xfffff800), readAt(CONFIG + 0x30, 4), writeAt(CONFIG + 0x30, 4, 0)],
         migration: call(device, 117, 16, 0x10001, 0n).result,
         reset: call(device, 111).result,
         hotReset: call(device, 112, 12, 0, 0).result,
       });`,
    );
    expect(result).toEqual({
      hardware: 1,
      hwpt: 0,
      ranges: [-90, 0],
      hole: ['0', '4276092927', '4277141504'],
      maps: [0, 0],
      sizes: [1 << 20, 0, 0, 0, 0, 0, 0, 256],
      irqs: [1, 1, 0, 1, 1],
      config: 256,
      rom: [4, 0, 4],
      migration: -25,
      // On a root bus neither the function nor its bus can be reset.
      reset: -22,
      hotReset: -19,
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('let KVM inject and unmask the line, and change its route while the guest starts', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `${PRELUDE}
       writeAt(CONFIG + 4, 2, 6);
       const interrupt = c.eventfd(0, 0);
       const done = [setIrqs(INTX, TRIGGER, interrupt)];
       /** The line is masked while KVM takes it over. */
       const useKvm = () => {
         const resample = c.eventfd(0, 0);
         done.push(setNone(INTX, MASK, 1), setIrqs(INTX, UNMASK, resample), setNone(INTX, UNMASK, 1));
         return resample;
       };
       /** KVM's eventfd is unset and closed. */
       const leaveKvm = (resample) => {
         done.push(setNone(INTX, MASK, 1));
         c.close(resample);
         done.push(setNone(INTX, UNMASK, 1));
       };
       for (let i = 0; i < 2; i++) leaveKvm(useKvm());
       const resample = useKvm();
       writeAt(0x60, 4, 1);
       const first = taken(interrupt);
       writeAt(0x64, 4, 1);
       // The guest's end of interrupt.
       c.write(resample, struct(1n), 8);
       writeAt(0x60, 4, 2);
       const second = taken(interrupt);
       writeAt(0x64, 4, 2);
       leaveKvm(resample);
       done.push(setNone(INTX, TRIGGER, 0));
       report({ done: [...new Set(done)], first, second });`,
    );
    expect(result).toEqual({ done: [0], first: true, second: true });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('switch from the line to messages and back, as a guest and its drivers do', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `${PRELUDE}
       writeAt(CONFIG + 4, 2, 6);
       const [line, message] = [c.eventfd(0, 0), c.eventfd(0, 0)];
       setIrqs(ERROR, TRIGGER, c.eventfd(0, 0));
       const done = [setIrqs(REQUEST, TRIGGER, c.eventfd(0, 0)), setIrqs(INTX, TRIGGER, line)];
       for (let round = 0; round < 2; round++) {
         writeAt(0x60, 4, 1);
         done.push(taken(line));
         writeAt(0x64, 4, 1);
         done.push(setNone(INTX, UNMASK, 1), setNone(INTX, TRIGGER, 0), setIrqs(MSI, TRIGGER, message));
         writeAt(0x60, 4, 1);
         done.push(taken(message));
         writeAt(0x64, 4, 1);
         done.push(setNone(MSI, TRIGGER, 0), setIrqs(INTX, TRIGGER, line));
       }
       // The reset of the machine.
       done.push(setNone(INTX, TRIGGER, 0), writeAt(CONFIG + 4, 2, 0), setIrqs(INTX, TRIGGER, line));
       report(done);`,
    );
    const round = [true, 0, 0, 0, true, 0, 0];
    expect(result).toEqual([0, 0, ...round, ...round, 0, 2, 0]);
    expect(kernel.leftOver()).toEqual([]);
  });

  test('remap memory while firmware moves it, and the device accesses the guest', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `${PRELUDE}
       writeAt(CONFIG + 4, 2, 6);
       const size = 8 << 20;
       const ram = Number(memory(size));
       const map = (flags, from, to) => call(fd, 0x85, 40, flags, ioas, 0, BigInt(ram + from), BigInt(to - from), BigInt(from)).result;
       const done = [map(7, 0, size)];
       // Shadow memory: one range becomes four, one of them read-only.
       done.push(ioasUnmap(fd, ioas, 0, size), map(7, 0, 0xc0000), map(5, 0xc0000, 0xe0000), map(7, 0xe0000, 0x100000), map(7, 0x100000, size));
       const text = at(ram + 0x200000, 16);
       text.write('of the guest');
       const copy = (source, target, command) => {
         for (const [register, value] of [[0x80, source], [0x88, target], [0x90, 16], [0x98, command]]) writeAt(register, 8, value);
       };
       copy(0x200000, 0x40000, 1);
       copy(0x40000, 0x300000, 3);
       // Memory that is read-only for the device does not change.
       copy(0x40000, 0xc0000, 3);
       report({ done, there: at(ram + 0x300000, 12).toString('latin1'), rom: at(ram + 0xc0000, 1)[0],
         back: [0, 0xc0000, 0xe0000, 0x100000].map((from, index, all) => ioasUnmap(fd, ioas, from, (all[index + 1] ?? size) - from)) });`,
    );
    expect(result).toEqual({ done: [0, 0, 0, 0, 0, 0], there: 'of the guest', rom: 0, back: [0, 0, 0, 0] });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('unplug a device and plug it in again', async () => {
    const kernel = machine(nvme());
    const result = await runScript(
      kernel,
      `${PRELUDE}
       const done = [hwpt.result, setIrqs(MSIX, TRIGGER, c.eventfd(0, 0), c.eventfd(0, 0))];
       // The device supports a reset, with which QEMU restores its state.
       done.push(setNone(MSIX, TRIGGER, 0), call(device, 111).result, call(device, 120, 8, 0).result);
       done.push(destroy(fd, paging), c.close(device));
       const again = c.open('/dev/vfio/devices/' + name, O_RDWR | O_CLOEXEC, 0);
       done.push(bind(again, fd).result, attach(again, ioas));
       report(done);`,
    );
    expect(result).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(kernel.leftOver()).toEqual([]);
  });
});
