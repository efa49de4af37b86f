// Written by `pnpm compile` from hw-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Returns the type and the capabilities of the IOMMU behind a device. */
export interface IommuHwInfo {
  /** sizeof(struct iommu_hw_info). */
  size: number;
  /** Whether in_data_type selects the information. Flags of iommufd_hw_info_flags. */
  flags: number;
  /** The device. Id of device. */
  dev_id: number;
  /** (inout) Length of the buffer in bytes; on return, the length of the information. The rest of a longer buffer is filled with zeros. */
  data_len: number;
  /** The buffer for the information; may be NULL if data_len is 0. */
  data_uptr: bigint;
  /** (inout) The type of the information: the requested one with IOMMU_HW_INFO_FLAG_INPUT_TYPE; on return, the actual one. One of iommu_hw_info_type. */
  in_data_type: number;
  /** (inout) The type of the information: the requested one with IOMMU_HW_INFO_FLAG_INPUT_TYPE; on return, the actual one. One of iommu_hw_info_type. */
  out_data_type: number;
  /** (out) Width of a PASID of the device in bits; 0 without PASIDs. */
  out_max_pasid_log2: number;
  /** Must be zero. */
  __reserved: readonly [number, number, number];
  /** (out) Generic capabilities of the IOMMU. Flags of iommufd_hw_capabilities. */
  out_capabilities?: bigint;
}

export const iommu_hw_info: Named<IommuHwInfo> = undefined;
