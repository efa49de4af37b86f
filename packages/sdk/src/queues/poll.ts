import { POLLIN, type Syscalls } from '@iommufd/uapi';
import { retry } from '../calls/calls.js';
import type { Queue } from './queue.js';
import { checkErrors, type WaitOptions, waitUntilReady } from './wait.js';
import { untilGone } from './waits.js';

/** {@link Iommufd.poll} */
export async function poll<Q extends Queue<unknown>>(
  sys: Syscalls,
  queues: readonly Q[],
  { timeout, signal, ref }: WaitOptions,
): Promise<Q[]> {
  const fds = queues.map(({ fd }) => ({ fd, events: POLLIN, revents: 0 }));
  const ready = (): Q[] =>
    queues.filter((queue, i) => !queue.isClosed && (queue.hasItems || fds[i]?.revents !== 0));
  if (signal?.aborted === true) return [];
  if (queues.some(({ hasItems }) => hasItems)) {
    // Records in a queue's buffer are not visible to the kernel; the other queues are polled without waiting.
    retry(() => sys.poll(fds));
    checkErrors(fds);
    return ready();
  }
  const of = queues.map(({ waits }) => waits);
  const isReady = await untilGone(of, signal, (either) =>
    waitUntilReady(sys, fds, { timeout, signal: either, ref }),
  );
  return isReady ? ready() : [];
}
