import {
  encodeZeroFilled,
  iommu_hwpt_arm_smmuv3,
  smmuv3_ste,
  smmuv3_ste_config,
  type ZeroFillable,
} from '@iommufd/uapi';
import { decode, type Decoded, type Encodable } from '@iommufd/uapi/struct';

/** Fields of a stream table entry. */
export type Ste = ZeroFillable<Encodable<typeof smmuv3_ste>>;

/** Encodes a stream table entry. V is 1 and all other fields are 0 by default. */
export const streamTableEntry = (fields: Ste): Uint8Array<ArrayBuffer> =>
  encodeZeroFilled(smmuv3_ste, { V: 1, ...fields });

/** The two words of an entry that IOMMU_HWPT_ALLOC takes. */
export function steWords(fields: Ste): Decoded<typeof iommu_hwpt_arm_smmuv3>['ste'] {
  const bytes = streamTableEntry(fields).subarray(0, iommu_hwpt_arm_smmuv3.byteLength);
  return decode(iommu_hwpt_arm_smmuv3, bytes).ste;
}

/** Fields of an entry with stage 1 translation. */
export const translatesBy = (S1ContextPtr: bigint): Ste => ({
  Config: smmuv3_ste_config.S1_TRANSLATE,
  S1ContextPtr,
});
