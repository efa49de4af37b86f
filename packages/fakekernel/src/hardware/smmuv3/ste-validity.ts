import { type smmuv3_ste, smmuv3_stall_model, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import { Features } from './features.js';

/** A stream table entry. */
export type Ste = Decoded<typeof smmuv3_ste>;

const { S1_TRANSLATE, S2_TRANSLATE, S1_S2_TRANSLATE, BYPASS } = smmuv3_ste_config;

/** Does stage 1 translate, unless a missing substream says otherwise? */
export const hasStage1 = ({ Config }: Ste): boolean => Config === S1_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Does stage 2 translate? */
export const hasStage2 = ({ Config }: Ste): boolean => Config === S2_TRANSLATE || Config === S1_S2_TRANSLATE;

/** Is everything aborted, without an event? Reserved values do the same. */
export const isAbort = ({ Config }: Ste): boolean => Config < BYPASS;

/** Are these streams of EL2, whose stage 1 has tables of its own kind? */
export function isEl2(ste: Ste, { idr0 }: Features): boolean {
  return idr0.Hyp === 1 && ste.Config === S1_TRANSLATE && ste.STRW === 2;
}

/** Is an STE legal? Of what is not modelled, the fields are ignored. Source: Arm IHI 0070, 5.2.2. */
export function isSteLegal(ste: Ste, features: Features): boolean {
  if (ste.V === 0) return false;
  if (isAbort(ste)) return true;
  if (hasStage1(ste) && !(features.stage1 && isStage1Legal(ste, features))) return false;
  if (hasStage2(ste) && !(features.stage2 && isStage2Legal(ste, features))) return false;
  return isAtsLegal(ste, features) && isVmidLegal(ste, features);
}

function isStage1Legal(ste: Ste, { idr0, idr1, oas, departures }: Features): boolean {
  const { S1STALLD, S1CDMax, S1Fmt, S1ContextPtr, STRW } = ste;
  if (S1STALLD === 1 && idr0.STALL_MODEL !== smmuv3_stall_model.STALL) return false;
  if (idr1.SSIDSIZE !== 0) {
    if (S1CDMax > idr1.SSIDSIZE) return false;
    if (S1CDMax !== 0 && idr0.CD2L === 0 && (S1Fmt === 1 || S1Fmt === 2)) return false;
  } else if (departures.checksUnusedS1CDMax === true && S1CDMax !== 0) {
    return false;
  }
  if (!hasStage2(ste) && idr0.Hyp === 1 && (STRW & 1) === 1) return false;
  // Beyond what stage 2 takes in, the address is left to fault there (Arm IHI 0070, 3.4.3).
  return hasStage2(ste) || Features.fits(S1ContextPtr, oas);
}

function isStage2Legal(ste: Ste, features: Features): boolean {
  const { idr0, oas } = features;
  const { S2S, S2AA64, S2HA, S2HD, S2T0SZ, S2TTB, S2PS, S2ENDI } = ste;
  if (!isStallLegal(S2S, idr0.STALL_MODEL)) return false;
  if (S2AA64 === 0 || !features.aarch64) return false;
  if ((S2HA === 1 && idr0.HTTU === 0) || (S2HD === 1 && idr0.HTTU < 2)) return false;
  if (!isEndiannessLegal(S2ENDI, idr0.TTENDIAN)) return false;
  const granule = features.granule(ste.S2TG);
  if (granule === undefined || !Features.fits(S2TTB, features.effectiveBits(S2PS))) return false;
  if (S2T0SZ < Math.max(16, 64 - oas) || S2T0SZ > (features.idr3.STT === 1 ? 48 : 39)) return false;
  return isStartLevelLegal(ste, granule);
}

/** Does the first level that S2SL0 names take in as many bits as S2T0SZ leaves it, up to 16 tables side by side? */
function isStartLevelLegal({ S2SL0, S2T0SZ }: Ste, granule: number): boolean {
  const level = granule === 12 ? (S2SL0 === 3 ? 3 : 2 - S2SL0) : 3 - S2SL0;
  const stride = granule - 3;
  const indexBits = 64 - S2T0SZ - granule - (3 - level) * stride;
  return indexBits >= 1 && indexBits <= stride + 4;
}

function isAtsLegal({ Config, EATS, S2S }: Ste, { idr0 }: Features): boolean {
  if (idr0.ATS === 0 || Config === BYPASS) return true;
  if (EATS === smmuv3_ste_eats.SPLIT_STAGE) {
    return Config === S1_S2_TRANSLATE && S2S === 0 && idr0.NS1ATS === 0;
  }
  return !(EATS === smmuv3_ste_eats.FULL && S2S === 1 && Config !== S1_TRANSLATE);
}

function isVmidLegal(ste: Ste, features: Features): boolean {
  const used = features.stage2 && ste.Config !== BYPASS && !isEl2(ste, features);
  return !used || features.idr0.VMID16 === 1 || ste.S2VMID < 0x100;
}

/** May faults stall, or not stall, as `stall` says? Source: Arm IHI 0070, 5.5. */
export function isStallLegal(stall: number, model: number): boolean {
  if (model === smmuv3_stall_model.TERMINATE) return stall === 0;
  return model !== smmuv3_stall_model.FORCE || stall === 1;
}

/** Can tables have this byte order? TTENDIAN: 2 little-endian only, 3 big-endian only. */
export function isEndiannessLegal(bigEndian: number, supported: number): boolean {
  return !(supported === 2 && bigEndian === 1) && !(supported === 3 && bigEndian === 0);
}
