import { expect, test } from '@jest/globals';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf } from '../testing/devices.testing.js';

onEveryBackend((open) => {
  test('closing a queue fails with EBUSY while a duplicate of its fd is open, and succeeds afterwards', () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
    const copy = testbed.process.dup(veventq.fd);
    expect(errorOf(() => veventq.close())).toMatchObject({ call: 'IOMMU_DESTROY', code: 'EBUSY' });
    testbed.process.close(copy);
    veventq.close();
    expect(veventq.isClosed).toBe(true);
    expect(viommu.allocVeventq({ type: 'selftest', depth: 1 }).isClosed).toBe(false);
  });

  test('a queue whose close failed does not close its fd again', () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
    const copy = testbed.process.dup(veventq.fd);
    expect(errorOf(() => veventq.close()).code).toBe('EBUSY');
    // The fd may belong to another file now.
    const other = testbed.iommufd.allocMemory(4096, { memfd: true });
    testbed.process.close(copy);
    veventq.close();
    expect(testbed.process.files.find(other.fd ?? -1)).toBeDefined();
    other.close();
  });

  test('poll() of several queues is retried when it is interrupted', async () => {
    const testbed = open();
    const { iommufd } = testbed;
    const faultQueue = iommufd.allocFaultQueue();
    const { device, viommu } = testbed.nested(faultQueue);
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    testbed.sendEvent(device, 2);
    testbed.sendFault(device, { addr: 0x1000n });
    // Records that a loop has left are not in the kernel.
    for await (const _ of veventq) break;
    for (let i = 0; i < 20; i++) {
      const ready = await iommufd.poll([veventq, faultQueue]);
      expect(ready.map(({ kind }) => kind)).toEqual(['veventq', 'fault']);
    }
  });

  test('poll() of no queues ends at its timeout', async () => {
    const testbed = open();
    expect(await testbed.iommufd.poll([], { timeout: 0 })).toEqual([]);
    expect(await testbed.iommufd.poll([], { timeout: 2 })).toEqual([]);
  });

  test('after everything was closed, poll() returns a rejected promise', async () => {
    const testbed = open();
    testbed.iommufd.close();
    await expect((async () => testbed.iommufd.poll([]))()).rejects.toMatchObject({ code: 'EBADF' });
    let promise: Promise<unknown> | undefined;
    expect(() => (promise = testbed.iommufd.poll([]))).not.toThrow();
    await expect(promise).rejects.toMatchObject({ code: 'EBADF' });
  });
});
