import { smmuv3_event } from '@iommufd/uapi';

/** Lanes of 32 bits of an event. */
export const LANES = 8;

/**
 * The bits that must be zero, eight lanes for each of the 256 event numbers: what no field of the published layout
 * covers. Of a number without a form nothing is known, so nothing has to be zero.
 */
export function reservedBits(): Int32Array {
  const masks = new Int32Array(256 * LANES);
  for (const { members, unused } of smmuv3_event.structs.values()) {
    const tag = Number(members.find(({ fixed }) => fixed !== undefined)?.fixed);
    masks.set(unused, tag * LANES);
  }
  return masks;
}
