/** Why an access was aborted. */
export type DmaFaultReason = 'blocked' | 'not mapped' | 'not permitted' | 'answered as invalid';

/** An access of a device that was aborted. */
export class DmaFault extends Error {
  override readonly name = 'DmaFault';

  constructor(
    /** The first byte that the device did not get at. */
    readonly iova: bigint,
    readonly access: 'read' | 'write',
    /** Undefined for an access without one. */
    readonly pasid: number | undefined,
    readonly reason: DmaFaultReason,
  ) {
    const through = pasid === undefined ? '' : ` through PASID ${pasid}`;
    super(`a device could not ${access} at 0x${iova.toString(16)}${through}: ${reason}`);
  }
}
