import { smmuv3_event } from '@iommufd/uapi';

/** Words of 32 bits of an event. */
export const WORDS = 8;

/**
 * The bits that must be zero, eight words for each of the 256 event numbers: what no field of the published layout
 * covers. Of a number without a form nothing is known, so nothing has to be zero.
 */
export function reservedBits(): Int32Array {
  const masks = new Int32Array(256 * WORDS);
  for (const { members, unused } of smmuv3_event.structs.values()) {
    const tag = Number(members.find(({ fixed }) => fixed !== undefined)?.fixed);
    masks.set(unused, tag * WORDS);
  }
  return masks;
}
