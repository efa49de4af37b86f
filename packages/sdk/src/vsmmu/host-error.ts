/**
 * Failures of the host during a guest's work. They are not the guest's fault and are not reported to it: its commands stay pending,
 * and SMMU_CMDQ_CONS does not advance. {@link HostError} documents what a VMM can do.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { IommufdError } from '../calls/error.js';

/** The operation at which the host failed. */
export type HostOperation =
  /** Invalidations, which will be repeated. With a StreamID: the kernel no longer has a device for it. */
  | 'invalidate'
  /** Configuring streams. The other streams were configured; all will be configured again. */
  | 'configure'
  /** The response to a page request group, which was not sent. */
  | 'respond';

/** Errnos of operations that may succeed if they are simply retried. */
const TRANSIENT: ReadonlySet<string> = new Set<ErrnoName>([
  'EINTR',
  'EAGAIN',
  'ENOMEM',
  'EBUSY',
  'ETIMEDOUT',
]);

/**
 * The host has failed; `cause` is its error. `VirtualSmmuv3.continue()` continues where it failed, and does not repeat anything that is
 * visible to the guest. If {@link isTransient} is true, the VMM calls it later. If a device is gone, the VMM first removes it
 * (`SdkBackend.removeDevice`); {@link streamIds} has its StreamID. Otherwise the VMM resets the guest or ends it.
 */
export class HostError extends Error {
  /** `'HostError'`. */
  override readonly name: string = 'HostError';

  /**
   * @param operation the operation that failed
   * @param streamIds the virtual StreamIDs of the devices concerned; empty if it concerns all
   * @param cause the host's error; an AggregateError if there are several
   */
  constructor(
    readonly operation: HostOperation,
    readonly streamIds: readonly number[],
    cause: unknown,
  ) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(streamIds.length === 0 ? what : `stream ${streamIds.join(', ')}: ${what}`, { cause });
  }

  /** True if the operation may succeed when it is retried: every error is transient. */
  get isTransient(): boolean {
    const { cause } = this;
    const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    return errors.every((error) => error instanceof IommufdError && TRANSIENT.has(error.code));
  }
}
