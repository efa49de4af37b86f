/**
 * Hardware page tables that the kernel fills from an IOAS. `Device.allocHwpt()` allocates one. Devices and PASIDs are attached
 * to it; nested page tables and virtual IOMMUs are allocated on it if it is a nest parent. Page tables that a guest fills are
 * in `nested-hwpt.ts`.
 */
import {
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  iommu_hwpt_data_type,
  iommufd_hwpt_alloc_flags,
  iommufd_hwpt_set_dirty_tracking_flags,
} from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { flag, type KindsOf, optional, record, u64 } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import type { Cause } from '../calls/causes/cause.js';
import { dirtyCause, hwptCause } from '../calls/causes/hwpt.js';
import type { Context } from '../calls/context.js';
import type { Device } from './device.js';
import { DirtyBitmap } from './dirty-bitmap.js';
import type { DirtyRangeOptions } from './page-bitmap.js';
import { type FaultQueue, faultQueueKind } from '../queues/fault-queue.js';
import { encodeTagged } from '../calls/formats.js';
import { type HwptData, hwptData, hwptFormats } from './hwpt-data.js';
import { type Ioas, ioasKind } from './ioas.js';
import { IommufdObject } from './object.js';

const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} = iommufd_hwpt_alloc_flags;

/** Options common to all page tables. */
export interface PageTableOptions {
  /** The queue for page faults of attached devices (IOMMU_HWPT_FAULT_ID_VALID). Without it a fault aborts the access. */
  readonly faultQueue?: FaultQueue;
  /** Allows attaching it to PASIDs (IOMMU_HWPT_ALLOC_PASID). */
  readonly pasid?: boolean;
}

/** Options of {@link Device.allocHwpt}. */
export interface HwptOptions extends PageTableOptions {
  /** The IOAS whose mappings it contains. */
  readonly ioas: Ioas;
  /** Allows nested page tables and virtual IOMMUs on it (IOMMU_HWPT_ALLOC_NEST_PARENT). */
  readonly nestParent?: boolean;
  /** Allows dirty tracking (IOMMU_HWPT_ALLOC_DIRTY_TRACKING). */
  readonly dirtyTracking?: boolean;
  /** Driver-specific data; only the mock driver accepts it. */
  readonly data?: HwptData;
}

/** {@link PageTableOptions} */
export const pageTableOptions: KindsOf<PageTableOptions> = {
  faultQueue: optional(faultQueueKind),
  pasid: optional(flag),
};

/** {@link HwptOptions} */
export const hwptOptions = record<HwptOptions>({
  ioas: ioasKind,
  nestParent: optional(flag),
  dirtyTracking: optional(flag),
  ...pageTableOptions,
  data: optional(hwptData),
});

const calls = {
  setDirtyTracking: new Call('Hwpt.setDirtyTracking', { enable: flag }),
  dirtyBitmap: new Call('Hwpt.dirtyBitmap', {
    range: record<DirtyRangeOptions>({ iova: u64, length: u64, pageSize: optional(u64) }),
  }),
};

/** A paging HWPT: a hardware page table that the kernel fills from an {@link Ioas}. */
export class Hwpt extends IommufdObject {
  readonly kind = 'hwpt';

  /** The IOAS whose mappings it contains. */
  readonly ioas: Ioas;
  /** @internal */
  readonly isNestParent: boolean;
  /** @internal */
  readonly tracksDirty: boolean;
  /** @internal */
  readonly isForPasid: boolean;
  /** @internal */
  readonly hasFaultQueue: boolean;

  private constructor(
    context: Context,
    id: number,
    /** @internal */
    readonly madeFor: Device,
    { ioas, faultQueue, nestParent = false, dirtyTracking = false, pasid = false }: HwptOptions,
  ) {
    super(context, id, faultQueue === undefined ? [ioas] : [ioas, faultQueue]);
    this.ioas = ioas;
    this.isNestParent = nestParent;
    this.tracksDirty = dirtyTracking;
    this.isForPasid = pasid;
    this.hasFaultQueue = faultQueue !== undefined;
  }

  /** @internal */
  static alloc(context: Context, device: Device, options: HwptOptions): Hwpt {
    const { ioas, nestParent = false, dirtyTracking = false, data } = options;
    const flags =
      (nestParent ? IOMMU_HWPT_ALLOC_NEST_PARENT : 0) | (dirtyTracking ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0);
    const cause = hwptCause(device, options);
    const id = allocHwpt('Device.allocHwpt', context, device, ioas, flags, options, data, cause);
    return new Hwpt(context, id, device, options);
  }

  /**
   * Enables or disables dirty tracking: IOMMU_HWPT_SET_DIRTY_TRACKING. Enabling it marks all pages clean.
   * @param enable true to enable
   * @throws IommufdError EOPNOTSUPP if it was not allocated with `dirtyTracking`; EBADF if it is closed
   */
  setDirtyTracking(enable: boolean): void {
    calls.setDirtyTracking.check(this, enable);
    const flags = enable ? iommufd_hwpt_set_dirty_tracking_flags.IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0;
    const cause = dirtyCause(this);
    this.context.ioctl(IOMMU_HWPT_SET_DIRTY_TRACKING, { hwpt_id: this.use(), flags }, { cause });
  }

  /**
   * Allocates a bitmap for a range, to be read any number of times with {@link DirtyBitmap.read}.
   * @param range the range, in whole pages of `pageSize` bytes
   * @throws IommufdError ENOMEM
   * @throws RangeError if `pageSize` is not a power of two, or the range is empty or not aligned to it
   */
  dirtyBitmap(range: DirtyRangeOptions): DirtyBitmap {
    calls.dirtyBitmap.check(this, range);
    return DirtyBitmap.alloc(this.context, this, range);
  }
}

/** A paging HWPT, as an argument. */
export const hwptKind = objectOf(
  'a Hwpt',
  'Device.allocHwpt({ ioas, nestParent: true })',
  (value): value is Hwpt => value instanceof Hwpt,
);

/** IOMMU_HWPT_ALLOC. @param call the public method, for errors @param on the IOAS, nest parent or virtual IOMMU @returns the id */
export function allocHwpt(
  call: string,
  context: Context,
  device: Device,
  on: IommufdObject,
  flags: number,
  { faultQueue, pasid = false }: PageTableOptions,
  data: HwptData | undefined,
  cause: Cause,
): number {
  const { value: data_type, bytes } =
    data === undefined
      ? { value: iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE, bytes: new Uint8Array() }
      : encodeTagged(hwptFormats, data, { call, path: 'data' });
  return context.with(bytes, (data_uptr) => {
    const { out_hwpt_id } = context.ioctl(
      IOMMU_HWPT_ALLOC,
      {
        flags:
          flags |
          (faultQueue === undefined ? 0 : IOMMU_HWPT_FAULT_ID_VALID) |
          (pasid ? IOMMU_HWPT_ALLOC_PASID : 0),
        dev_id: device.use(context),
        pt_id: on.use(context),
        data_type,
        data_len: bytes.length,
        data_uptr,
        fault_id: faultQueue?.use(context) ?? 0,
      },
      { cause },
    );
    return out_hwpt_id;
  });
}
