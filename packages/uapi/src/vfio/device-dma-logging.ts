import { address, u32, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './device-dma-logging.generated.js';

/** One of the ranges of {@link vfio_device_feature_dma_logging_control}. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_logging_range = struct(
  'vfio_device_feature_dma_logging_range',
  'A range of IOVAs in which a device logs its writes.',
  {
    iova: address.in('Start of the range.'),
    length: u64.in('Its length in bytes.'),
  },
  { code: code.vfio_device_feature_dma_logging_range },
);

/** Data of VFIO_DEVICE_FEATURE_DMA_LOGGING_START. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_logging_control = struct(
  'vfio_device_feature_dma_logging_control',
  'Starts logging of the pages that a device writes to (SET). It cannot be started again before it is stopped.',
  {
    page_size: u64.inout('The requested page size, in bytes; on return, the page size of the log.'),
    num_ranges: u32.in('Number of ranges. As many as fit into a page are always supported.'),
    __reserved: reserved(u32),
    ranges: userPointer({ count: 'num_ranges', type: vfio_device_feature_dma_logging_range }).in(
      'The ranges to log.',
    ),
  },
  { code: code.vfio_device_feature_dma_logging_control },
);

/** Data of VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_logging_report = struct(
  'vfio_device_feature_dma_logging_report',
  'Reads and clears the log of a range (GET). After an error, the caller must treat all pages as dirty.',
  {
    iova: address.in('Start of the range; the first bit of the bitmap is the page there.'),
    length: u64.in('Its length in bytes.'),
    page_size: u64.in('Number of bytes per bit, a power of two. It need not be the page size of the log.'),
    bitmap: userPointer({ bitmap: { of: 'length', page: 'page_size', word: 8 }, out: true }).in(
      'The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. The kernel sets bits and never clears any.',
    ),
  },
  { code: code.vfio_device_feature_dma_logging_report },
);
