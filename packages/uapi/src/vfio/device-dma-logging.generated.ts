// Written by `pnpm compile` from device-dma-logging.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Has a device log which pages it writes to (SET). It may be started once until it is stopped. */
export interface VfioDeviceFeatureDmaLoggingControl {
  /** (inout) The page size that is wished for, in bytes; on return, the one that the device logs by. */
  page_size: bigint;
  /** How many ranges there are; as many as fit into a page always work. */
  num_ranges: number;
  /** Must be zero. */
  __reserved: number;
  /** The ranges to log. */
  ranges: bigint;
}

export const vfio_device_feature_dma_logging_control: Named<VfioDeviceFeatureDmaLoggingControl> = undefined;

/** A range of IOVAs in which a device is to log its writes. */
export interface VfioDeviceFeatureDmaLoggingRange {
  /** Where it starts. */
  iova: bigint;
  /** Its length in bytes. */
  length: bigint;
}

export const vfio_device_feature_dma_logging_range: Named<VfioDeviceFeatureDmaLoggingRange> = undefined;

/** Reads and clears what a device has logged of a range (GET). After an error, everything must be taken for dirty. */
export interface VfioDeviceFeatureDmaLoggingReport {
  /** Where the range starts: the first bit of the bitmap. */
  iova: bigint;
  /** Its length in bytes. */
  length: bigint;
  /** How many bytes a bit stands for, a power of two; not bound to the one that logging was started with. */
  page_size: bigint;
  /** The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. Bits are set, never cleared. */
  bitmap: bigint;
}

export const vfio_device_feature_dma_logging_report: Named<VfioDeviceFeatureDmaLoggingReport> = undefined;
