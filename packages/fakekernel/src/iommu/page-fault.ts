import type { AttachHandle } from './group.js';

/** The answer to a fault group, as the device receives it: IOMMU_PAGE_RESP_SUCCESS or IOMMU_PAGE_RESP_INVALID. */
export type FaultResponse = 'success' | 'invalid';

/** A page request as a driver reports it. Numbers and flags are those of `iommu_hwpt_pgfault`. */
export interface PageRequest {
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** Page requests that a device makes together and that are answered together: `struct iopf_group`. */
export interface FaultGroup {
  /** The attachment through which the device faulted. */
  readonly handle: AttachHandle;
  readonly requests: readonly PageRequest[];
  /** Answers the group. Called once. */
  respond(response: FaultResponse): void;
}
