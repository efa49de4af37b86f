/**
 * Why an access was aborted: the device is attached to nothing (`blocked`); nothing is mapped at the address (`not mapped`);
 * it is mapped, but not for such an access (`not permitted`); the device or its IOMMU asked for the page and was told that
 * there is none (`answered as invalid`); the IOMMU reports it to the kernel alone, by an event (`aborted`).
 */
export type DmaFaultReason = 'blocked' | 'not mapped' | 'not permitted' | 'answered as invalid' | 'aborted';

/** An access of a device that was aborted. */
export class DmaFault extends Error {
  /** `'DmaFault'`. */
  override readonly name = 'DmaFault';

  constructor(
    /** The first byte that the device did not get at. */
    readonly iova: bigint,
    /** What it wanted to do. */
    readonly access: 'read' | 'write',
    /** Undefined for an access without one. */
    readonly pasid: number | undefined,
    /** Why it could not. */
    readonly reason: DmaFaultReason,
  ) {
    const through = pasid === undefined ? '' : ` through PASID ${pasid}`;
    super(`a device could not ${access} at 0x${iova.toString(16)}${through}: ${reason}`);
  }
}
