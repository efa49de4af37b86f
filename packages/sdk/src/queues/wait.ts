import {
  type AbortSignalLike,
  errno,
  type PollFd,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  type Syscalls,
} from '@iommufd/uapi';
import { flag, milliseconds, optional, record, thing } from '../calls/arguments/kinds.js';
import { IommufdError } from '../calls/error.js';

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; forever if it is left out. */
  readonly timeout?: number | undefined;
  /** Ends the wait at once. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Does the wait keep the process running while nothing else does? Yes if it is left out. With false Node may end in the
   * middle of it, as with a timer that is `unref`ed.
   */
  readonly ref?: boolean | undefined;
}

/** What every host of JavaScript has, and ECMAScript does not. */
declare const performance: { now(): number };

const signal = thing<AbortSignalLike>(
  'an AbortSignal',
  (value): value is AbortSignalLike =>
    typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
  (value) =>
    typeof value === 'object' && value !== null && 'signal' in value
      ? 'Pass the signal of the AbortController.'
      : undefined,
);

/** What ends a loop over events, and what it keeps running. */
export const eventsOptions = record<Pick<WaitOptions, 'signal' | 'ref'>>({
  signal: optional(signal),
  ref: optional(flag),
});

/** {@link WaitOptions} */
export const waitOptions = record<WaitOptions>({
  timeout: optional(milliseconds),
  signal: optional(signal),
  ref: optional(flag),
});

/** Timers of JavaScript go no further; a longer wait is repeated. */
const LONGEST_TIMER = 0x7fff_ffff;

/**
 * Waits until a file has something, by `poll()`'s rule: a file that is ready when the wait begins ends it at once, so
 * that nothing that comes between the last look and the wait is missed.
 * @returns whether one has; false when the time is over or the signal was aborted
 * @throws IommufdError EBADF if a file is not open; EIO if it says nothing but that it is in error
 */
export async function waitUntilReady(
  sys: Syscalls,
  fds: readonly PollFd[],
  { timeout, signal, ref }: WaitOptions,
): Promise<boolean> {
  const end = performance.now() + (timeout ?? Infinity);
  const isAborted = (): boolean => signal?.aborted === true;
  while (!isAborted()) {
    const left = Math.max(0, end - performance.now());
    const status = await sys.wait(fds, {
      ...(left < Infinity && { timeout: Math.min(left, LONGEST_TIMER) }),
      ...(signal && { signal }),
      ...(ref !== undefined && { ref }),
    });
    // The caller that aborts may have closed the file, whose number may be another file's by now.
    if (isAborted()) return false;
    if (status > 0) {
      checkErrors(fds);
      return true;
    }
    // A signal came, or the wake-up was spurious: what is left of the time is waited for.
    if (status < 0 && status !== -errno.EINTR && status !== -errno.EAGAIN)
      throw new IommufdError({ call: 'poll', args: { fds: fds.map(({ fd }) => fd) }, errno: -status });
    if (status === 0 && performance.now() >= end) return false;
  }
  return false;
}

/** @throws IommufdError EBADF if a file is not open; EIO if it says nothing but that it is in error */
export function checkErrors(fds: readonly PollFd[]): void {
  for (const { fd, events, revents } of fds) {
    if ((revents & POLLNVAL) !== 0)
      throw IommufdError.of('EBADF', 'poll', { fd, revents }, 'The file is not open any more.');
    if ((revents & (POLLERR | POLLHUP)) !== 0 && (revents & events) === 0)
      throw IommufdError.of(
        'EIO',
        'poll',
        { fd, revents },
        'The file is in error: nothing will come from it.',
      );
  }
}
