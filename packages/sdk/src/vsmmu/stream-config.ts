/**
 * Converts a guest's STE to a configuration for the host: invalid, abort, bypass, or words 0 and 1 for the kernel. Fields that the
 * guest's SMMU does not support are ignored, as the architecture requires, and cleared before the words are passed to the kernel
 * (Arm IHI 0070, 5.2).
 */
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

/** The configuration of a stream. */
export type StreamConfig =
  | {
      /**
       * `invalid`: transactions are aborted because the STE is illegal; `abort`: they are aborted because its Config is ABORT;
       * `bypass`: they are not translated.
       */
      readonly kind: 'invalid' | 'abort' | 'bypass';
    }
  | {
      /** The guest's stage 1 translates. */
      readonly kind: 'translate';
      /** Words 0 and 1 of the STE, with the fields that the kernel accepts. */
      readonly ste: readonly [bigint, bigint];
    };

const { ABORT, BYPASS } = smmuv3_ste_config;
const S1CDMAX = mask64(smmuv3_ste, 'S1CDMax');
const EATS = mask64(smmuv3_ste, 'EATS');
/** Bits of S1ContextPtr that the kernel does not accept: they are beyond 52 bits. */
const BEYOND_52_BITS = mask64(smmuv3_ste, 'S1ContextPtr') & ~arm_smmu_v3.STRTAB_STE_0_S1CTXPTR_MASK;

/**
 * The configuration of a guest's STE. Fields of features that the guest does not have, mainly attribute
 * overrides, are ignored and cleared, so that the kernel does not refuse the STE because of them. If hardware finds the remaining
 * fields illegal, it reports C_BAD_STE to the guest. Source: Arm IHI 0070, section 5.2; 7.3.5 for illegal STEs.
 * @param ste the decoded STE
 * @param words its words 0 and 1
 * @param features the guest's features, which do not include stage 2
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

/** The STE words for the nested page table of a configuration. */
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

/** Word 0 of a valid STE with only this Config. */
function ofConfig(config: number): bigint {
  return V | (BigInt(config) * (CONFIG & -CONFIG));
}
