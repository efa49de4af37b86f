// Written by `pnpm compile` from device-dma-buf.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Makes a dma-buf of slices of a region (GET), so that other devices can reach it; the ioctl returns its file descriptor. */
export interface VfioDeviceFeatureDmaBuf {
  /** Which region. */
  region_index: number;
  /** Flags of the new file, as of open(): O_RDWR, O_CLOEXEC. */
  open_flags: number;
  /** No flags are defined: 0. */
  flags: number;
  /** How many slices follow. */
  nr_ranges: number;
  /** The slices, in the order in which the dma-buf has them. */
  dma_ranges: VfioRegionDmaRange[];
}

export const vfio_device_feature_dma_buf: Named<VfioDeviceFeatureDmaBuf> = undefined;

/** A slice of a region. */
export interface VfioRegionDmaRange {
  /** Where in the region it starts, in bytes. */
  offset: bigint;
  /** Its length in bytes. */
  length: bigint;
}

export const vfio_region_dma_range: Named<VfioRegionDmaRange> = undefined;
