/**
 * The reason why an access was aborted: the device is not attached (`blocked`); the address is not mapped (`not mapped`); the
 * mapping does not allow the access (`not permitted`); the page request or the stall got the response IOMMUFD_PAGE_RESP_INVALID
 * (`answered as invalid`); the IOMMU aborted it and reports the reason only to the kernel, with an event (`aborted`).
 */
export type DmaFaultReason = 'blocked' | 'not mapped' | 'not permitted' | 'answered as invalid' | 'aborted';

/** Thrown for an access of a device that was aborted. */
export class DmaFault extends Error {
  /** `'DmaFault'`. */
  override readonly name = 'DmaFault';

  constructor(
    /** Address of the first byte that was not accessed. */
    readonly iova: bigint,
    /** The direction of the access. */
    readonly access: 'read' | 'write',
    /** The PASID; undefined for an access without one. */
    readonly pasid: number | undefined,
    /** The reason why it was aborted. */
    readonly reason: DmaFaultReason,
  ) {
    const through = pasid === undefined ? '' : ` through PASID ${pasid}`;
    super(`a device could not ${access} at 0x${iova.toString(16)}${through}: ${reason}`);
  }
}
