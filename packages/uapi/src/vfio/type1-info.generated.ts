// Written by `pnpm compile` from type1-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { VfioInfoCapHeader } from '../vfio/info-cap.generated.js';

/** Describes a type-1 IOMMU. Capabilities follow the struct if argsz has room for them. */
export interface VfioIommuType1Info {
  /** (inout) Bytes allocated, at least 16; on return, the size of struct and capabilities. */
  argsz: number;
  /** (out) The valid fields. Flags of vfio_iommu_type1_info_flags. */
  flags: number;
  /** (out) Page sizes: bit n set means that pages of 2^n bytes can be mapped. */
  iova_pgsizes: bigint;
  /** (out) Offset of the first capability, in bytes from the start of the struct; 0 if none is present. */
  cap_offset?: number;
  /** Must be zero. */
  pad?: number;
}

export const vfio_iommu_type1_info: Named<VfioIommuType1Info> = undefined;

/** The IOVAs that can be mapped, because no device of the container reserves them. */
export interface VfioIommuType1InfoCapIovaRange {
  /** (out) The id is VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) Number of ranges that follow. */
  nr_iovas: number;
  /** Must be zero. */
  reserved: number;
  /** (out) The ranges, in ascending order. */
  iova_ranges: VfioIovaRange[];
}

export const vfio_iommu_type1_info_cap_iova_range: Named<VfioIommuType1InfoCapIovaRange> = undefined;

/** Capabilities of the tracking of dirty pages. */
export interface VfioIommuType1InfoCapMigration {
  /** (out) The id is VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) No flags are defined: 0. */
  flags: number;
  /** (out) Page sizes: bit n set means that pages of 2^n bytes can be tracked. */
  pgsize_bitmap: bigint;
  /** (out) Maximum size of a bitmap, in bytes. */
  max_dirty_bitmap_size: bigint;
}

export const vfio_iommu_type1_info_cap_migration: Named<VfioIommuType1InfoCapMigration> = undefined;

/** The number of mappings that can still be made. */
export interface VfioIommuType1InfoDmaAvail {
  /** (out) The id is VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) The number of mappings that can still be made; 2^32-1 on an iommufd, which has no limit. */
  avail: number;
}

export const vfio_iommu_type1_info_dma_avail: Named<VfioIommuType1InfoDmaAvail> = undefined;

/** A range of IOVAs, both ends included. */
export interface VfioIovaRange {
  /** (out) The first address. */
  start: bigint;
  /** (out) The last address. */
  end: bigint;
}

export const vfio_iova_range: Named<VfioIovaRange> = undefined;
