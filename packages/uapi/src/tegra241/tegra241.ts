import { array } from '../struct/array.js';
import { u32, u64, u8 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './tegra241.generated.js';

/** What IOMMU_GET_HW_INFO tells of Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export const iommu_hw_info_tegra241_cmdqv = struct(
  'iommu_hw_info_tegra241_cmdqv',
  'What a virtual machine monitor shows in the PARAM register of an emulated CMDQ-V (IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV).',
  {
    flags: u32.out('No flags are defined: 0.'),
    version: u8.out('Version of the hardware: PARAM[3:0].'),
    log2vcmdqs: u8.out('Number of virtual command queues, as a power of two: PARAM[7:4].'),
    log2vsids: u8.out('Number of stream ids that can be replaced, as a power of two: PARAM[15:12].'),
    __reserved: reserved(u8),
  },
  { code: code.iommu_hw_info_tegra241_cmdqv },
);

/** Data of IOMMU_VIOMMU_ALLOC for Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export const iommu_viommu_tegra241_cmdqv = struct(
  'iommu_viommu_tegra241_cmdqv',
  "Where the page of the virtual interface's registers can be mapped (IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV).",
  {
    out_vintf_mmap_offset: u64.as({ kind: 'hex' }).out('Offset to pass to mmap() on the iommufd.'),
    out_vintf_mmap_length: u64.as({ kind: 'hex' }).out('Length of the mapping in bytes.'),
  },
  { code: code.iommu_viommu_tegra241_cmdqv },
);

/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV. Source: `linux/iommufd.h`. */
export const iommu_vevent_tegra241_cmdqv = struct(
  'iommu_vevent_tegra241_cmdqv',
  'Which virtual command queues of the interface are in error.',
  {
    lvcmdq_err_map: array(u64.as({ kind: 'hex' }), 2).out(
      'One bit for each of 128 logical queues, as the LVCMDQ_ERR_MAP registers have them.',
    ),
  },
  { code: code.iommu_vevent_tegra241_cmdqv },
);
