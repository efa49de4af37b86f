// Written by `pnpm compile` from device-dma-buf.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Exports slices of a region as a dma-buf (GET), so that other devices can access them. The ioctl returns its file descriptor. */
export interface VfioDeviceFeatureDmaBuf {
  /** Index of the region. */
  region_index: number;
  /** Flags of the new file, as of open(): O_RDWR, O_CLOEXEC. */
  open_flags: number;
  /** No flags are defined: 0. */
  flags: number;
  /** Number of slices that follow. */
  nr_ranges: number;
  /** The slices, in their order in the dma-buf. */
  dma_ranges: VfioRegionDmaRange[];
}

export const vfio_device_feature_dma_buf: Named<VfioDeviceFeatureDmaBuf> = undefined;

/** A slice of a region. */
export interface VfioRegionDmaRange {
  /** Offset in the region, in bytes. */
  offset: bigint;
  /** Its length in bytes. */
  length: bigint;
}

export const vfio_region_dma_range: Named<VfioRegionDmaRange> = undefined;
