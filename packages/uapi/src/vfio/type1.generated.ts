// Written by `pnpm compile` from type1.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A bitmap of dirty pages in the caller's memory. */
export interface VfioBitmap {
  /** Number of bytes per bit. */
  pgsize: bigint;
  /** Length of the bitmap in bytes; whole 64-bit words. */
  size: bigint;
  /** The bitmap, which the caller must clear: bit n of its 64-bit words is the page at the start of the range plus n * pgsize. */
  data: bigint;
}

export const vfio_bitmap: Named<VfioBitmap> = undefined;

/** Starts, stops or reads the tracking of dirty pages. */
export interface VfioIommuType1DirtyBitmap {
  /** Bytes allocated, including data but not the bitmap that it points at; at least 8. */
  argsz: number;
  /** The operation. Flags of vfio_iommu_type1_dirty_bitmap_flags. */
  flags: number;
  /** With VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP a vfio_iommu_type1_dirty_bitmap_get, otherwise nothing. */
  data: Uint8Array;
}

export const vfio_iommu_type1_dirty_bitmap: Named<VfioIommuType1DirtyBitmap> = undefined;

/** Reports the dirty pages of a range. */
export interface VfioIommuType1DirtyBitmapGet {
  /** Start of the range; the first bit of the bitmap is the page there. */
  iova: bigint;
  /** Its length in bytes. */
  size: bigint;
  /** The bitmap. pgsize is the smallest page size of the IOMMU. */
  bitmap: VfioBitmap;
}

export const vfio_iommu_type1_dirty_bitmap_get: Named<VfioIommuType1DirtyBitmapGet> = undefined;

/** Maps part of the caller's memory at an IOVA. */
export interface VfioIommuType1DmaMap {
  /** Bytes allocated; at least 32. */
  argsz: number;
  /** Permissions, at least one; none with VADDR. Flags of vfio_iommu_type1_dma_map_flags. */
  flags: number;
  /** Start of the memory, page aligned. */
  vaddr: bigint;
  /** Start of the mapping, page aligned. */
  iova: bigint;
  /** Its length in bytes, whole pages. */
  size: bigint;
}

export const vfio_iommu_type1_dma_map: Named<VfioIommuType1DmaMap> = undefined;

/** Unmaps a range of IOVAs. */
export interface VfioIommuType1DmaUnmap {
  /** Bytes allocated, data included; at least 24. */
  argsz: number;
  /** Options. Flags of vfio_iommu_type1_dma_unmap_flags. */
  flags: number;
  /** Start of the range. */
  iova: bigint;
  /** (inout) Its length in bytes; on return, the number of unmapped bytes. */
  size: bigint;
  /** With VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP a vfio_bitmap, otherwise nothing. */
  data: Uint8Array;
}

export const vfio_iommu_type1_dma_unmap: Named<VfioIommuType1DmaUnmap> = undefined;
