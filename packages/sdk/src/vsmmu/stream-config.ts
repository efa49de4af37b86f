import {
  areStagesThere,
  areSubstreamsLegal,
  type Features,
  isAbort,
  isAtsLegal,
  isBypass,
  isRegimeLegal,
  mask64,
  type Ste,
} from '@iommufd/smmuv3';
import { arm_smmu_v3, smmuv3_ste, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';

/** What happens to the transactions of a stream. */
export type StreamConfig =
  | {
      /**
       * `invalid`: they are aborted because its stream table entry is not legal; `abort`: the entry says so; `bypass`:
       * they pass untranslated.
       */
      readonly kind: 'invalid' | 'abort' | 'bypass';
    }
  | {
      /** Stage 1 is the guest's. */
      readonly kind: 'translate';
      /** Words 0 and 1 of its entry, with only what the kernel takes. */
      readonly ste: readonly [bigint, bigint];
    };

const { ABORT, BYPASS } = smmuv3_ste_config;
const S1CDMAX = mask64(smmuv3_ste, 'S1CDMax');
const EATS = mask64(smmuv3_ste, 'EATS');
/** What of S1ContextPtr the kernel does not take: no machine has addresses there. */
const BEYOND_52_BITS = mask64(smmuv3_ste, 'S1ContextPtr') & ~arm_smmu_v3.STRTAB_STE_0_S1CTXPTR_MASK;

/**
 * What a stream table entry of the guest asks for. Fields that count for nothing without features that the guest is
 * not shown, attribute overrides above all, are left out, so that the kernel does not refuse an entry for them. What
 * hardware itself finds illegal in the rest it reports to the guest as C_BAD_STE.
 * Source: Arm IHI 0070, section 5.2; 7.3.5 for what is not legal.
 * @param ste the entry, decoded
 * @param words words 0 and 1 of it
 * @param features what the guest is shown: no stage 2
 */
export function streamConfig(ste: Ste, words: readonly [bigint, bigint], features: Features): StreamConfig {
  if (ste.V === 0) return { kind: 'invalid' };
  if (isAbort(ste)) return { kind: 'abort' };
  if (isBypass(ste)) return { kind: 'bypass' };
  const isLegal =
    areStagesThere(ste, features) &&
    areSubstreamsLegal(ste, features) &&
    isRegimeLegal(ste, features) &&
    isAtsLegal(ste, features) &&
    (words[0] & BEYOND_52_BITS) === 0n;
  if (!isLegal) return { kind: 'invalid' };
  const hasSubstreams = features.idr1.SSIDSIZE !== 0;
  const hasAts = features.idr0.ATS === 1 && ste.EATS === smmuv3_ste_eats.FULL;
  const word0 = arm_smmu_v3.STRTAB_STE_0_NESTING_ALLOWED & ~(hasSubstreams ? 0n : S1CDMAX);
  const word1 = arm_smmu_v3.STRTAB_STE_1_NESTING_ALLOWED & ~(hasAts ? 0n : EATS);
  return { kind: 'translate', ste: [words[0] & word0, words[1] & word1] };
}

/** Words 0 and 1 of the entry that a nested page table of this kind is made from. */
export function steWords(config: StreamConfig): readonly [bigint, bigint] {
  switch (config.kind) {
    case 'invalid':
      return [0n, 0n];
    case 'abort':
      return [ofConfig(ABORT), 0n];
    case 'bypass':
      return [ofConfig(BYPASS), 0n];
    case 'translate':
      return config.ste;
  }
}

const V = mask64(smmuv3_ste, 'V');
const CONFIG = mask64(smmuv3_ste, 'Config');

/** Word 0 of a valid entry that has nothing but this. */
function ofConfig(config: number): bigint {
  return V | (BigInt(config) * (CONFIG & -CONFIG));
}
