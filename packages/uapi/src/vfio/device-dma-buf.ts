import { flexible } from '../struct/array.js';
import { u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-dma-buf.generated.js';

/** One of the slices of {@link vfio_device_feature_dma_buf}. Source: `linux/vfio.h`. */
export const vfio_region_dma_range = struct(
  'vfio_region_dma_range',
  'A slice of a region.',
  {
    offset: u64.as({ kind: 'hex' }).in('Offset in the region, in bytes.'),
    length: u64.in('Its length in bytes.'),
  },
  { code: code.vfio_region_dma_range },
);

/** Data of VFIO_DEVICE_FEATURE_DMA_BUF. Source: `linux/vfio.h`. */
export const vfio_device_feature_dma_buf = struct(
  'vfio_device_feature_dma_buf',
  'Exports slices of a region as a dma-buf (GET), so that other devices can access them. The ioctl returns its file descriptor.',
  {
    region_index: u32.in('Index of the region.'),
    open_flags: u32.as({ kind: 'hex' }).in('Flags of the new file, as of open(): O_RDWR, O_CLOEXEC.'),
    flags: u32.in('No flags are defined: 0.'),
    nr_ranges: u32.in('Number of slices that follow.'),
    dma_ranges: flexible(vfio_region_dma_range).in('The slices, in their order in the dma-buf.'),
  },
  { code: code.vfio_device_feature_dma_buf },
);
