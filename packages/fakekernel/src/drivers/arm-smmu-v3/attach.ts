/**
 * Attaching devices and PASIDs: updates of STEs and CDs, their invalidations, ATS, and the lists of devices that changes of a
 * page table must invalidate. Each attachment is prepared, installed and committed in the order of Linux's
 * `arm_smmu_attach_dev()`, `arm_smmu_attach_dev_nested()` and `arm_smmu_set_pasid()`.
 */
import { smmuv3_ste_config, smmuv3_ste_eats, smmuv3_ste_s1dss, smmuv3_ste } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import type { Domain } from '../../iommu/domain.js';
import { NO_PASID } from '../../iommu/group.js';
import { atcInv, cfgiSte, prefetchConfig } from './command.js';
import { stage1Cd } from './context-table.js';
import { flushTag } from './invalidate.js';
import type { SmmuNested } from './nested-domain.js';
import type { SmmuDomain } from './paging-domain.js';
import type { SmmuDevice, Vmaster } from './smmu-device.js';
import { abortSte, cdTableSte, nestedSte, type SteBytes, stage2Ste } from './ste.js';

const { ABORT, BYPASS, S1_TRANSLATE } = smmuv3_ste_config;

/** An attachment in progress: `struct arm_smmu_attach_state`. */
interface AttachState {
  readonly pasid: number;
  /** The page table whose changes invalidate the device's translations from now on; undefined if the device is blocked. */
  readonly next: SmmuDomain | undefined;
  readonly ats: boolean;
  readonly vmaster: Vmaster | undefined;
}

interface SteOptions {
  /** True to enable ATS if supported. Default: true. */
  readonly ats?: boolean;
  readonly vmaster?: Vmaster | undefined;
}

/** `arm_smmu_attach_prepare()`: from now on changes of the new page table invalidate the device's ATC too. */
function prepare(
  device: SmmuDevice,
  pasid: number,
  next: SmmuDomain | undefined,
  { ats = true, vmaster }: SteOptions = {},
): AttachState {
  const usesAts = ats && device.supportsAts;
  next?.masters.push({ device, pasid, usesAts });
  return { pasid, next, ats: usesAts, vmaster };
}

/** `arm_smmu_attach_commit()`: from now on changes of the old page table do not invalidate the device's caches. */
function commit(device: SmmuDevice, { pasid, next, ats, vmaster }: AttachState): void {
  const { smmu, streams, pageTables } = device;
  device.vmaster = vmaster;
  if (device.atsEnabled)
    smmu.commands.submit(streams.map((streamId) => atcInv(streamId, ats ? pasid : NO_PASID)));
  device.atsEnabled = ats;
  const old = pageTables.get(pasid);
  if (next === undefined) pageTables.delete(pasid);
  else pageTables.set(pasid, next);
  if (old === undefined) return;
  const { masters } = old;
  const mine = masters.findIndex((master) => master.device === device && master.pasid === pasid);
  masters.splice(mine, 1);
  if (masters.length === 0) flushTag(old);
}

/** Writes the stream table entries of a device: `arm_smmu_install_ste_for_dev()`. */
function install(device: SmmuDevice, entry: SteBytes): void {
  const { streamTable, commands } = device.smmu;
  const { Config, EATS } = view(smmuv3_ste, entry);
  device.usesContexts = Config === S1_TRANSLATE;
  device.steAts = EATS === smmuv3_ste_eats.FULL;
  for (const streamId of device.ownStreams) {
    const there = streamTable.entry(streamId);
    // An unchanged entry needs no invalidation.
    if (there.some((byte, i) => byte !== entry[i])) {
      there.set(entry);
      commands.issue([cfgiSte(streamId)], true);
    }
    commands.issue([prefetchConfig(streamId)], false);
  }
}

/**
 * `arm_smmu_enable_iopf()`: checks that stalls of a device can be delivered to the page table that is being attached.
 * @throws EOPNOTSUPP unless the device has exactly one StreamID, because a response always goes to the first StreamID
 */
function enablePageFaults({ canStall, streams }: SmmuDevice, { faultHandler }: Domain): void {
  if (faultHandler !== undefined && canStall && streams.length !== 1) throw fail('EOPNOTSUPP');
}

/** Attaches a device to a paging domain. @throws EINVAL if the domain belongs to another SMMU; EBUSY | EOPNOTSUPP */
export function attachPaging(device: SmmuDevice, domain: SmmuDomain): void {
  if (domain.driver !== device.driver) throw fail('EINVAL');
  if (domain.isStage1) device.contexts.add(NO_PASID);
  else if (device.contexts.hasPasids) throw fail('EBUSY');
  enablePageFaults(device, domain);
  const state = prepare(device, NO_PASID, domain);
  if (domain.isStage1) {
    device.contexts.write(NO_PASID, stage1Cd(device, domain));
    install(device, cdTableSte(device, state.ats, smmuv3_ste_s1dss.SUBSTREAM_0));
  } else {
    install(device, stage2Ste(device, domain, state.ats));
    device.contexts.clear(NO_PASID);
  }
  commit(device, state);
}

/**
 * Attaches a device to a guest's STE. The device's virtual StreamID is looked up now, and kept for its events.
 * @throws EINVAL if the domain belongs to another SMMU; EBUSY; ENOENT if the STE translates and the device has no vDEVICE;
 *   EOPNOTSUPP
 */
export function attachNested(device: SmmuDevice, domain: SmmuNested): void {
  const { vsmmu, config, enableAts } = domain;
  if (vsmmu.parent.driver !== device.driver) throw fail('EINVAL');
  if (device.contexts.hasPasids) throw fail('EBUSY');
  const vsid = vsmmu.viommu.virtualIdOf(device);
  if (vsid === undefined && config !== ABORT && config !== BYPASS) throw fail('ENOENT');
  enablePageFaults(device, domain);
  const vmaster = vsid === undefined ? undefined : { viommu: vsmmu.viommu, vsid };
  const ats = config !== S1_TRANSLATE || enableAts;
  const state = prepare(device, NO_PASID, vsmmu.parent, { ats, vmaster });
  install(device, steOf(device, domain, state.ats));
  commit(device, state);
}

function steOf(device: SmmuDevice, { vsmmu, config, words }: SmmuNested, ats: boolean): SteBytes {
  if (config === S1_TRANSLATE) return nestedSte(device, vsmmu.parent, words, ats);
  return config === BYPASS ? stage2Ste(device, vsmmu.parent, ats) : abortSte();
}

/** `arm_smmu_attach_dev_blocked()`: aborts all DMA of a device except through its PASIDs. */
export function attachBlocked(device: SmmuDevice): void {
  device.vmaster = undefined;
  const { hasPasids } = device.contexts;
  const state = prepare(device, NO_PASID, undefined, { ats: hasPasids });
  install(device, hasPasids ? cdTableSte(device, state.ats, smmuv3_ste_s1dss.TERMINATE) : abortSte());
  commit(device, state);
  device.contexts.clear(NO_PASID);
}

/**
 * Attaches a PASID of a device.
 * @throws EINVAL unless the domain is stage 1, and the device has a CD table or is blocked; EOPNOTSUPP
 */
export function setPasid(device: SmmuDevice, domain: SmmuDomain, pasid: number): void {
  if (domain.driver !== device.driver || !domain.isStage1) throw fail('EINVAL');
  if (!device.usesContexts && device.domain !== undefined) throw fail('EINVAL');
  device.contexts.add(pasid);
  enablePageFaults(device, domain);
  const state = prepare(device, pasid, domain);
  device.contexts.write(pasid, stage1Cd(device, domain));
  if (!device.usesContexts || device.steAts !== state.ats) {
    const { SUBSTREAM_0, TERMINATE } = smmuv3_ste_s1dss;
    const s1dss = device.domain === undefined ? TERMINATE : SUBSTREAM_0;
    install(device, cdTableSte(device, state.ats, s1dss));
  }
  commit(device, state);
}

/** Blocks a PASID of a device. If it was the last PASID of a blocked device, the STE aborts everything again. */
export function blockPasid(device: SmmuDevice, pasid: number): void {
  device.contexts.clear(pasid);
  const { atsEnabled: ats, vmaster } = device;
  commit(device, { pasid, next: undefined, ats, vmaster });
  if (!device.contexts.hasPasids && device.domain === undefined) attachBlocked(device);
}
