import { expect, test } from '@jest/globals';
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MAP_SHARED,
  POLLIN,
  PROT_READ,
  PROT_WRITE,
  VFIO_DEVICE_BIND_IOMMUFD,
} from '@iommufd/uapi';
import { DmaProgram, IOVA, PAGE, TestFaults } from '../hardware/dma.testing.js';
import {
  createDevice,
  DmaFault,
  FakeKernel,
  FakeSmmuv3,
  MockDevice,
  mockModule,
  registers,
  restorable,
  restorableClass,
} from '../index.js';
import { kernelState } from '../kernel-state.js';
import { SnapshotError } from './graph.js';

const RW = PROT_READ | PROT_WRITE;

/** Returns the error that `work` throws. */
function thrown(work: () => unknown): unknown {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return error;
  }
}

/** A program with an attached device and two mappings. */
function attached(): DmaProgram {
  const program = new DmaProgram(20);
  expect(program.attach(1)).toBeGreaterThan(0);
  program.map(IOVA, 2 * PAGE, PAGE);
  program.map(IOVA + 0x1000n, 4 * PAGE, 4 * PAGE);
  return program;
}

test('a restored kernel has the whole state of the original, and both continue independently', async () => {
  const { kernel, process, device, at } = attached();
  await device.dma.write(IOVA, Uint8Array.of(1, 2, 3));
  const snapshot = structuredClone(kernel.snapshot({ keep: { process, device } }));
  const before = [...kernelState(kernel)].length;
  const restored = FakeKernel.restore(snapshot);
  const { kept } = restored;
  expect(kernelState(restored)).toHaveLength(before);
  expect(restored.leftOver()).toEqual(kernel.leftOver());
  const place = at + BigInt(2 * PAGE);
  expect([...kept.process.memory(place, 3)]).toEqual([1, 2, 3]);

  await kept.device.dma.write(IOVA, Uint8Array.of(7));
  expect([kept.process.memory(place, 1)[0], process.memory(place, 1)[0]]).toEqual([7, 1]);
  kept.process.exit();
  expect(restored.leftOver()).toEqual([]);
  expect(kernel.leftOver()).not.toEqual([]);

  // The snapshot has not changed, and a restored kernel can be copied too.
  const again = FakeKernel.restore(FakeKernel.restore(snapshot).snapshot());
  expect(again.leftOver()).toEqual(kernel.leftOver());
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});

test('memory that processes share is also shared in a restored kernel', () => {
  const kernel = new FakeKernel();
  const buffer = new ArrayBuffer(3 * PAGE);
  const [first, second] = [kernel.spawn(), kernel.spawn()];
  const places = [
    first.mapHost(new Uint8Array(buffer, 0, 2 * PAGE), RW),
    second.mapHost(new Uint8Array(buffer, PAGE, 2 * PAGE), RW),
  ] as const;
  const fd = first.memfd(PAGE);
  second.receive(5, first, fd);
  const files = [
    first.mmap(0n, PAGE, RW, MAP_SHARED, fd, 0n),
    second.mmap(0n, PAGE, RW, MAP_SHARED, 5, 0n),
  ] as const;
  const { kept } = FakeKernel.restore(kernel.snapshot({ keep: { first, second } }));
  kept.first.memory(places[0] + 4096n, 1)[0] = 11;
  kept.first.memory(files[0], 1)[0] = 22;
  expect([kept.second.memory(places[1], 1)[0], kept.second.memory(files[1], 1)[0]]).toEqual([11, 22]);
  expect([second.memory(places[1], 1)[0], second.memory(files[1], 1)[0]]).toEqual([0, 0]);
});

test('only non-zero pages are copied, and the snapshot of a small state is small', () => {
  const kernel = new FakeKernel([mockModule]);
  const program = kernel.spawn();
  program.open('/dev/iommu');
  kernel.plug(new MockDevice());
  const copied = (): number =>
    kernel
      .snapshot()
      .graph.values.reduce<number>(
        (sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0),
        0,
      );
  const before = copied();
  // Configuration space, and the mask of its writable bits.
  expect(before).toBeLessThan(4 * PAGE);
  const memory = program.mmap(0n, 1 << 28, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  const bytes = program.memory(memory, 1 << 24);
  bytes[5 * PAGE] = 1;
  bytes[9 * PAGE + 1] = 1;
  expect(copied() - before).toBe(2 * PAGE);
  const { graph } = kernel.snapshot();
  expect(graph.shapeOf.length).toBeLessThan(200);
  expect(graph.values.length).toBeLessThan(600);
});

test('waiting accesses stay in the original kernel', async () => {
  const program = new DmaProgram(20);
  const { kernel, process, device } = program;
  const faults = program.faultQueue();
  expect(program.attach(program.hwpt(1, 0, faults.id))).toBeGreaterThan(0);
  const waiting = process.wait([{ fd: faults.fd, events: POLLIN, revents: 0 }]);
  const before = kernel.snapshot({ keep: { process, device } });
  const written = device.dma.write(IOVA, Uint8Array.of(5));
  expect(await waiting).toBe(1);
  const pending = FakeKernel.restore(kernel.snapshot({ keep: { process, device } }));

  // In the restored kernel no access waits, and a new access starts again.
  const earlier = FakeKernel.restore(before);
  const other = earlier.kept.device.dma.write(IOVA, Uint8Array.of(6));
  expect(earlier.kept.process.poll([{ fd: faults.fd, events: POLLIN, revents: 0 }])).toBe(1);
  earlier.kept.process.exit();
  await expect(other).rejects.toThrow(DmaFault);

  // The page request exists, and its response frees the index of the group: the next request gets the same index.
  const there = {
    process: pending.kept.process,
    at: program.at,
    memory: pending.kept.process.memory(program.at, PAGE * 2),
  };
  const restoredFaults = new TestFaults(there, faults.id, faults.fd);
  expect(restoredFaults.read()).toMatchObject([{ grpid: 0, cookie: 1 }]);
  restoredFaults.answer({ cookie: 1 }, 'invalid');
  const next = pending.kept.device.dma.write(IOVA, Uint8Array.of(5));
  expect(restoredFaults.read()).toMatchObject([{ grpid: 0 }]);
  restoredFaults.answer({ cookie: 1 }, 'invalid');
  await expect(next).rejects.toThrow(DmaFault);

  // The access in the original kernel still waits.
  expect(faults.read()).toMatchObject([{ grpid: 0, cookie: 1 }]);
  program.map(IOVA, 2 * PAGE, PAGE);
  faults.answer({ cookie: 1 }, 'success');
  await written;
  expect(program.memory[2 * PAGE]).toBe(5);
});

const counter = restorable('test.counter', (state: { sum: number }) => ({
  read: () => state.sum,
  write: (_offset: number, _size: number, value: bigint) => {
    state.sum += Number(value);
  },
}));

test('a device whose registers are restorable keeps its state', () => {
  const kernel = new FakeKernel();
  const device = createDevice({ vendor: 1, device: 2, bars: [registers(4096, counter({ sum: 3 }))] });
  kernel.plug(device);
  const [bar] = device.bars;
  bar?.write(0, 4, 4n);
  const { kept } = FakeKernel.restore(structuredClone(kernel.snapshot({ keep: { device } })));
  const [restored] = kept.device.bars;
  restored?.write(0, 4, 5n);
  expect([bar?.read(0, 4), restored?.read(0, 4)]).toEqual([7n, 12n]);
});

test('a function without a name fails with its path, and can be passed in `given`', () => {
  const kernel = new FakeKernel();
  const handler = { read: () => 1, write: () => undefined };
  const device = createDevice({ vendor: 1, device: 2, bars: [registers(4096, handler)] });
  kernel.plug(device);
  const error = thrown(() => kernel.snapshot({ keep: { device } }));
  expect(error).toBeInstanceOf(SnapshotError);
  expect(error).toMatchObject({
    path: 'kept.device.options.bars[0].registers.read',
    message:
      'FakeKernel.snapshot: kept.device.options.bars[0].registers.read: a function without a name: ' +
      'make it with restorable(), or name it in `given`',
  });
  expect(thrown(() => kernel.snapshot())).toMatchObject({
    path: 'kernel.devices.functions{key 0}.device.options.bars[0].registers.read',
  });
  const snapshot = kernel.snapshot({ keep: { device }, given: { handler } });
  expect(() => FakeKernel.restore(snapshot)).toThrow(
    "FakeKernel.restore: given: the snapshot needs 'handler'",
  );
  const given = { handler: { read: () => 2, write: () => undefined } };
  expect(FakeKernel.restore(snapshot, { given }).kept.device.bars[0]?.read(0, 4)).toBe(2n);
});

test('objects with different field names have different shapes, whatever characters the names contain', () => {
  const kernel = new FakeKernel();
  const value = [{ a: 1, b: 2 }, { 'a,b': 3 }];
  const restored = FakeKernel.restore(kernel.snapshot({ keep: { value } }));
  expect(restored.kept.value).toEqual(value);
});

class Driver {
  readonly seen = new Map([['a', 1n]]);
  cache: object | undefined = { not: 'copied' };
}

test('classes of other packages must be registered', () => {
  const kernel = new FakeKernel();
  const keep = { driver: new Driver() };
  expect(() => kernel.snapshot({ keep })).toThrow(
    'FakeKernel.snapshot: kept.driver: an object of class Driver, which has no name',
  );
  restorableClass('test.Driver', Driver, { cache: () => undefined });
  expect(() => restorableClass('test.Driver', Driver)).toThrow("'test.Driver' is taken by another");
  const { kept } = FakeKernel.restore(structuredClone(kernel.snapshot({ keep })));
  expect(kept.driver).toBeInstanceOf(Driver);
  expect([kept.driver.seen, kept.driver.cache]).toEqual([keep.driver.seen, undefined]);
  for (const [value, reason] of [
    [Promise.resolve(), 'kept.value: a promise'],
    [Symbol('x'), 'kept.value: a symbol'],
    [new Date(), 'kept.value: an object of class Date'],
    [Object.defineProperty({}, 'now', { get: () => 1, enumerable: true }), 'now is computed'],
  ] as const)
    expect(() => kernel.snapshot({ keep: { value } })).toThrow(reason);
});

test('snapshot() fails during a system call, and restore() fails for another version', () => {
  const kernel = new FakeKernel();
  let refused: unknown;
  const read = (): bigint => {
    refused = thrown(() => kernel.snapshot());
    return 0n;
  };
  const bars = [registers(4096, { read, write: () => undefined })];
  const path = kernel.plug(createDevice({ vendor: 1, device: 2, bars }));
  const process = kernel.spawn();
  const words = new Uint32Array(1024);
  const at = process.mapHost(new Uint8Array(words.buffer), RW);
  const [iommufd, device] = [process.open('/dev/iommu'), process.open(path)];
  words.set([16, 0, iommufd]);
  expect(process.ioctl(device, VFIO_DEVICE_BIND_IOMMUFD.request, at)).toBe(0);
  // PCI_COMMAND_MEMORY
  words[0] = 2;
  expect(process.pwrite(device, at, 2, (7n << 40n) | 4n)).toBe(2);
  expect(process.pread(device, at, 4, 0n)).toBe(4);
  expect(refused).toMatchObject({ message: 'FakeKernel.snapshot: kernel: a system call is running' });
  const snapshot = { ...new FakeKernel().snapshot(), version: 99 };
  expect(() => FakeKernel.restore(snapshot)).toThrow(
    'FakeKernel.restore: snapshot.version: expected 1, found 99',
  );
});

test('a snapshot contains an SMMUv3 and its log', () => {
  const kernel = new FakeKernel();
  const smmu = new FakeSmmuv3(kernel);
  const device = smmu.addDevice({ streamId: 8 });
  kernel.plug(device);
  const restored = FakeKernel.restore(structuredClone(kernel.snapshot({ keep: { smmu, device } })));
  expect(restored.messages).toEqual(kernel.messages);
  expect(restored.kept.device.smmu).toBe(restored.kept.smmu['smmu']);
  restored.kept.smmu.removeDevice(restored.kept.device);
  expect(() => restored.kept.smmu.addDevice({ streamId: 8 })).not.toThrow();
  expect(() => smmu.addDevice({ streamId: 8 })).toThrow();
});
