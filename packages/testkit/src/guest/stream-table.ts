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

/** A stream table entry: valid, and all else zero, but for what its fields say. */
export const streamTableEntry = (fields: Ste): Uint8Array<ArrayBuffer> =>
  encodeZeroFilled(smmuv3_ste, { V: 1, ...fields });

/** Its two words that a guest decides, as IOMMU_HWPT_ALLOC takes them. */
export function steWords(fields: Ste): Decoded<typeof iommu_hwpt_arm_smmuv3>['ste'] {
  const bytes = streamTableEntry(fields).subarray(0, iommu_hwpt_arm_smmuv3.byteLength);
  return decode(iommu_hwpt_arm_smmuv3, bytes).ste;
}

/** Fields of an entry whose stage 1 is the guest's. */
export const translatesBy = (S1ContextPtr: bigint): Ste => ({
  Config: smmuv3_ste_config.S1_TRANSLATE,
  S1ContextPtr,
});
