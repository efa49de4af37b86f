import { arm_smmu_v3, smmuv3_ste, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';
import { type Decoded } from '@iommufd/uapi/struct';
import { type Shown } from './id-registers.js';
import { mask64 } from './masks.js';

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

const { ABORT, BYPASS, S1_TRANSLATE } = smmuv3_ste_config;
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
 */
export function streamConfig(
  ste: Decoded<typeof smmuv3_ste>,
  words: readonly [bigint, bigint],
  { idr0, idr1 }: Pick<Shown, 'idr0' | 'idr1'>,
): StreamConfig {
  if (ste.V === 0) return { kind: 'invalid' };
  // 1 to 3 act as 0.
  if (ste.Config < BYPASS) return { kind: 'abort' };
  if (ste.Config === BYPASS) return { kind: 'bypass' };
  // There is no stage 2.
  if (ste.Config !== S1_TRANSLATE) return { kind: 'invalid' };
  // Without substreams S1CDMax does not count.
  const hasSubstreams = idr1.SSIDSIZE !== 0;
  const isTwoLevel = ste.S1CDMax !== 0 && (ste.S1Fmt === 1 || ste.S1Fmt === 2);
  const isLegal =
    // Streams of EL2 and EL3 need Hyp and the Secure state.
    ste.STRW === 0 &&
    !(hasSubstreams && (ste.S1CDMax > idr1.SSIDSIZE || (isTwoLevel && idr0.CD2L === 0))) &&
    // Split-stage ATS needs both stages.
    !(idr0.ATS === 1 && ste.EATS === smmuv3_ste_eats.SPLIT_STAGE) &&
    (words[0] & BEYOND_52_BITS) === 0n;
  if (!isLegal) return { kind: 'invalid' };
  const hasAts = idr0.ATS === 1 && ste.EATS === smmuv3_ste_eats.FULL;
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
