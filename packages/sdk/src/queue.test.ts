import { expect, test } from '@jest/globals';
import { onEveryBackend } from './bench.testing.js';
import { errorOf } from './devices.testing.js';

onEveryBackend((open) => {
  test('a queue whose file somebody else has open, too, is busy, and is closed once that has gone', () => {
    const bench = open();
    const { viommu } = bench.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
    const copy = bench.process.dup(veventq.fd);
    expect(errorOf(() => veventq.close())).toMatchObject({ call: 'IOMMU_DESTROY', code: 'EBUSY' });
    bench.process.close(copy);
    veventq.close();
    expect(veventq.isClosed).toBe(true);
    expect(viommu.allocVeventq({ type: 'selftest', depth: 1 }).isClosed).toBe(false);
  });

  test('a queue that could not be closed does not close the file of somebody else', () => {
    const bench = open();
    const { viommu } = bench.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
    const copy = bench.process.dup(veventq.fd);
    expect(errorOf(() => veventq.close()).code).toBe('EBUSY');
    // The number of the file may be another one's now.
    const other = bench.iommufd.allocMemory(4096, { memfd: true });
    bench.process.close(copy);
    veventq.close();
    expect(bench.process.files.find(other.fd ?? -1)).toBeDefined();
    other.close();
  });

  test('several queues are looked at, however often poll() is interrupted', async () => {
    const bench = open();
    const { iommufd } = bench;
    const faultQueue = iommufd.allocFaultQueue();
    const { device, viommu } = bench.nested(faultQueue);
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    bench.sendEvent(device, 2);
    bench.sendFault(device, { addr: 0x1000n });
    // What a loop has left is no business of the kernel's.
    for await (const _ of veventq) break;
    for (let i = 0; i < 20; i++) {
      const ready = await iommufd.poll([veventq, faultQueue]);
      expect(ready.map(({ kind }) => kind)).toEqual(['veventq', 'fault']);
    }
  });

  test('waiting for no queue ends with the time', async () => {
    const bench = open();
    expect(await bench.iommufd.poll([], { timeout: 0 })).toEqual([]);
    expect(await bench.iommufd.poll([], { timeout: 2 })).toEqual([]);
  });

  test('after everything was closed a wait for queues is refused, as a promise', async () => {
    const bench = open();
    bench.iommufd.close();
    await expect((async () => bench.iommufd.poll([]))()).rejects.toMatchObject({ code: 'EBADF' });
    let promise: Promise<unknown> | undefined;
    expect(() => (promise = bench.iommufd.poll([]))).not.toThrow();
    await expect(promise).rejects.toMatchObject({ code: 'EBADF' });
  });
});
