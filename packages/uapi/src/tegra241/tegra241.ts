import { array } from '../struct/array.js';
import { u32, u64, u8 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './tegra241.generated.js';

/** Data of IOMMU_GET_HW_INFO for Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export const iommu_hw_info_tegra241_cmdqv = struct(
  'iommu_hw_info_tegra241_cmdqv',
  'The fields for the PARAM register of a CMDQ-V that a virtual machine monitor emulates (IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV).',
  {
    flags: u32.out('No flags are defined: 0.'),
    version: u8.out('Version of the hardware: PARAM[3:0].'),
    log2vcmdqs: u8.out('Base 2 logarithm of the number of virtual command queues: PARAM[7:4].'),
    log2vsids: u8.out('Base 2 logarithm of the number of stream ids that can be replaced: PARAM[15:12].'),
    __reserved: reserved(u8),
  },
  { code: code.iommu_hw_info_tegra241_cmdqv },
);

/** Data of IOMMU_VIOMMU_ALLOC for Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export const iommu_viommu_tegra241_cmdqv = struct(
  'iommu_viommu_tegra241_cmdqv',
  'Location of the page with the registers of the virtual interface, for mmap() (IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV).',
  {
    out_vintf_mmap_offset: u64.as({ kind: 'hex' }).out('Offset to pass to mmap() on the iommufd.'),
    out_vintf_mmap_length: u64.as({ kind: 'hex' }).out('Length of the mapping in bytes.'),
  },
  { code: code.iommu_viommu_tegra241_cmdqv },
);

/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV. Source: `linux/iommufd.h`. */
export const iommu_vevent_tegra241_cmdqv = struct(
  'iommu_vevent_tegra241_cmdqv',
  'The virtual command queues of the interface that are in error.',
  {
    lvcmdq_err_map: array(u64.as({ kind: 'hex' }), 2).out(
      'One bit for each of 128 logical queues, as in the LVCMDQ_ERR_MAP registers.',
    ),
  },
  { code: code.iommu_vevent_tegra241_cmdqv },
);
