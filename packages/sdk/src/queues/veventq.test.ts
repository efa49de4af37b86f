import { expect, test } from '@jest/globals';
import { isPending, turn } from '@iommufd/testkit';
import { onEveryBackend } from '../testing/testbed.testing.js';

/** Queues as text. (Jest would compare the whole kernel behind them.) */
const kinds = (queues: readonly { readonly kind: string }[]): string[] => queues.map(({ kind }) => kind);

const event = (sequence: number): object => ({ kind: 'event', sequence, event: { virt_id: 0x99 } });

onEveryBackend((open) => {
  test('read() returns the available events in order, without waiting', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    expect(veventq.read()).toEqual([]);
    testbed.sendEvent(device, 3);
    expect(veventq.read()).toEqual([event(0), event(1), event(2)]);
    expect(veventq.read()).toEqual([]);
  });

  test('reports lost events by the mark at the tail', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 2 });
    testbed.sendEvent(device, 5);
    expect(veventq.read()).toEqual([event(0), event(1), { kind: 'lost', sequence: 4, lost: 3 }]);
    testbed.sendEvent(device);
    expect(veventq.read()).toEqual([event(5)]);
  });

  test('reports lost events by the gap, if the mark was removed before it was read', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
    testbed.sendEvent(device, 4);
    // A buffer for one record gets the event, not the mark, which the next event removes.
    const memory = testbed.iommufd.allocMemory(4096);
    expect(testbed.process.read(veventq.fd, memory.address, 12)).toBe(12);
    testbed.sendEvent(device);
    // The record that was read without the queue is counted as lost.
    expect(veventq.read()).toEqual([{ kind: 'lost', sequence: 3, lost: 4 }, event(4)]);
  });

  test('waits until there is a record', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    expect(await veventq.readable({ timeout: 0 })).toBe(false);
    const waiting = veventq.readable();
    expect(await isPending(waiting)).toBe(true);
    testbed.sendEvent(device);
    expect(await waiting).toBe(true);
    expect(await veventq.readable({ timeout: 0 })).toBe(true);
    expect(veventq.read()).toEqual([event(0)]);
  });

  test('a wait ends when it is aborted, at its timeout, and when the queue is closed', async () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    expect(await veventq.readable({ timeout: 1 })).toBe(false);
    const controller = new AbortController();
    const aborted = veventq.readable({ signal: controller.signal });
    expect(await isPending(aborted)).toBe(true);
    controller.abort();
    expect(await aborted).toBe(false);
    expect(await veventq.readable({ signal: controller.signal })).toBe(false);
    const closed = veventq.readable();
    expect(await isPending(closed)).toBe(true);
    veventq.close();
    expect(await closed).toBe(false);
    await expect(veventq.readable()).rejects.toMatchObject({ code: 'EBADF' });
    expect(() => veventq.read()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  test.each([-1, NaN])('a timeout of %d is refused', async (timeout) => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    await expect(veventq.readable({ timeout })).rejects.toThrow('timeout');
  });

  test('a loop gets every event, whenever it is reported', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const item of veventq) got.push(item);
    })();
    let sent = 0;
    for (let round = 0; round < 30; round++) {
      const count = (round * 7) % 5;
      testbed.sendEvent(device, count);
      sent += count;
      // At different times after the loop's last read.
      for (let i = 0; i < round % 4; i++) await turn();
      for (let i = 0; i < round % 3; i++) await undefined;
    }
    while (got.length < sent) await turn();
    veventq.close();
    await loop;
    expect(got).toEqual(Array.from({ length: sent }, (_, i) => event(i)));
  });

  test('an event that is reported between the last read and the wait is not missed', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
    // Steps of the loop and of the sender interleave in every way that so many micro-tasks allow.
    for (let gap = 0; gap < 24; gap++) {
      const next = veventq.events().next();
      for (let i = 0; i < gap; i++) await undefined;
      testbed.sendEvent(device);
      expect(await next).toEqual({ done: false, value: event(gap) });
    }
  });

  test('two loops over one queue share its events', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 100 });
    const got: unknown[] = [];
    const loops = [0, 1].map(async () => {
      for await (const item of veventq) got.push(item);
    });
    for (let i = 0; i < 10; i++) {
      testbed.sendEvent(device, 2);
      await turn();
    }
    while (got.length < 20) await turn();
    veventq.close();
    await Promise.all(loops);
    expect(got).toHaveLength(20);
    expect(got).toEqual(expect.arrayContaining(Array.from({ length: 20 }, (_, i) => event(i))));
  });

  test('records left by a loop are returned next', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 2 });
    testbed.sendEvent(device, 4);
    for await (const item of veventq) {
      expect(item).toEqual(event(0));
      break;
    }
    expect(await veventq.readable({ timeout: 0 })).toBe(true);
    for await (const item of veventq) {
      expect(item).toEqual(event(1));
      break;
    }
    expect(veventq.read()).toEqual([{ kind: 'lost', sequence: 3, lost: 2 }]);
  });

  test('events are read on demand: a slow loop receives the number of lost events', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 3 });
    testbed.sendEvent(device, 3);
    const got: unknown[] = [];
    for await (const item of veventq) {
      got.push(item);
      // Eight more are reported while the first three are handled.
      if (got.length === 1) testbed.sendEvent(device, 8);
      if (got.length === 7) break;
    }
    const afterwards = [event(3), event(4), event(5), { kind: 'lost', sequence: 10, lost: 5 }];
    expect(got).toEqual([event(0), event(1), event(2), ...afterwards]);
  });

  test('an aborted signal ends a loop at once, and loses nothing', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    testbed.sendEvent(device, 3);
    const controller = new AbortController();
    const got: unknown[] = [];
    for await (const item of veventq.events({ signal: controller.signal })) {
      got.push(item);
      controller.abort();
    }
    expect(got).toEqual([event(0)]);
    expect(veventq.read()).toEqual([event(1), event(2)]);
    const waiting = new AbortController();
    const next = veventq.events({ signal: waiting.signal }).next();
    expect(await isPending(next)).toBe(true);
    waiting.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('closing the queue ends a loop that waits', async () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    const next = veventq.events().next();
    expect(await isPending(next)).toBe(true);
    veventq.close();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await veventq.events().next()).toEqual({ done: true, value: undefined });
  });

  test('closing everything ends a loop that waits', async () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const next = viommu.allocVeventq({ type: 'selftest', depth: 8 }).events().next();
    expect(await isPending(next)).toBe(true);
    testbed.iommufd.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('a queue longer than one read() is read completely', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const depth = 6_000;
    const veventq = viommu.allocVeventq({ type: 'selftest', depth });
    testbed.sendEvent(device, depth + 5);
    const items = veventq.read();
    expect(items).toHaveLength(depth + 1);
    expect(items.at(-2)).toEqual(event(depth - 1));
    expect(items.at(-1)).toEqual({ kind: 'lost', sequence: depth + 4, lost: 5 });
  });

  test('poll() waits for several queues', async () => {
    const testbed = open();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const { device, viommu } = testbed.nested(faultQueue);
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 8 });
    const { iommufd } = testbed;
    expect(kinds(await iommufd.poll([veventq, faultQueue], { timeout: 0 }))).toEqual([]);
    const waiting = iommufd.poll([veventq, faultQueue]);
    expect(await isPending(waiting)).toBe(true);
    testbed.sendFault(device, { addr: 0x1000n });
    expect(kinds(await waiting)).toEqual(['fault']);
    testbed.sendEvent(device, 2);
    expect(kinds(await iommufd.poll([veventq, faultQueue]))).toEqual(['veventq', 'fault']);
    // Records that a loop has already read count too.
    for await (const _ of veventq) break;
    expect(kinds(await iommufd.poll([veventq, faultQueue]))).toEqual(['veventq', 'fault']);
    veventq.read();
    faultQueue.read();
    const closed = iommufd.poll([veventq, faultQueue]);
    expect(await isPending(closed)).toBe(true);
    veventq.close();
    expect(await closed).toEqual([]);
    await expect(iommufd.poll([veventq])).rejects.toMatchObject({ code: 'EBADF' });
  });
});
