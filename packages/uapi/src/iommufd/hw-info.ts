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

/** Whose capabilities these are. Source: `linux/iommufd.h`. */
export const iommu_hw_info_type = enumeration(
  'iommu_hw_info_type',
  'Kinds of IOMMU that can be asked about.',
  {
    IOMMU_HW_INFO_TYPE_NONE: [0, 'On return: the driver tells nothing.'],
    IOMMU_HW_INFO_TYPE_DEFAULT: [0, 'On input: whatever the driver tells by itself.'],
    IOMMU_HW_INFO_TYPE_INTEL_VTD: [1, 'Intel VT-d: iommu_hw_info_vtd.'],
    IOMMU_HW_INFO_TYPE_ARM_SMMUV3: [2, 'Arm SMMUv3: iommu_hw_info_arm_smmuv3.'],
    IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV: [3, 'NVIDIA Tegra241 CMDQV: iommu_hw_info_tegra241_cmdqv.'],
    IOMMU_HW_INFO_TYPE_AMD: [4, 'AMD: iommu_hw_info_amd.'],
    IOMMU_HW_INFO_TYPE_SELFTEST: [0xfeedbeef, 'The mock driver of the selftests: iommu_test_hw_info.'],
  },
);

/** Source: `linux/iommufd.h`. */
export const iommufd_hw_info_flags = flagSet(
  'iommufd_hw_info_flags',
  'How to ask for hardware information.',
  {
    IOMMU_HW_INFO_FLAG_INPUT_TYPE: [1, 'in_data_type says which information is wanted.'],
  },
);

/** What the IOMMU behind a device can do, whatever its make. Source: `linux/iommufd.h`. */
export const iommufd_hw_capabilities = flagSet(
  'iommufd_hw_capabilities',
  'What the IOMMU of a device can do.',
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
  'Asks what the IOMMU behind a device is and can do.',
  {
    size: structSize.in('sizeof(struct iommu_hw_info).'),
    flags: flags(iommufd_hw_info_flags).in('Whether in_data_type counts.'),
    dev_id: objectId('device').in('The device.'),
    data_len: u32.inout(
      'Length of the buffer in bytes; on return, how much the kernel has to tell. A longer buffer is filled up with zeros.',
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
    }).in('Where the kernel writes it; may be NULL with a data_len of 0.'),
    '': union({
      in_data_type: enumOf(iommu_hw_info_type),
      out_data_type: enumOf(iommu_hw_info_type),
    }).inout('The kind of information: wanted with IOMMU_HW_INFO_FLAG_INPUT_TYPE, and on return what it is.'),
    out_max_pasid_log2: u8.out('Bits that a PASID of the device has; 0 without PASIDs.'),
    __reserved: reserved(array(u8, 3)),
  },
  {
    added: {
      out_capabilities: flags64(iommufd_hw_capabilities).out('What the IOMMU can do, whatever its make.'),
    },
    code: code.iommu_hw_info,
  },
);

/** Asks what the IOMMU behind a device is. */
export const IOMMU_GET_HW_INFO = iommufdIoctl(
  'IOMMU_GET_HW_INFO',
  iommufd_cmd.IOMMUFD_CMD_GET_HW_INFO,
  iommu_hw_info,
  'Asks what the IOMMU behind a device is and can do.',
  {
    EOPNOTSUPP:
      'A flag is not known, a reserved field is not zero, or the driver has no information of in_data_type.',
  },
);
