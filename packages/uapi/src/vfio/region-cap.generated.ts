// Written by `pnpm compile` from region-cap.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { VfioInfoCapHeader } from '../vfio/info-cap.generated.js';

/** The parts of a region that can be mapped. */
export interface VfioRegionInfoCapSparseMmap {
  /** (out) The id is VFIO_REGION_INFO_CAP_SPARSE_MMAP, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) Number of areas that follow. */
  nr_areas: number;
  /** Must be zero. */
  reserved: number;
  /** (out) The areas. */
  areas: VfioRegionSparseMmapArea[];
}

export const vfio_region_info_cap_sparse_mmap: Named<VfioRegionInfoCapSparseMmap> = undefined;

/** The type of a region whose index has no fixed meaning. */
export interface VfioRegionInfoCapType {
  /** (out) The id is VFIO_REGION_INFO_CAP_TYPE, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) A vfio_region_type; or a PCI vendor in the low 16 bits, with VFIO_REGION_TYPE_PCI_VENDOR_TYPE. */
  type: number;
  /** (out) Subtype of the region. Each type has its own subtypes. */
  subtype: number;
}

export const vfio_region_info_cap_type: Named<VfioRegionInfoCapType> = undefined;

/** A part of a region that can be mapped. */
export interface VfioRegionSparseMmapArea {
  /** (out) Offset in the region, in bytes. */
  offset: bigint;
  /** (out) Its length in bytes. */
  size: bigint;
}

export const vfio_region_sparse_mmap_area: Named<VfioRegionSparseMmapArea> = undefined;
