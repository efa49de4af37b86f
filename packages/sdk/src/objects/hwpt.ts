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
import { DirtyBitmap, type DirtyRangeOptions } from './dirty-bitmap.js';
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

/** What every page table can be allocated with. */
export interface PageTableOptions {
  /** Where page faults of devices on it go (IOMMU_HWPT_FAULT_ID_VALID). Without it a fault ends the access. */
  readonly faultQueue?: FaultQueue;
  /** It can be attached to a PASID of a device (IOMMU_HWPT_ALLOC_PASID). */
  readonly pasid?: boolean;
}

/** How a page table is allocated that the kernel fills. */
export interface HwptOptions extends PageTableOptions {
  /** Whose mappings it shows. */
  readonly ioas: Ioas;
  /** Nested page tables and virtual IOMMUs can stand on it (IOMMU_HWPT_ALLOC_NEST_PARENT). */
  readonly nestParent?: boolean;
  /** It can track which pages devices write (IOMMU_HWPT_ALLOC_DIRTY_TRACKING). */
  readonly dirtyTracking?: boolean;
  /** What else the driver is to know; no driver but the mock one takes it. */
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

/** A hardware page table that the kernel fills from an {@link Ioas}. */
export class Hwpt extends IommufdObject {
  readonly kind = 'hwpt';

  /** Whose mappings it shows. */
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
   * Turns the tracking of pages that devices write on or off: IOMMU_HWPT_SET_DIRTY_TRACKING. Turning it on makes
   * every page clean.
   * @param enable on, or off
   * @throws IommufdError EOPNOTSUPP if it was not allocated with `dirtyTracking`; EBADF if it is closed
   */
  setDirtyTracking(enable: boolean): void {
    calls.setDirtyTracking.check(this, enable);
    const flags = enable ? iommufd_hwpt_set_dirty_tracking_flags.IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0;
    const cause = dirtyCause(this);
    this.context.ioctl(IOMMU_HWPT_SET_DIRTY_TRACKING, { hwpt_id: this.use(), flags }, { cause });
  }

  /**
   * Makes room to learn which pages of a range are dirty, as often as is wanted. The kernel is asked by
   * {@link DirtyBitmap.read}.
   * @param range IOVAs and bytes, in whole pages of `pageSize` bytes
   * @throws IommufdError ENOMEM
   * @throws RangeError if `pageSize` is no power of two, or the range not a whole number of such pages
   */
  dirtyBitmap(range: DirtyRangeOptions): DirtyBitmap {
    calls.dirtyBitmap.check(this, range);
    return DirtyBitmap.alloc(this.context, this, range);
  }
}

/** A page table that the kernel fills, as an argument. */
export const hwptKind = objectOf(
  'a Hwpt',
  'Device.allocHwpt({ ioas, nestParent: true })',
  (value): value is Hwpt => value instanceof Hwpt,
);

/** IOMMU_HWPT_ALLOC. @param call which call of the caller's it is for @returns the id */
export function allocHwpt(
  call: string,
  context: Context,
  device: Device,
  standsOn: IommufdObject,
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
        pt_id: standsOn.use(context),
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
