/**
 * Counts the steps of a large guest. The counter needs a process in which the code has not run before.
 * @process own
 */
import { afterAll, expect, test } from '@jest/globals';
import { firstDifference, pattern, StepCounter } from '@iommufd/testkit';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { HUGE, PAGE, plugged } from '../testing/devices.testing.js';

const counter = new StepCounter();
afterAll(() => counter.stop());

const GIB = 1n << 30n;

onEveryBackend((open) => {
  test('guest memory of 64 GiB is mapped, copied and accessed without allocating all pages', async () => {
    const testbed = open();
    const before = process.memoryUsage().rss;
    const { hardware, device } = plugged(testbed);
    counter.take();
    const [ioas, other] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    device.attach(device.allocHwpt({ ioas, data: HUGE }));
    const length = 64n * GIB;
    const memory = testbed.iommufd.allocMemory(Number(length));
    expect(ioas.mapMemory(memory, { iova: 4n * GIB }).length).toBe(length);
    expect(other.copy({ from: ioas, fromIova: 4n * GIB, length }).length).toBe(length);
    await hardware.dma.write(4n * GIB + 40n * GIB + 123n, pattern(2 * PAGE));
    const bytes = memory.bytes(40 * 2 ** 30 + 123, 2 * PAGE);
    expect(firstDifference(bytes, pattern(2 * PAGE))).toBeUndefined();
    expect(await hardware.dma.read(4n * GIB + 63n * GIB, 4)).toEqual(new Uint8Array(4));
    expect(ioas.unmapAll()).toBe(length);
    // There are 16 million pages.
    expect(counter.take()).toBeLessThan(500_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });
});
