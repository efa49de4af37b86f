// Written by `pnpm compile` from hw-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Asks what the IOMMU behind a device is and can do. */
export interface IommuHwInfo {
  /** sizeof(struct iommu_hw_info). */
  size: number;
  /** Whether in_data_type counts. Flags of iommufd_hw_info_flags. */
  flags: number;
  /** The device. Id of device. */
  dev_id: number;
  /** (inout) Length of the buffer in bytes; on return, how much the kernel has to tell. A longer buffer is filled up with zeros. */
  data_len: number;
  /** Where the kernel writes it; may be NULL with a data_len of 0. */
  data_uptr: bigint;
  /** (inout) The kind of information: wanted with IOMMU_HW_INFO_FLAG_INPUT_TYPE, and on return what it is. One of iommu_hw_info_type. */
  in_data_type: number;
  /** (inout) The kind of information: wanted with IOMMU_HW_INFO_FLAG_INPUT_TYPE, and on return what it is. One of iommu_hw_info_type. */
  out_data_type: number;
  /** (out) Bits that a PASID of the device has; 0 without PASIDs. */
  out_max_pasid_log2: number;
  /** Must be zero. */
  __reserved: readonly [number, number, number];
  /** (out) What the IOMMU can do, whatever its make. Flags of iommufd_hw_capabilities. */
  out_capabilities?: bigint;
}

export const iommu_hw_info: Named<IommuHwInfo> = undefined;
