/**
 * Logging of a device's writes to memory: VFIO_DEVICE_FEATURE_DMA_LOGGING_*, as in Linux's `vfio_main.c`. The device logs pages
 * of 4 KiB, whatever page size a program requests, and as many ranges as the kernel allows.
 */
import {
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_range,
  vfio_device_feature_dma_logging_report,
} from '@iommufd/uapi';
import { decode, view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { FakePciDevice } from '../hardware/pci/function.js';
import { IovaBitmap } from '../iommufd/iova-bitmap.js';
import { PAGE, PAGE_MASK, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
import { restorable } from '../lib/restorable.js';
import type { UserMemory } from '../process/user-memory.js';

/** `LOG_MAX_RANGES`: the number of ranges that fit into a page. */
const MOST_RANGES = PAGE_SIZE / vfio_device_feature_dma_logging_range.byteLength;

/** A range of IOVAs, both ends included. */
interface Range {
  readonly start: bigint;
  readonly last: bigint;
}

/** Logs the pages of writes that are in one of the ranges. */
const logsTo = restorable(
  'DmaLog.onWrite',
  (dirty: Set<bigint>, ranges: readonly Range[]) => (iova: bigint, length: number) => {
    for (let page = iova & PAGE_MASK; page < iova + BigInt(length); page += PAGE)
      if (ranges.some(({ start, last }) => start < page + PAGE && last >= page)) dirty.add(page);
  },
);

/** The log of a device's writes. */
export class DmaLog {
  /** IOVAs of the written pages; undefined while logging is off. */
  private dirty: Set<bigint> | undefined;

  constructor(private readonly device: FakePciDevice) {}

  /**
   * DMA_LOGGING_START.
   * @throws EINVAL if logging is on, without ranges, or if ranges overlap or are not aligned; E2BIG | EOVERFLOW | EFAULT
   */
  start(memory: UserMemory, data: bigint): void {
    const bytes = memory.read(data, vfio_device_feature_dma_logging_control.byteLength);
    const control = view(vfio_device_feature_dma_logging_control, bytes);
    if (control.num_ranges === 0) throw fail('EINVAL');
    if (control.num_ranges > MOST_RANGES) throw fail('E2BIG');
    const ranges: Range[] = [];
    for (let i = 0; i < control.num_ranges; i++)
      ranges.push(readRange(memory, control.ranges, i, control.page_size, ranges));
    if (this.dirty !== undefined) throw fail('EINVAL');
    const dirty = (this.dirty = new Set<bigint>());
    this.device.onWrite = logsTo(dirty, ranges);
    control.page_size = PAGE;
    try {
      memory.write(data, bytes);
    } catch (cause) {
      this.stop();
      throw cause;
    }
  }

  /** DMA_LOGGING_STOP: does nothing while logging is off. */
  stop(): void {
    this.dirty = undefined;
    this.device.onWrite = undefined;
  }

  /**
   * DMA_LOGGING_REPORT: sets the bits of the written pages, and clears the log of the range.
   * @throws EINVAL | EOVERFLOW | EFAULT
   */
  report(memory: UserMemory, data: bigint): void {
    const { byteLength } = vfio_device_feature_dma_logging_report;
    const report = decode(vfio_device_feature_dma_logging_report, memory.read(data, byteLength));
    const { iova, length, page_size: size, bitmap } = report;
    if (size < PAGE || (size & (size - 1n)) !== 0n) throw fail('EINVAL');
    if (iova + length > ULONG_MAX) throw fail('EOVERFLOW');
    if (this.dirty === undefined) throw fail('EINVAL');
    if (length === 0n) return;
    const bits = new IovaBitmap(memory, iova, length, size, bitmap);
    for (const page of [...this.dirty].sort((a, b) => (a < b ? -1 : 1))) {
      const from = page < iova ? iova : page;
      const end = page + PAGE < iova + length ? page + PAGE : iova + length;
      if (from >= end) continue;
      bits.set(from, end - from);
      this.dirty.delete(page);
    }
  }
}

/** @throws EFAULT | EINVAL | EOVERFLOW */
function readRange(
  memory: UserMemory,
  ranges: bigint,
  index: number,
  pageSize: bigint,
  before: readonly Range[],
): Range {
  const { byteLength } = vfio_device_feature_dma_logging_range;
  const address = BigInt.asUintN(64, ranges + BigInt(index * byteLength));
  const { iova, length } = decode(vfio_device_feature_dma_logging_range, memory.read(address, byteLength));
  // `IS_ALIGNED()`
  const mask = BigInt.asUintN(64, pageSize - 1n);
  if (((iova | length) & mask) !== 0n) throw fail('EINVAL');
  if (iova + length > ULONG_MAX) throw fail('EOVERFLOW');
  const range = { start: iova, last: BigInt.asUintN(64, iova + length - 1n) };
  if (before.some(({ start, last }) => start <= range.last && last >= range.start)) throw fail('EINVAL');
  return range;
}
