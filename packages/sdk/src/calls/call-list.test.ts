import { expect, test } from '@jest/globals';
import { listedSyscalls, turn } from '@iommufd/testkit';
import { MockDevice as Hardware } from '@iommufd/fakekernel';
import { Testbed } from '../testing/testbed.testing.js';
import { IOVA, NESTED, PAGE } from '../testing/devices.testing.js';
import type { FaultGroup } from '../index.js';

/** A program whose system calls are recorded; `take` returns those since the last call. */
const start = () => {
  const calls: string[] = [];
  const testbed = new Testbed((sys) => listedSyscalls(sys, calls));
  return { testbed, iommufd: testbed.iommufd, take: () => calls.splice(0) };
};

test('a whole session makes only the necessary system calls', async () => {
  const { testbed, iommufd, take } = start();
  // It includes the mmap() of memory for arguments.
  expect(take()).toEqual(['open', 'mmap']);
  const ioas = iommufd.allocIoas();
  expect(take()).toEqual(['IOMMU_IOAS_ALLOC']);
  const memory = iommufd.allocMemory(16 * PAGE);
  expect(take()).toEqual(['mmap']);
  const mapping = ioas.mapMemory(memory, { iova: IOVA });
  memory.bytes(0, 4).set([1, 2, 3, 4]);
  expect(take()).toEqual(['IOMMU_IOAS_MAP']);
  const hardware = new Hardware();
  const device = iommufd.openDevice(testbed.kernel.plug(hardware));
  expect(take()).toEqual(['open', 'VFIO_DEVICE_BIND_IOMMUFD']);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  const vdevice = viommu.allocVdevice({ device, virtualId: 0x99n });
  expect(take()).toEqual(['IOMMU_HWPT_ALLOC', 'IOMMU_VIOMMU_ALLOC', 'IOMMU_VDEVICE_ALLOC']);
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
  expect(take().sort()).toEqual(['IOMMU_VEVENTQ_ALLOC', 'mmap']);
  const hwpt = device.allocNestedHwpt({ on: viommu, data: NESTED });
  const attachment = device.attach(hwpt);
  expect(take()).toEqual(['IOMMU_HWPT_ALLOC', 'VFIO_DEVICE_ATTACH_IOMMUFD_PT']);
  expect(await hardware.dma.read(IOVA, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  for (let i = 0; i < 50; i++) await hardware.dma.read(0n, 1).catch(() => undefined);
  expect(take()).toEqual([]);
  expect(veventq.read()).toHaveLength(50);
  expect(take()).toEqual(['read']);

  attachment.detach();
  expect(take()).toEqual(['VFIO_DEVICE_DETACH_IOMMUFD_PT']);
  hwpt.close();
  expect(take()).toEqual(['IOMMU_DESTROY']);
  veventq.close();
  // Linux keeps the queue as long as its file is open.
  expect(take()).toEqual(['close', 'IOMMU_DESTROY', 'munmap']);
  for (const object of [vdevice, viommu, parent]) object.close();
  expect(take()).toEqual(['IOMMU_DESTROY', 'IOMMU_DESTROY', 'IOMMU_DESTROY']);
  device.close();
  expect(take()).toEqual(['close']);
  mapping.unmap();
  expect(take()).toEqual(['IOMMU_IOAS_UNMAP']);
  memory.close();
  expect(take()).toEqual(['munmap']);
  ioas.close();
  expect(take()).toEqual(['IOMMU_DESTROY']);
  iommufd.close();
  expect(take()).toEqual(['close', 'munmap']);

  const closed = [attachment, hwpt, veventq, vdevice, viommu, parent, device, mapping, memory, ioas, iommufd];
  for (const thing of closed) thing[Symbol.dispose]();
  expect(take()).toEqual([]);
  expect(testbed.end()).toEqual([]);
});

test('closing everything makes no IOMMU_DESTROY calls', () => {
  const { testbed, iommufd, take } = start();
  testbed.nested(iommufd.allocFaultQueue()).viommu.allocVeventq({ type: 'selftest', depth: 4 });
  iommufd.openDevice(testbed.kernel.plug(new Hardware()));
  iommufd.allocMemory(PAGE, { memfd: true });
  take();
  iommufd.close();
  const calls = take();
  expect(calls.filter((call) => call !== 'munmap').sort()).toEqual(Array(5).fill('close'));
  // Two buffers, the memory, and the memory for arguments.
  expect(calls.filter((call) => call === 'munmap')).toHaveLength(4);
  iommufd.close();
  expect(take()).toEqual([]);
  expect(testbed.end()).toEqual([]);
});

test('records are read without a poll(), and only an empty queue is waited for', async () => {
  const { testbed, take } = start();
  const { device, viommu } = testbed.nested();
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
  take();
  expect(veventq.read()).toEqual([]);
  expect(take()).toEqual(['read']);
  testbed.sendEvent(device, 60);
  const loop = veventq.events();
  for (let i = 0; i < 60; i++) expect((await loop.next()).done).toBe(false);
  expect(take()).toEqual(['read']);
  const next = loop.next();
  await turn();
  expect(take()).toEqual(['read', 'wait']);
  testbed.sendEvent(device, 3);
  expect((await next).done).toBe(false);
  expect(take()).toEqual(['read']);
  // The other records were read by the same read().
  expect(veventq.read()).toHaveLength(2);
  expect(await veventq.readable({ timeout: 0 })).toBe(false);
  expect(take().filter((call) => call === 'wait')).toHaveLength(1);
  expect(testbed.end()).toEqual([]);
});

test('buffered records need no system call', async () => {
  const { testbed, iommufd, take } = start();
  const { device, viommu } = testbed.nested();
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
  testbed.sendEvent(device, 3);
  for await (const _ of veventq) break;
  take();
  expect(await veventq.readable()).toBe(true);
  expect(take()).toEqual([]);
  expect((await iommufd.poll([veventq])).length).toBe(1);
  expect(take()).not.toContain('wait');
  expect(testbed.end()).toEqual([]);
});

test('many faults take one read() and one write()', async () => {
  const { testbed, iommufd, take } = start();
  const ioas = iommufd.allocIoas();
  const faultQueue = iommufd.allocFaultQueue();
  const hardware = new Hardware();
  const device = iommufd.openDevice(testbed.kernel.plug(hardware));
  device.attach(device.allocHwpt({ ioas, faultQueue }));
  const reads = Array.from({ length: 100 }, (_, i) =>
    hardware.dma.read(IOVA + BigInt(i * 4 * PAGE), 3 * PAGE),
  );
  const outcomes = Promise.allSettled(reads);
  take();
  const groups: FaultGroup[] = faultQueue.read();
  expect(groups).toHaveLength(100);
  expect(take()).toEqual(['read']);
  faultQueue.respond(groups.map((group) => [group, 'invalid']));
  expect(take()).toEqual(['write']);
  expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
  expect(() => faultQueue.respond(groups.map((group) => [group, 'invalid']))).toThrow('EALREADY');
  expect(take()).toEqual([]);
  expect(testbed.end()).toEqual([]);
});

test('any number of invalidations or dirty pages takes one call', async () => {
  const { testbed, iommufd, take } = start();
  const { hwpt } = testbed.nested();
  take();
  const entries = Array.from({ length: 1000 }, (_, i) => ({ flags: 0, iotlb_id: i % 4 }));
  hwpt.invalidate({ type: 'selftest', entries });
  expect(take()).toEqual(['IOMMU_HWPT_INVALIDATE']);

  const ioas = iommufd.allocIoas();
  const hardware = new Hardware();
  const device = iommufd.openDevice(testbed.kernel.plug(hardware));
  const tracking = device.allocHwpt({ ioas, dirtyTracking: true });
  device.attach(tracking);
  ioas.mapMemory(iommufd.allocMemory(64 * PAGE), { iova: IOVA });
  take();
  tracking.setDirtyTracking(true);
  using bitmap = tracking.dirtyBitmap({ iova: IOVA, length: BigInt(64 * PAGE) });
  for (let i = 0; i < 64; i += 2) await hardware.dma.write(IOVA + BigInt(i * PAGE), new Uint8Array(1));
  bitmap.read();
  expect([...bitmap.take()]).toHaveLength(32);
  expect(take()).toEqual(['IOMMU_HWPT_SET_DIRTY_TRACKING', 'mmap', 'IOMMU_HWPT_GET_DIRTY_BITMAP']);
  expect(testbed.end()).toEqual([]);
});

test('iovaRanges() takes one call for few ranges, and two for many', () => {
  const { testbed, iommufd, take } = start();
  const ioas = iommufd.allocIoas();
  take();
  ioas.iovaRanges();
  expect(take()).toEqual(['IOMMU_IOAS_IOVA_RANGES']);
  for (let i = 1; i <= 20; i++) {
    const add_reserved = { start: BigInt(i) << 20n, length: 4096n };
    expect(testbed.testCmd({ op: 1, id: ioas.id, add_reserved } as never)).toBe(0);
  }
  expect(ioas.iovaRanges().ranges).toHaveLength(21);
  expect(take()).toEqual(['IOMMU_IOAS_IOVA_RANGES', 'IOMMU_IOAS_IOVA_RANGES']);
  expect(testbed.end()).toEqual([]);
});
