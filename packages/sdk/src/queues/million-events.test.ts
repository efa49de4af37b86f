/**
 * Compares the heap before and after. It needs its own process, because it sets flags of V8.
 * @process own
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { Random, turn } from '@iommufd/testkit';
import { FakeKernel, MockDevice } from '@iommufd/fakekernel';
import { Iommufd } from '../index.js';

setFlagsFromString('--expose-gc');
const gc: unknown = runInNewContext('gc');

const EVENTS = 1_000_000;
const DEPTH = 300;

function heapAfterCollection(): number {
  if (typeof gc !== 'function') throw new Error('the garbage collector cannot be called');
  gc();
  return process.memoryUsage().heapUsed;
}

test('a million events through one loop: in order, every loss reported, and memory bounded', async () => {
  const kernel = new FakeKernel();
  const hardware = new MockDevice();
  const path = kernel.plug(hardware);
  const program = kernel.spawn();
  const iommufd = Iommufd.open(program);
  const ioas = iommufd.allocIoas();
  const device = iommufd.openDevice(path);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  viommu.allocVdevice({ device, virtualId: 0x99n });
  const data = { type: 'selftest', iotlb: 0, pagetable_type: 0 } as const;
  device.attach(device.allocNestedHwpt({ on: viommu, data }));
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: DEPTH });

  // The expected numbers: the queue has room for `depth` events, and later ones are lost.
  const random = new Random(7);
  let sent = 0;
  let lostByDevice = 0;
  const sendBurst = (): void => {
    const burst = Math.min(EVENTS - sent, 1 + Math.floor(random.fraction() * DEPTH * 1.2));
    for (let i = 0; i < burst; i++) if (!hardware.raiseEvent()) throw new Error('the event has no receiver');
    sent += burst;
    lostByDevice += Math.max(0, burst - DEPTH);
  };

  let received = 0;
  let lost = 0;
  let marks = 0;
  let expected = 0;
  let early = 0;
  sendBurst();
  for await (const item of veventq) {
    if (item.kind === 'lost') {
      lost += item.lost;
      marks++;
      expected += item.lost;
      if (item.sequence !== expected - 1) throw new Error(`lost up to ${item.sequence}, not ${expected - 1}`);
    } else {
      if (item.sequence !== expected) throw new Error(`event ${item.sequence} came instead of ${expected}`);
      expected++;
      received++;
    }
    if (expected < sent) continue;
    if (early === 0 && sent > EVENTS / 10) early = heapAfterCollection();
    if (sent === EVENTS) break;
    // Sometimes the loop is already waiting when the next burst is reported.
    if (random.fraction() < 0.1) void turn().then(sendBurst);
    else sendBurst();
  }
  const late = heapAfterCollection();

  expect(received + lost).toBe(EVENTS);
  expect(lost).toBe(lostByDevice);
  expect(marks).toBeGreaterThan(100);
  expect(Math.abs(late - early)).toBeLessThan(1 << 20);
  iommufd.close();
  program.exit();
  expect(kernel.leftOver()).toEqual([]);
});
