import type { AttachHandle } from './group.js';

/** The response to a fault group, as the device receives it: IOMMU_PAGE_RESP_SUCCESS or IOMMU_PAGE_RESP_INVALID. */
export type FaultResponse = 'success' | 'invalid';

/** A page request as a driver reports it. Values and flags are those of `iommu_hwpt_pgfault`. */
export interface PageRequest {
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** Page requests of a device that get one response: `struct iopf_group`. */
export interface FaultGroup {
  /** The attachment through which the device faulted. */
  readonly handle: AttachHandle;
  readonly requests: readonly PageRequest[];
  /** Responds to the group. Must be called exactly once. */
  respond(response: FaultResponse): void;
}
