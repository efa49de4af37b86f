import { iommu_hw_info_amd } from '../amd/amd.js';
import { iommu_test_hw_info } from '../selftest/data.js';
import { iommu_hw_info_arm_smmuv3 } from '../smmuv3/iommufd.js';
import { array } from '../struct/array.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags, flags64, objectId, structSize, u32, u8, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { union } from '../struct/union.js';
import { iommu_hw_info_tegra241_cmdqv } from '../tegra241/tegra241.js';
import { iommu_hw_info_vtd } from '../vtd/vtd.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './hw-info.generated.js';

/** The formats of hardware information. Source: `linux/iommufd.h`. */
export const iommu_hw_info_type = enumeration('iommu_hw_info_type', 'Formats of hardware information.', {
  IOMMU_HW_INFO_TYPE_NONE: [0, 'On return: the driver has no hardware information.'],
  IOMMU_HW_INFO_TYPE_DEFAULT: [0, 'On input: the default type of the driver.'],
  IOMMU_HW_INFO_TYPE_INTEL_VTD: [1, 'Intel VT-d: iommu_hw_info_vtd.'],
  IOMMU_HW_INFO_TYPE_ARM_SMMUV3: [2, 'Arm SMMUv3: iommu_hw_info_arm_smmuv3.'],
  IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV: [3, 'NVIDIA Tegra241 CMDQV: iommu_hw_info_tegra241_cmdqv.'],
  IOMMU_HW_INFO_TYPE_AMD: [4, 'AMD: iommu_hw_info_amd.'],
  IOMMU_HW_INFO_TYPE_SELFTEST: [0xfeedbeef, 'The mock driver of the selftests: iommu_test_hw_info.'],
});

/** Source: `linux/iommufd.h`. */
export const iommufd_hw_info_flags = flagSet(
  'iommufd_hw_info_flags',
  'Flags of a request for hardware information.',
  {
    IOMMU_HW_INFO_FLAG_INPUT_TYPE: [1, 'in_data_type selects the information.'],
  },
);

/** The generic capabilities of a device's IOMMU, the same for every hardware type. Source: `linux/iommufd.h`. */
export const iommufd_hw_capabilities = flagSet(
  'iommufd_hw_capabilities',
  'Generic capabilities of the IOMMU of a device.',
  {
    IOMMU_HW_CAP_DIRTY_TRACKING: [1, 'It tracks dirty pages.'],
    IOMMU_HW_CAP_PCI_PASID_EXEC: [2, "The device's PASIDs support execute requests."],
    IOMMU_HW_CAP_PCI_PASID_PRIV: [4, "The device's PASIDs support privileged requests."],
    IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED: [8, 'ATS cannot be used with this device.'],
  },
);

/** The argument of {@link IOMMU_GET_HW_INFO}. Source: `linux/iommufd.h`. */
export const iommu_hw_info = struct(
  'iommu_hw_info',
  'Returns the type and the capabilities of the IOMMU behind a device.',
  {
    size: structSize.in('sizeof(struct iommu_hw_info).'),
    flags: flags(iommufd_hw_info_flags).in('Whether in_data_type selects the information.'),
    dev_id: objectId('device').in('The device.'),
    data_len: u32.inout(
      'Length of the buffer in bytes; on return, the length of the information. The rest of a longer buffer is filled with zeros.',
    ),
    data_uptr: userPointer({
      length: 'data_len',
      by: 'out_data_type',
      out: true,
      cases: {
        [iommu_hw_info_type.IOMMU_HW_INFO_TYPE_INTEL_VTD]: iommu_hw_info_vtd,
        [iommu_hw_info_type.IOMMU_HW_INFO_TYPE_ARM_SMMUV3]: iommu_hw_info_arm_smmuv3,
        [iommu_hw_info_type.IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV]: iommu_hw_info_tegra241_cmdqv,
        [iommu_hw_info_type.IOMMU_HW_INFO_TYPE_AMD]: iommu_hw_info_amd,
        [iommu_hw_info_type.IOMMU_HW_INFO_TYPE_SELFTEST]: iommu_test_hw_info,
      },
    }).in('The buffer for the information; may be NULL if data_len is 0.'),
    '': union({
      in_data_type: enumOf(iommu_hw_info_type),
      out_data_type: enumOf(iommu_hw_info_type),
    }).inout(
      'The type of the information: the requested one with IOMMU_HW_INFO_FLAG_INPUT_TYPE; on return, the actual one.',
    ),
    out_max_pasid_log2: u8.out('Width of a PASID of the device in bits; 0 without PASIDs.'),
    __reserved: reserved(array(u8, 3)),
  },
  {
    added: {
      out_capabilities: flags64(iommufd_hw_capabilities).out('Generic capabilities of the IOMMU.'),
    },
    code: code.iommu_hw_info,
  },
);

/** Returns the type and the capabilities of the IOMMU behind a device. */
export const IOMMU_GET_HW_INFO = iommufdIoctl(
  'IOMMU_GET_HW_INFO',
  iommufd_cmd.IOMMUFD_CMD_GET_HW_INFO,
  iommu_hw_info,
  'Returns the type and the capabilities of the IOMMU behind a device.',
  {
    EOPNOTSUPP:
      'A flag is unknown, a reserved field is not zero, or the driver has no information of type in_data_type.',
  },
);
