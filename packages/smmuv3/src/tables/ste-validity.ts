/**
 * The legality checks of STEs (Arm IHI 0070, 5.2.2). An illegal STE causes C_BAD_STE. Each check is exported on its
 * own: the SDK's virtual SMMU applies some of them to a guest's STE and leaves the others to the host kernel.
 */
import { smmuv3_stall_model, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';
import { Features } from '../registers/features.js';
import { hasStage1, hasStage2, isAbort, isBypass, isEl2, type Ste } from '../structures.js';
import { firstIndexBits, isWide } from '../translation/table-walk.js';
import { stage2StartLevel } from '../translation/stage2.js';

/** True if an STE is legal. Fields of features that are not modelled are ignored. Source: Arm IHI 0070, 5.2.2. */
export function isSteLegal(ste: Ste, features: Features): boolean {
  if (ste.V === 0) return false;
  if (isAbort(ste)) return true;
  if (!areStagesThere(ste, features)) return false;
  if (hasStage1(ste) && !isStage1Legal(ste, features)) return false;
  if (hasStage2(ste) && !isStage2Legal(ste, features)) return false;
  return isAtsLegal(ste, features) && isVmidLegal(ste, features);
}

/** True if the SMMU supports the stages that the STE enables. */
export function areStagesThere(ste: Ste, { stage1, stage2 }: Pick<Features, 'stage1' | 'stage2'>): boolean {
  return (stage1 || !hasStage1(ste)) && (stage2 || !hasStage2(ste));
}

function isStage1Legal(ste: Ste, features: Features): boolean {
  const { idr0, oas } = features;
  if (ste.S1STALLD === 1 && idr0.STALL_MODEL !== smmuv3_stall_model.STALL) return false;
  if (!areSubstreamsLegal(ste, features) || !isRegimeLegal(ste, features)) return false;
  // With stage 2 the pointer is an IPA, and one out of range faults in stage 2 (Arm IHI 0070, 3.4.3).
  return hasStage2(ste) || Features.fits(ste.S1ContextPtr, oas);
}

/** True if S1CDMax and S1Fmt are supported. They are ignored without substream support. */
export function areSubstreamsLegal({ S1CDMax, S1Fmt }: Ste, { idr0, idr1, departures }: Features): boolean {
  if (S1CDMax === 0) return true;
  if (idr1.SSIDSIZE === 0) return departures.checksUnusedS1CDMax !== true;
  return S1CDMax <= idr1.SSIDSIZE && !(idr0.CD2L === 0 && (S1Fmt === 1 || S1Fmt === 2));
}

/** True if STRW is supported. It is ignored without SMMU_IDR0.Hyp and if stage 2 is enabled. */
export function isRegimeLegal(ste: Ste, { idr0 }: Pick<Features, 'idr0'>): boolean {
  return idr0.Hyp === 0 || hasStage2(ste) || (ste.STRW & 1) === 0;
}

function isStage2Legal(ste: Ste, features: Features): boolean {
  const { idr0, oas } = features;
  const { S2S, S2AA64, S2HA, S2HD, S2T0SZ, S2TTB, S2PS, S2ENDI } = ste;
  if (!isStallLegal(S2S, idr0.STALL_MODEL)) return false;
  if (S2AA64 === 0 || !features.aarch64) return false;
  if ((S2HA === 1 && !features.setsAccessFlag) || (S2HD === 1 && !features.marksDirty)) return false;
  if (!isEndiannessLegal(S2ENDI, idr0.TTENDIAN)) return false;
  const granule = features.granule(ste.S2TG);
  if (granule === undefined) return false;
  if (!Features.fits(S2TTB, tableBits(granule, ste.S2DS, S2PS, features))) return false;
  const least = isWide(granule, ste.S2DS, features) ? 12 : 16;
  if (S2T0SZ < Math.max(least, 64 - oas) || S2T0SZ > mostTxsz(granule, features)) return false;
  return isStartLevelLegal(ste, granule, features);
}

/**
 * Width in bits of the address of a first table: without DS, at most 48 for 4 KB and 16 KB pages (Arm IHI 0070, 5.2,
 * S2TTB).
 */
export function tableBits(granule: number, ds: number, size: number, features: Features): number {
  const bits = features.effectiveBits(size);
  return isWide(granule, ds, features) ? bits : Math.min(bits, 48);
}

/** The maximum TxSZ (Arm IHI 0070, 5.2, S2T0SZ). */
export function mostTxsz(granule: number, { idr3 }: Features): number {
  if (idr3.STT === 0) return 39;
  return granule === 16 ? 47 : 48;
}

/** True if S2SL0 and S2T0SZ are consistent: the start level resolves the remaining bits with 1 to 16 concatenated tables. */
function isStartLevelLegal(ste: Ste, granule: number, features: Features): boolean {
  const start = stage2StartLevel(ste, granule, features);
  if (start === undefined) return false;
  const indexBits = firstIndexBits({ bits: 64 - ste.S2T0SZ, granule, start });
  return indexBits >= 1 && indexBits <= granule - 3 + 4;
}

/** True if EATS is legal. It is ignored without SMMU_IDR0.ATS. */
export function isAtsLegal(ste: Ste, { idr0 }: Pick<Features, 'idr0'>): boolean {
  const { Config, EATS, S2S } = ste;
  if (idr0.ATS === 0 || isBypass(ste)) return true;
  if (EATS === smmuv3_ste_eats.SPLIT_STAGE) {
    return Config === smmuv3_ste_config.S1_S2_TRANSLATE && S2S === 0 && idr0.NS1ATS === 0;
  }
  return !(EATS === smmuv3_ste_eats.FULL && S2S === 1 && Config !== smmuv3_ste_config.S1_TRANSLATE);
}

function isVmidLegal(ste: Ste, features: Features): boolean {
  const used = features.stage2 && !isBypass(ste) && !isEl2(ste, features);
  return !used || features.idr0.VMID16 === 1 || ste.S2VMID < 0x100;
}

/** True if SMMU_IDR0.STALL_MODEL allows this value of CD.S or STE.S2S. Source: Arm IHI 0070, 5.5. */
export function isStallLegal(stall: number, model: number): boolean {
  if (model === smmuv3_stall_model.TERMINATE) return stall === 0;
  return model !== smmuv3_stall_model.FORCE || stall === 1;
}

/** True if TTENDIAN allows this byte order: 2 is little-endian only, 3 is big-endian only. */
export function isEndiannessLegal(bigEndian: number, supported: number): boolean {
  return !(supported === 2 && bigEndian === 1) && !(supported === 3 && bigEndian === 0);
}
