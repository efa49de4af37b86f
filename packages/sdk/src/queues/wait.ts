/**
 * Waiting for files by `poll()`, with a timeout and an abort signal. `waits.ts` ends the wait when an object is closed.
 */
import {
  type AbortSignalLike,
  errno,
  type PollFd,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  type Syscalls,
} from '@iommufd/uapi';
import { flag, milliseconds, optional, record, guarded } from '../calls/arguments/kinds.js';
import { IommufdError } from '../calls/error.js';

/** Options of a wait. */
export interface WaitOptions {
  /** Timeout in milliseconds; forever by default. */
  readonly timeout?: number | undefined;
  /** Ends the wait at once. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * True if the wait keeps the process running, which is the default. With false, Node may exit during the wait, as with a timer
   * after `unref()`.
   */
  readonly ref?: boolean | undefined;
}

/** A global of every JavaScript host that is not part of ECMAScript. */
declare const performance: { now(): number };

const signal = guarded<AbortSignalLike>(
  'an AbortSignal',
  (value): value is AbortSignalLike =>
    typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
  (value) =>
    typeof value === 'object' && value !== null && 'signal' in value
      ? 'Pass the signal of the AbortController.'
      : undefined,
);

/** Options of an iteration over events. */
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

/** The longest JavaScript timer; longer waits are repeated. */
const LONGEST_TIMER = 0x7fff_ffff;

/**
 * Waits until a file is ready, level-triggered as `poll()` is: a file that is ready at the start ends the wait at once, so
 * that no wake-up is missed.
 * @returns true if a file is ready; false on a timeout or if the signal was aborted
 * @throws IommufdError EBADF if a file is not open; EIO if a file reports nothing but an error
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
    // Checked first: the aborting caller may have closed the file, and its fd may belong to another file by now.
    if (isAborted()) return false;
    if (status > 0) {
      checkErrors(fds);
      return true;
    }
    // Interrupted by a signal, or a spurious wake-up: wait for the remaining time.
    if (status < 0 && status !== -errno.EINTR && status !== -errno.EAGAIN)
      throw new IommufdError({ call: 'poll', args: { fds: fds.map(({ fd }) => fd) }, errno: -status });
    if (status === 0 && performance.now() >= end) return false;
  }
  return false;
}

/** @throws IommufdError EBADF if a file is not open; EIO if a file reports nothing but an error */
export function checkErrors(fds: readonly PollFd[]): void {
  for (const { fd, events, revents } of fds) {
    if ((revents & POLLNVAL) !== 0)
      throw IommufdError.of('EBADF', 'poll', { fd, revents }, 'The file is no longer open.');
    if ((revents & (POLLERR | POLLHUP)) !== 0 && (revents & events) === 0)
      throw IommufdError.of(
        'EIO',
        'poll',
        { fd, revents },
        'The file is in error and will never be readable.',
      );
  }
}
