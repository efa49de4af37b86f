import { address, u32, u64, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './device-dma-logging.generated.js';

/** One of the ranges of {@link vfio_device_feature_dma_logging_control}. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_logging_range = struct(
  'vfio_device_feature_dma_logging_range',
  'A range of IOVAs in which a device is to log its writes.',
  {
    iova: address.in('Where it starts.'),
    length: u64.in('Its length in bytes.'),
  },
  { code: code.vfio_device_feature_dma_logging_range },
);

/** Data of VFIO_DEVICE_FEATURE_DMA_LOGGING_START. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_logging_control = struct(
  'vfio_device_feature_dma_logging_control',
  'Has a device log which pages it writes to (SET). It may be started once until it is stopped.',
  {
    page_size: u64.inout(
      'The page size that is wished for, in bytes; on return, the one that the device logs by.',
    ),
    num_ranges: u32.in('How many ranges there are; as many as fit into a page always work.'),
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
  'Reads and clears what a device has logged of a range (GET). After an error, everything must be taken for dirty.',
  {
    iova: address.in('Where the range starts: the first bit of the bitmap.'),
    length: u64.in('Its length in bytes.'),
    page_size: u64.in(
      'How many bytes a bit stands for, a power of two; not bound to the one that logging was started with.',
    ),
    bitmap: userPointer({ bitmap: { of: 'length', page: 'page_size', word: 8 }, out: true }).in(
      'The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. Bits are set, never cleared.',
    ),
  },
  { code: code.vfio_device_feature_dma_logging_report },
);
