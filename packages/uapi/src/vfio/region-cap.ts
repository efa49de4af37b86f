import { flexible } from '../struct/array.js';
import { enumeration } from '../struct/enumeration.js';
import { u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { vfio_info_cap_header } from './info-cap.js';
import * as code from './region-cap.generated.js';

/** The capabilities that follow `vfio_region_info`, by the id in their header. Source: `linux/vfio.h`. */
export const vfio_region_info_cap = enumeration(
  'vfio_region_info_cap',
  'Ids of the capabilities of a region.',
  {
    VFIO_REGION_INFO_CAP_SPARSE_MMAP: [
      1,
      'The parts of the region that can be mapped: vfio_region_info_cap_sparse_mmap.',
    ],
    VFIO_REGION_INFO_CAP_TYPE: [2, 'The type of the region: vfio_region_info_cap_type.'],
    VFIO_REGION_INFO_CAP_MSIX_MAPPABLE: [
      3,
      'The page of the MSI-X table can be mapped. The capability is only a header.',
    ],
    VFIO_REGION_INFO_CAP_NVLINK2_SSATGT: [4, 'No longer in use: NVLink of POWER servers.'],
    VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD: [5, 'No longer in use: NVLink of POWER servers.'],
  },
);

/** One of the areas of {@link vfio_region_info_cap_sparse_mmap}. Source: `linux/vfio.h`. */
export const vfio_region_sparse_mmap_area = struct(
  'vfio_region_sparse_mmap_area',
  'A part of a region that can be mapped.',
  {
    offset: u64.as({ kind: 'hex' }).out('Offset in the region, in bytes.'),
    size: u64.out('Its length in bytes.'),
  },
  { code: code.vfio_region_sparse_mmap_area },
);

/** The capability VFIO_REGION_INFO_CAP_SPARSE_MMAP. Source: `linux/vfio.h`. */
export const vfio_region_info_cap_sparse_mmap = struct(
  'vfio_region_info_cap_sparse_mmap',
  'The parts of a region that can be mapped.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_REGION_INFO_CAP_SPARSE_MMAP, the version 1.'),
    nr_areas: u32.out('Number of areas that follow.'),
    reserved: reserved(u32),
    areas: flexible(vfio_region_sparse_mmap_area).out('The areas.'),
  },
  { code: code.vfio_region_info_cap_sparse_mmap },
);

/** The capability VFIO_REGION_INFO_CAP_TYPE. Source: `linux/vfio.h`. */
export const vfio_region_info_cap_type = struct(
  'vfio_region_info_cap_type',
  'The type of a region whose index has no fixed meaning.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_REGION_INFO_CAP_TYPE, the version 1.'),
    type: u32
      .as({ kind: 'hex' })
      .out('A vfio_region_type; or a PCI vendor in the low 16 bits, with VFIO_REGION_TYPE_PCI_VENDOR_TYPE.'),
    subtype: u32.out('Subtype of the region. Each type has its own subtypes.'),
  },
  { code: code.vfio_region_info_cap_type },
);

/**
 * The bit of `type` in {@link vfio_region_info_cap_type} that marks the other bits as a PCI vendor. Source:
 * `linux/vfio.h`.
 */
export const VFIO_REGION_TYPE_PCI_VENDOR_TYPE = 0x8000_0000;

/** The bits of `type` in {@link vfio_region_info_cap_type} that hold the PCI vendor. Source: `linux/vfio.h`. */
export const VFIO_REGION_TYPE_PCI_VENDOR_MASK = 0xffff;

/** `type` in {@link vfio_region_info_cap_type} if it is not a vendor's. Source: `linux/vfio.h`. */
export const vfio_region_type = enumeration('vfio_region_type', 'Type of a region.', {
  VFIO_REGION_TYPE_GFX: [1, 'A part of a virtual GPU.'],
  VFIO_REGION_TYPE_CCW: [2, 'A part of an s390 channel I/O device.'],
  VFIO_REGION_TYPE_MIGRATION_DEPRECATED: [3, 'No longer in use: version 1 of the migration protocol.'],
});

/** `subtype` of a region of Intel, vendor 0x8086. Source: `linux/vfio.h`. */
export const vfio_region_subtype_intel = enumeration(
  'vfio_region_subtype_intel',
  'Subtype of a region of an Intel GPU.',
  {
    VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION: [1, 'The OpRegion of the firmware.'],
    VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG: [2, 'Configuration space of the host bridge.'],
    VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG: [3, 'Configuration space of the LPC bridge.'],
  },
);

/** `subtype` of a region of VFIO_REGION_TYPE_GFX. Source: `linux/vfio.h`. */
export const vfio_region_subtype_gfx = enumeration(
  'vfio_region_subtype_gfx',
  'Subtype of a region of a virtual GPU.',
  { VFIO_REGION_SUBTYPE_GFX_EDID: [1, 'The EDID of its monitor: vfio_region_gfx_edid.'] },
);
