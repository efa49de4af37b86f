/**
 * Stream table entries as the driver writes them: one function for each of Linux's `arm_smmu_make_*_ste()`.
 */
import {
  arm_smmu_features,
  smmuv3_cd_cacheability,
  smmuv3_shareability,
  smmuv3_shcfg,
  smmuv3_ste,
  smmuv3_ste_config,
  smmuv3_ste_eats,
  smmuv3_ste_strw,
} from '@iommufd/uapi';
import { view, type View } from '@iommufd/uapi/struct';
import type { SmmuDevice } from './smmu-device.js';
import type { SmmuDomain } from './paging-domain.js';

/** An encoded STE. */
export type SteBytes = Uint8Array;
type Ste = View<typeof smmuv3_ste>;

const { ABORT, S1_TRANSLATE, S2_TRANSLATE, S1_S2_TRANSLATE } = smmuv3_ste_config;

function make(config: number, fill?: (ste: Ste) => void): SteBytes {
  const bytes = new Uint8Array(smmuv3_ste.byteLength);
  const ste = view(smmuv3_ste, bytes);
  ste.V = 1;
  ste.Config = config;
  fill?.(ste);
  return bytes;
}

/** `arm_smmu_make_abort_ste()`: aborts all transactions. */
export function abortSte(): SteBytes {
  return make(ABORT);
}

/** `arm_smmu_make_cdtable_ste()`: stage 1 with the kernel's CD table. @param s1dss handling of transactions without a PASID */
export function cdTableSte(device: SmmuDevice, ats: boolean, s1dss: number): SteBytes {
  const { smmu, contexts } = device;
  const stalls = (smmu.probed.features & arm_smmu_features.ARM_SMMU_FEAT_STALLS) !== 0;
  return make(S1_TRANSLATE, (ste) => {
    ste.S1Fmt = contexts.format;
    ste.S1ContextPtr = contexts.address;
    ste.S1CDMax = contexts.log2size;
    ste.S1DSS = s1dss;
    ste.S1CIR = smmuv3_cd_cacheability.WB_RA;
    ste.S1COR = smmuv3_cd_cacheability.WB_RA;
    ste.S1CSH = smmuv3_shareability.ISH;
    ste.S1STALLD = stalls && !device.canStall ? 1 : 0;
    ste.EATS = ats ? smmuv3_ste_eats.FULL : smmuv3_ste_eats.OFF;
    // All streams without stage 2 use VMID 0.
    ste.STRW = smmuv3_ste_strw.EL1;
  });
}

/** `arm_smmu_make_s2_domain_ste()`: only stage 2. */
export function stage2Ste(device: SmmuDevice, domain: SmmuDomain, ats: boolean): SteBytes {
  return make(S2_TRANSLATE, (ste) => fillStage2(ste, device, domain, ats));
}

function fillStage2(ste: Ste, { smmu, canStall }: SmmuDevice, domain: SmmuDomain, ats: boolean): void {
  const { features } = smmu.probed;
  ste.EATS = ats ? smmuv3_ste_eats.FULL : smmuv3_ste_eats.OFF;
  ste.S2FWB = domain.forcesWriteBack ? 1 : 0;
  if ((features & arm_smmu_features.ARM_SMMU_FEAT_ATTR_TYPES_OVR) !== 0) ste.SHCFG = smmuv3_shcfg.INCOMING;
  const { format } = domain;
  ste.S2VMID = domain.tag;
  ste.S2T0SZ = format.tsz;
  ste.S2SL0 = format.startLevelCode;
  ste.S2IR0 = format.walkCacheability;
  ste.S2OR0 = format.walkCacheability;
  ste.S2SH0 = format.walkShareability;
  ste.S2TG = format.granule;
  ste.S2PS = format.outputSize;
  ste.S2AA64 = 1;
  ste.S2PTW = 1;
  ste.S2S = canStall ? 1 : 0;
  ste.S2R = 1;
  ste.S2TTB = domain.tableAddress;
}

/**
 * `arm_smmu_make_nested_cd_table_ste()`: stage 2, and stage 1 with the guest's CD table.
 * @param words words 0 and 1 of the guest's STE
 */
export function nestedSte(device: SmmuDevice, parent: SmmuDomain, words: Uint8Array, ats: boolean): SteBytes {
  const bytes = new Uint8Array(smmuv3_ste.byteLength);
  bytes.set(words);
  const ste = view(smmuv3_ste, bytes);
  ste.V = 1;
  ste.Config = S1_S2_TRANSLATE;
  fillStage2(ste, device, parent, ats);
  // MEV merges similar events, so that a guest cannot flood the event queue.
  ste.MEV = 1;
  return bytes;
}
