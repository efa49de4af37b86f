/**
 * Nested domains: a guest's STE on top of the stage 2 of its virtual SMMU. Linux's `arm_smmu_nested_domain` in
 * `arm-smmu-v3-iommufd.c`. The guest's monitor passes words 0 and 1 of the STE to IOMMU_HWPT_ALLOC; it fails with EIO if fields
 * are set that are not on the allow list.
 */
import {
  arm_smmu_v3,
  iommu_hwpt_arm_smmuv3,
  iommu_hwpt_data_type,
  smmuv3_ste,
  smmuv3_ste_config,
  smmuv3_ste_eats,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import { NestedDomain } from '../../iommu/domain.js';
import type { UserData } from '../../iommu/user-data.js';
import { attachNested } from './attach.js';
import { smmuDevice } from './smmu-device.js';
import type { Vsmmu } from './vsmmu.js';

/** The allow list: V, Config, S1Fmt, S1ContextPtr up to 52 bits, S1CDMax; S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS. */
const { STRTAB_STE_0_NESTING_ALLOWED, STRTAB_STE_1_NESTING_ALLOWED } = arm_smmu_v3;

const { ABORT, BYPASS, S1_TRANSLATE } = smmuv3_ste_config;

/** A guest's STE: stage 1 of the guest, followed by stage 2 of the virtual SMMU. */
export class SmmuNested extends NestedDomain {
  private constructor(
    readonly vsmmu: Vsmmu,
    /** Words 0 and 1 of the STE, without EATS. */
    readonly words: Uint8Array,
    /** True if the guest has enabled ATS. */
    readonly enableAts: boolean,
  ) {
    super(vsmmu.driver);
  }

  /** @throws EOPNOTSUPP | EINVAL | EFAULT; EIO if the STE has fields that are not allowed */
  static make(vsmmu: Vsmmu, flags: number, data: UserData): SmmuNested {
    if (flags !== 0) throw fail('EOPNOTSUPP');
    const struct = iommu_hwpt_arm_smmuv3;
    const words = data.read(iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3, struct, struct.byteLength);
    return new SmmuNested(vsmmu, words, validateVste(words));
  }

  /** STE.Config of the guest. */
  get config(): number {
    return fieldsOfWords(this.words).Config;
  }

  override attach(device: Device): void {
    attachNested(smmuDevice(device), this);
  }

  /** Not supported: the guest manages PASIDs itself. @throws EOPNOTSUPP */
  override setPasid(): void {
    throw fail('EOPNOTSUPP');
  }
}

/** The fields of an STE whose other words are zero. It is a copy: writes do not change `words`. */
function fieldsOfWords(words: Uint8Array) {
  const bytes = new Uint8Array(smmuv3_ste.byteLength);
  bytes.set(words);
  return view(smmuv3_ste, bytes);
}

/**
 * `arm_smmu_validate_vste()`: checks the words of a guest's STE and clears EATS. If V is 0, the other bits may have any value,
 * and the STE aborts.
 * @returns true if ATS is enabled
 * @throws EIO
 */
function validateVste(words: Uint8Array): boolean {
  const { V, Config, EATS } = fieldsOfWords(words);
  if (V === 0) {
    words.fill(0);
    return false;
  }
  const view = new DataView(words.buffer, words.byteOffset);
  const [word0, word1] = [view.getBigUint64(0, true), view.getBigUint64(8, true)];
  if ((word0 & ~STRTAB_STE_0_NESTING_ALLOWED) !== 0n || (word1 & ~STRTAB_STE_1_NESTING_ALLOWED) !== 0n)
    throw fail('EIO');
  if (Config !== ABORT && Config !== BYPASS && Config !== S1_TRANSLATE) throw fail('EIO');
  if (EATS !== smmuv3_ste_eats.OFF && EATS !== smmuv3_ste_eats.FULL) throw fail('EIO');
  view.setBigUint64(8, word1 & ~(3n << 28n), true);
  return Config === S1_TRANSLATE && EATS === smmuv3_ste_eats.FULL;
}
