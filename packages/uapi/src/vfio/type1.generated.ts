// Written by `pnpm compile` from type1.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A bitmap of dirty pages in the caller's memory. */
export interface VfioBitmap {
  /** How many bytes a bit stands for. */
  pgsize: bigint;
  /** Length of the bitmap in bytes; whole 64-bit words. */
  size: bigint;
  /** The bitmap, all zero before: bit n of its 64-bit words is the page at the start of the range plus n * pgsize. */
  data: bigint;
}

export const vfio_bitmap: Named<VfioBitmap> = undefined;

/** Starts, stops or reads the tracking of dirty pages. */
export interface VfioIommuType1DirtyBitmap {
  /** Bytes allocated, data included but not the bitmap that it points at; at least 8. */
  argsz: number;
  /** What to do. Flags of vfio_iommu_type1_dirty_bitmap_flags. */
  flags: number;
  /** With VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP a vfio_iommu_type1_dirty_bitmap_get, otherwise nothing. */
  data: Uint8Array;
}

export const vfio_iommu_type1_dirty_bitmap: Named<VfioIommuType1DirtyBitmap> = undefined;

/** Asks which pages of a range are dirty. */
export interface VfioIommuType1DirtyBitmapGet {
  /** Where the range starts: the first bit of the bitmap. */
  iova: bigint;
  /** Its length in bytes. */
  size: bigint;
  /** Where to report them. pgsize is the smallest page size of the IOMMU. */
  bitmap: VfioBitmap;
}

export const vfio_iommu_type1_dirty_bitmap_get: Named<VfioIommuType1DirtyBitmapGet> = undefined;

/** Maps part of the caller's memory at an IOVA. */
export interface VfioIommuType1DmaMap {
  /** Bytes allocated; at least 32. */
  argsz: number;
  /** Permissions, of which there must be one; none with VADDR. Flags of vfio_iommu_type1_dma_map_flags. */
  flags: number;
  /** Where the memory starts, page aligned. */
  vaddr: bigint;
  /** Where it is mapped, page aligned. */
  iova: bigint;
  /** Its length in bytes, whole pages. */
  size: bigint;
}

export const vfio_iommu_type1_dma_map: Named<VfioIommuType1DmaMap> = undefined;

/** Unmaps a range of IOVAs. */
export interface VfioIommuType1DmaUnmap {
  /** Bytes allocated, data included; at least 24. */
  argsz: number;
  /** What to do beside or instead of it. Flags of vfio_iommu_type1_dma_unmap_flags. */
  flags: number;
  /** Where the range starts. */
  iova: bigint;
  /** (inout) Its length in bytes; on return, how many bytes were unmapped. */
  size: bigint;
  /** With VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP a vfio_bitmap, otherwise nothing. */
  data: Uint8Array;
}

export const vfio_iommu_type1_dma_unmap: Named<VfioIommuType1DmaUnmap> = undefined;
