import { smmuv3_cd, type smmuv3_ste, smmuv3_ste_config } from '@iommufd/uapi';
import { decode, type Decoded } from '@iommufd/uapi/struct';
import type { Features } from './registers/features.js';

/** Stream table entries and context descriptors, and the stages that they enable. `tables/` checks whether they are legal. */

/** A stream table entry. Source: Arm IHI 0070, 5.2. */
export type Ste = Decoded<typeof smmuv3_ste>;

/** A context descriptor. Source: Arm IHI 0070, 5.4. */
export type Cd = Decoded<typeof smmuv3_cd>;

/** Reads a context descriptor, whose reserved bits are ignored. */
export function readCd(bytes: Uint8Array, features: Features): Cd {
  const cd = decode(smmuv3_cd, bytes, { lenient: true });
  const [TTB0, TTB1] = [features.tableAddress(cd.TTB0), features.tableAddress(cd.TTB1)];
  return TTB0 === cd.TTB0 && TTB1 === cd.TTB1 ? cd : { ...cd, TTB0, TTB1 };
}

const { S1_TRANSLATE, S2_TRANSLATE, S1_S2_TRANSLATE, BYPASS } = smmuv3_ste_config;

/** True if stage 1 is enabled. S1DSS may still bypass it for transactions without a substream. */
export const hasStage1 = ({ Config }: Ste): boolean => Config === S1_TRANSLATE || Config === S1_S2_TRANSLATE;

/** True if stage 2 is enabled. */
export const hasStage2 = ({ Config }: Ste): boolean => Config === S2_TRANSLATE || Config === S1_S2_TRANSLATE;

/** True if all transactions are aborted without an event. Reserved values of Config act alike. */
export const isAbort = ({ Config }: Ste): boolean => Config < BYPASS;

/** True if all transactions bypass translation. */
export const isBypass = ({ Config }: Ste): boolean => Config === BYPASS;

/**
 * True if the StreamWorld is EL2, whose stage 1 tables have their own format. Without SMMU_IDR0.Hyp, STRW is ignored and the
 * StreamWorld is EL1 (Arm IHI 0070, 5.2.2, IgnoreSTESTRW).
 */
export function isEl2(ste: Ste, { idr0 }: Pick<Features, 'idr0'>): boolean {
  return idr0.Hyp === 1 && ste.Config === S1_TRANSLATE && ste.STRW === 2;
}
