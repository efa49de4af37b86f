import { type smmuv3_cd, type smmuv3_ste, smmuv3_ste_config } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { Features } from './registers/features.js';

/** Stream table entries and context descriptors, and what they enable. Whether they are legal is checked in `tables/`. */

/** A stream table entry. Source: Arm IHI 0070, 5.2. */
export type Ste = Decoded<typeof smmuv3_ste>;

/** A context descriptor. Source: Arm IHI 0070, 5.4. */
export type Cd = Decoded<typeof smmuv3_cd>;

const { S1_TRANSLATE, S2_TRANSLATE, S1_S2_TRANSLATE, BYPASS } = smmuv3_ste_config;

/** Is stage 1 enabled? S1DSS may still bypass it for transactions without a substream. */
export const hasStage1 = ({ Config }: Ste): boolean => Config === S1_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Does stage 2 translate? */
export const hasStage2 = ({ Config }: Ste): boolean => Config === S2_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Are all transactions aborted without an event? Reserved values act alike. */
export const isAbort = ({ Config }: Ste): boolean => Config < BYPASS;

/** Do all transactions bypass translation? */
export const isBypass = ({ Config }: Ste): boolean => Config === BYPASS;

/**
 * Is the StreamWorld EL2, whose stage 1 tables have a format of their own? Without SMMU_IDR0.Hyp, STRW is ignored and the
 * StreamWorld is EL1 (Arm IHI 0070, 5.2.2, IgnoreSTESTRW).
 */
export function isEl2(ste: Ste, { idr0 }: Pick<Features, 'idr0'>): boolean {
  return idr0.Hyp === 1 && ste.Config === S1_TRANSLATE && ste.STRW === 2;
}
