/**
 * Counts bytes of the heap. It needs its own process, because it sets flags of V8, and code that has run before is optimized.
 * @process own
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { wrapSyscalls } from '@iommufd/testkit';
import { encodeVevents, iommu_viommu_event_selftest, type Syscalls, visitVevents } from '@iommufd/uapi';
import { Testbed } from '../testing/testbed.testing.js';

setFlagsFromString('--expose-gc');
setFlagsFromString('--no-allocation-site-pretenuring');
const gc: unknown = runInNewContext('gc');

/**
 * Bytes of the heap that `work` allocates, including garbage: the minimum of several runs, because the engine itself allocates
 * some occasionally. The amount must be too small to start a garbage collection.
 */
function allocated(work: () => unknown): number {
  if (typeof gc !== 'function') throw new Error('the garbage collector cannot be called');
  for (let i = 0; i < 100; i++) work();
  const measured = Array.from({ length: 10 }, () => {
    gc();
    const before = process.memoryUsage().heapUsed;
    const kept = work();
    const after = process.memoryUsage().heapUsed;
    expect(kept).toBeDefined();
    return after - before;
  });
  return Math.min(...measured);
}

const EVENTS = 2000;
/** Size of an object with `kind`, `sequence` and `event`: three words of header and three fields. */
const EVENT_OBJECT = 6 * 8;
/** Its share of the array, which grows by half repeatedly. */
const PLACE = 4 * 8;
/** The most bytes for the call itself. The smallest object for each event would exceed it. */
const CALL = 2 * 8;

test('an event allocates one object, and nothing else', () => {
  const type = iommu_viommu_event_selftest;
  const records = Array.from({ length: EVENTS }, (_, sequence) => ({
    kind: 'event' as const,
    sequence,
    event: { virt_id: 0x99 },
  }));
  const bytes = encodeVevents(type, records);
  // The kernel allocates memory too, so read() is replaced by a copy of existing bytes.
  const record = bytes.length / EVENTS;
  let buffer: Uint8Array | undefined;
  const testbed = new Testbed((sys: Syscalls) => ({
    ...wrapSyscalls(sys),
    read: (_fd, address, length) => {
      buffer ??= sys.memory(address, length);
      buffer.set(bytes);
      // The sequence numbers continue, as in a queue.
      const header = new DataView(bytes.buffer);
      for (let at = 4; at < bytes.length; at += record)
        header.setUint32(at, header.getUint32(at, true) + EVENTS, true);
      return bytes.length;
    },
  }));
  const veventq = testbed.nested().viommu.allocVeventq({ type: 'selftest', depth: EVENTS });
  const events: unknown[] = new Array<unknown>(EVENTS).fill(undefined);
  const payloads = allocated(() => {
    let i = 0;
    visitVevents(type, bytes, { event: (_sequence, _lost, event) => (events[i++] = event), lost: () => 0 });
    return events;
  });
  const read = allocated(() => veventq.read());
  expect(veventq.read()).toHaveLength(EVENTS);
  expect(payloads / EVENTS).toBeGreaterThan(24);
  expect((read - payloads) / EVENTS).toBeLessThan(EVENT_OBJECT + PLACE + CALL);
  expect(testbed.end()).toEqual([]);
});
