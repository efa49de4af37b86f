// Written by `pnpm compile` from device-dma-logging.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Starts logging of the pages that a device writes to (SET). It cannot be started again before it is stopped. */
export interface VfioDeviceFeatureDmaLoggingControl {
  /** (inout) The requested page size, in bytes; on return, the page size of the log. */
  page_size: bigint;
  /** Number of ranges. As many as fit into a page are always supported. */
  num_ranges: number;
  /** Must be zero. */
  __reserved: number;
  /** The ranges to log. */
  ranges: bigint;
}

export const vfio_device_feature_dma_logging_control: Named<VfioDeviceFeatureDmaLoggingControl> = undefined;

/** A range of IOVAs in which a device logs its writes. */
export interface VfioDeviceFeatureDmaLoggingRange {
  /** Start of the range. */
  iova: bigint;
  /** Its length in bytes. */
  length: bigint;
}

export const vfio_device_feature_dma_logging_range: Named<VfioDeviceFeatureDmaLoggingRange> = undefined;

/** Reads and clears the log of a range (GET). After an error, the caller must treat all pages as dirty. */
export interface VfioDeviceFeatureDmaLoggingReport {
  /** Start of the range; the first bit of the bitmap is the page there. */
  iova: bigint;
  /** Its length in bytes. */
  length: bigint;
  /** Number of bytes per bit, a power of two. It need not be the page size of the log. */
  page_size: bigint;
  /** The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. The kernel sets bits and never clears any. */
  bitmap: bigint;
}

export const vfio_device_feature_dma_logging_report: Named<VfioDeviceFeatureDmaLoggingReport> = undefined;
