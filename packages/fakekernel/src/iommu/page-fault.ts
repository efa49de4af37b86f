import type { AttachHandle } from './group.js';

/** How the answer to its faults reaches a device. */
export type FaultResponse = 'success' | 'invalid';

/** A page request as a driver reports it. Numbers and flags are those of `iommu_hwpt_pgfault`. */
export interface PageRequest {
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** Page requests that the device makes together and that are answered together. */
export interface FaultGroup {
  /** What the device was attached to when it faulted. */
  readonly handle: AttachHandle;
  readonly requests: readonly PageRequest[];
  /** Answers the device; to be called once. */
  respond(response: FaultResponse): void;
}
