import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from 'simple-statistics';

/**
 * Node's options for counting bytes: the young generation is so large that no garbage is collected meanwhile. Programs run
 * faster that way, so no time is measured in the same process.
 */
export const COUNTING_ARGV = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

const TIMES = 9;
/** Milliseconds until the observer has received its entries. */
const OBSERVER_DELAY = 20;

/**
 * Bytes of the heap and of array buffers that `workload` takes, garbage included: the median of several runs, because the
 * engine itself sometimes allocates memory, or reuses memory that was already free.
 * @throws Error if Node was not started with {@link COUNTING_ARGV}
 */
export async function allocated(workload: () => Promise<void>): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('the garbage collector cannot be called');
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const measured: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    gc();
    await sleep(OBSERVER_DELAY);
    const [before, collected] = [used(), collections];
    await workload();
    const after = used();
    await sleep(OBSERVER_DELAY);
    if (collections === collected) measured.push(after - before);
  }
  observer.disconnect();
  if (measured.length === 0) throw new Error('garbage was collected while bytes were counted');
  return median(measured);
}

/**
 * Bytes of the heap and of array buffers that the result of `make` holds, garbage excluded.
 * @throws Error if Node was not started with {@link COUNTING_ARGV}
 */
export function held(make: () => unknown): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('the garbage collector cannot be called');
  const used = (): number => {
    // Array buffers are freed beside the program, and the next collection waits for that.
    for (let i = 0; i < 3; i++) gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const made = [make()];
  const bytes = used() - before;
  // It is held until here.
  made.length = 0;
  return bytes;
}
