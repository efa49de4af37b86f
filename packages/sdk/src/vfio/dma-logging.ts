/**
 * Logging of a device's writes to memory, by the device itself: {@link VfioDevice.startDmaLogging}. For dirty tracking by the IOMMU see
 * {@link Hwpt.dirtyBitmap}.
 */
import {
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_range,
  vfio_device_feature_dma_logging_report,
  vfio_device_feature_index,
} from '@iommufd/uapi';
import { decode, encode, encodeArray } from '@iommufd/uapi/struct';
import { Call, type Owner } from '../calls/arguments/call.js';
import { arrayOf, optional, record, u64 } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { loggingCause } from '../calls/causes/dma-logging.js';
import type { Context, Owned } from '../calls/context.js';
import { closed } from '../objects/object.js';
import {
  type BitmapMemory,
  type DirtyRange,
  type DirtyRangeOptions,
  PageBitmap,
} from '../objects/page-bitmap.js';
import type { VfioDevice } from '../objects/vfio-device.js';
import { getFeature, setFeature } from './feature.js';

const {
  VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
  VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
  VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP,
} = vfio_device_feature_index;

/** Options of {@link VfioDevice.startDmaLogging}. */
export interface DmaLoggingOptions {
  /** The IOVA ranges to log, which must not overlap. The kernel accepts at least as many as fit into a page. */
  readonly ranges: readonly DirtyRange[];
  /** The preferred page size in bytes; 4096 by default. The device may use another. */
  readonly pageSize?: bigint;
}

const range = record<DirtyRange>({ iova: u64, length: u64 });
/** {@link DmaLoggingOptions} */
export const dmaLoggingOptions = record<DmaLoggingOptions>({
  ranges: arrayOf('an array of ranges', range),
  pageSize: optional(u64),
});

const calls = {
  bitmap: new Call('DmaLogging.bitmap', {
    options: record<DirtyRangeOptions>({ iova: u64, length: u64, pageSize: optional(u64) }),
  }),
  read: new Call('DmaLogBitmap.read'),
};

const DEFAULT_PAGE_SIZE = 4096n;

/** A log of a device's writes, which is active until it is closed. */
export class DmaLogging implements Disposable, Owned, Owner {
  private isOn = true;

  private constructor(
    private readonly context: Context,
    /** The device. */
    readonly device: VfioDevice,
    /** The page size of the log, in bytes. */
    readonly pageSize: bigint,
  ) {
    context.own(this);
  }

  /** VFIO_DEVICE_FEATURE_DMA_LOGGING_START @internal */
  static start(context: Context, device: VfioDevice, options: DmaLoggingOptions): DmaLogging {
    const { ranges, pageSize = DEFAULT_PAGE_SIZE } = options;
    const list = encodeArray(
      vfio_device_feature_dma_logging_range,
      ranges.map(({ iova, length }) => ({ iova, length })),
    );
    const data = context.with(list, (address) =>
      setFeature(
        device,
        VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
        encode(vfio_device_feature_dma_logging_control, {
          page_size: pageSize,
          num_ranges: ranges.length,
          ranges: address,
        }),
        loggingCause(device, ranges, pageSize),
      ),
    );
    const { page_size } = decode(vfio_device_feature_dma_logging_control, data, { lenient: true });
    return new DmaLogging(context, device, page_size);
  }

  /**
   * Allocates a bitmap for a part of the logged ranges.
   * @throws RangeError if the range is empty, or not aligned to its page size
   */
  bitmap(options: DirtyRangeOptions): DmaLogBitmap {
    return DmaLogBitmap.alloc(calls.bitmap.check(this, options), this, options);
  }

  /** True if it was stopped, by {@link close} or with the device. */
  get isClosed(): boolean {
    return !this.isOn || this.device.isClosed;
  }

  /** Stops logging: VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP. Closing twice does nothing. */
  close(): void {
    if (!this.isOn) return;
    if (!this.device.isClosed) setFeature(this.device, VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP);
    this.abandon();
    this.context.disown(this);
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  abandon(): void {
    this.isOn = false;
  }

  /** @internal */
  openFor(where: Where): Context {
    if (this.isOn && !this.device.isClosed) return this.context;
    throw closed(`the log of ${this.device.describe()}`, where);
  }
}

/** The pages that a device has logged. {@link read} adds pages, {@link take} removes them one range at a time. */
export class DmaLogBitmap extends PageBitmap implements Owner {
  private constructor(
    /** The log. */
    readonly logging: DmaLogging,
    place: BitmapMemory,
  ) {
    super(place);
  }

  /** @internal */
  static alloc(context: Context, logging: DmaLogging, options: DirtyRangeOptions): DmaLogBitmap {
    const make = (place: BitmapMemory): DmaLogBitmap => new DmaLogBitmap(logging, place);
    return PageBitmap.withMemory(context, 'DmaLogging.bitmap', options, make);
  }

  /**
   * Adds the pages that the device has written since the last read, and clears its log of the range:
   * VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT. After a failure all pages must be assumed to be dirty.
   * @throws IommufdError EBADF if the log was stopped
   */
  read(): void {
    calls.read.check(this);
    const { iova, length, pageSize, logging, memory } = this;
    const report = { iova, length, page_size: pageSize, bitmap: memory.use() };
    getFeature(
      logging.device,
      VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
      encode(vfio_device_feature_dma_logging_report, report),
    );
  }

  /** @internal */
  openFor(where: Where): Context {
    return this.logging.openFor(where);
  }
}
