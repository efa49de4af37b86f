import { array } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './iommufd.generated.js';

const word = u64.as({ kind: 'hex' });
const register = u32.as({ kind: 'hex' });

/** Data of a nested page table on Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, 5.2. */
export const iommu_hwpt_arm_smmuv3 = struct(
  'iommu_hwpt_arm_smmuv3',
  "The first two words of the guest's stream table entry (IOMMU_HWPT_DATA_ARM_SMMUV3). With V set, all fields except V, Config, S1Fmt, S1ContextPtr, S1CDMax, S1DSS, S1CIR, S1COR, S1CSH, S1STALLD and EATS must be zero; otherwise the call fails with EIO.",
  { ste: array(word, 2).in('Words 0 and 1 of the entry; the codec `smmuv3_ste` names their fields.') },
  { code: code.iommu_hwpt_arm_smmuv3 },
);

/** One entry of an IOMMU_HWPT_INVALIDATE array on Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, chapter 4. */
export const iommu_viommu_arm_smmuv3_invalidate = struct(
  'iommu_viommu_arm_smmuv3_invalidate',
  "A command of the guest's command queue (IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3). The kernel accepts TLBI_NSNH_ALL, TLBI_NH_ALL, TLBI_NH_ASID, TLBI_NH_VA, TLBI_NH_VAA, ATC_INV, CFGI_CD and CFGI_CD_ALL; others fail with EIO.",
  { cmd: array(word, 2).in('The 128 bits of the command; the codec `smmuv3_command` names their fields.') },
  { code: code.iommu_viommu_arm_smmuv3_invalidate },
);

/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_ARM_SMMUV3. Source: `linux/iommufd.h`; Arm IHI 0070, 7.3. */
export const iommu_vevent_arm_smmuv3 = struct(
  'iommu_vevent_arm_smmuv3',
  'An event record whose StreamID is the virtual one of the vDEVICE.',
  { evt: array(word, 4).out('The 256 bits of the record; the codec `smmuv3_event` names their fields.') },
  { code: code.iommu_vevent_arm_smmuv3 },
);

/** Known errata. Source: `linux/iommufd.h`. */
export const iommu_hw_info_arm_smmuv3_flags = flagSet(
  'iommu_hw_info_arm_smmuv3_flags',
  'Errata that a virtual machine monitor must work around.',
  {
    IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI: [
      1,
      'Invalidations of the TLB and of configuration must be issued twice.',
    ],
  },
);

/** Data of IOMMU_GET_HW_INFO for an Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, 6.3.1 to 6.3.8. */
export const iommu_hw_info_arm_smmuv3 = struct(
  'iommu_hw_info_arm_smmuv3',
  'The identification registers of an SMMUv3 (IOMMU_HW_INFO_TYPE_ARM_SMMUV3), as the hardware has them. Not every bit applies to a guest.',
  {
    flags: flags(iommu_hw_info_arm_smmuv3_flags).out('Errata that apply.'),
    __reserved: reserved(u32),
    idr: array(register, 6).out('SMMU_IDR0 to SMMU_IDR5.'),
    iidr: register.out('SMMU_IIDR: implementer, product and revision.'),
    aidr: register.out('SMMU_AIDR: the version of the architecture.'),
  },
  { code: code.iommu_hw_info_arm_smmuv3 },
);
