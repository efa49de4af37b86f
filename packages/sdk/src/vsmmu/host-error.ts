/**
 * Failures of the host in the middle of a guest's work. The guest is not at fault, so it sees nothing of it: its commands wait,
 * and SMMU_CMDQ_CONS stays where it is. What a VMM can do is in the class below.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { IommufdError } from '../calls/error.js';

/** What the host could not do. */
export type HostOperation =
  /** Invalidations, which are repeated. With a StreamID: it has no device in the kernel any more. */
  | 'invalidate'
  /** Configurations of streams. Those that could be configured are; all are configured again. */
  | 'configure'
  /** The answer to a page request group, which was not sent. */
  | 'respond';

/** What may succeed if it is tried again, without a change of anything else. */
const TRANSIENT: ReadonlySet<string> = new Set<ErrnoName>([
  'EINTR',
  'EAGAIN',
  'ENOMEM',
  'EBUSY',
  'ETIMEDOUT',
]);

/**
 * The host has failed; `cause` is its error. `VirtualSmmuv3.continue()` goes on where it failed, and nothing that the guest has
 * seen is done twice. If it {@link isTransient} the VMM calls that later. If a device has gone, the VMM removes it first
 * (`SdkBackend.removeDevice`): {@link streamIds} says which. Otherwise it resets the guest or ends it.
 */
export class HostError extends Error {
  /** `'HostError'`. */
  override readonly name: string = 'HostError';

  /**
   * @param operation what it could not do
   * @param streamIds the virtual StreamIDs of the devices that it is about; empty if it is about all
   * @param cause its error; an AggregateError if there are several
   */
  constructor(
    readonly operation: HostOperation,
    readonly streamIds: readonly number[],
    cause: unknown,
  ) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(streamIds.length === 0 ? what : `stream ${streamIds.join(', ')}: ${what}`, { cause });
  }

  /** May it succeed if it is tried again? True if that is so of every error. */
  get isTransient(): boolean {
    const { cause } = this;
    const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    return errors.every((error) => error instanceof IommufdError && TRANSIENT.has(error.code));
  }
}
