import { type smmuv3_cd, type smmuv3_ste, smmuv3_ste_config } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { Features } from './registers/features.js';

/** Stream table entries and context descriptors, and what they turn on. Whether they are legal is for `tables/` to say. */

/** A stream table entry. Source: Arm IHI 0070, 5.2. */
export type Ste = Decoded<typeof smmuv3_ste>;

/** A context descriptor. Source: Arm IHI 0070, 5.4. */
export type Cd = Decoded<typeof smmuv3_cd>;

const { S1_TRANSLATE, S2_TRANSLATE, S1_S2_TRANSLATE, BYPASS } = smmuv3_ste_config;

/** Does stage 1 translate, unless a missing substream says otherwise? */
export const hasStage1 = ({ Config }: Ste): boolean => Config === S1_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Does stage 2 translate? */
export const hasStage2 = ({ Config }: Ste): boolean => Config === S2_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Is everything aborted, without an event? Reserved values do the same. */
export const isAbort = ({ Config }: Ste): boolean => Config < BYPASS;

/** Does everything pass untranslated? */
export const isBypass = ({ Config }: Ste): boolean => Config === BYPASS;

/**
 * Are these streams of EL2, whose stage 1 has tables of its own kind? Without SMMU_IDR0.Hyp STRW is ignored, and they are of
 * EL1 (Arm IHI 0070, 5.2.2, IgnoreSTESTRW).
 */
export function isEl2(ste: Ste, { idr0 }: Pick<Features, 'idr0'>): boolean {
  return idr0.Hyp === 1 && ste.Config === S1_TRANSLATE && ste.STRW === 2;
}
