import {
  iommu_hwpt_invalidate_data_type,
  iommu_hwpt_invalidate_selftest,
  iommu_hwpt_vtd_s1_invalidate,
} from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { record } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { nestedCause } from '../calls/causes/hwpt.js';
import type { Context } from '../calls/context.js';
import type { Device } from './device.js';
import { Hwpt, allocHwpt, type PageTableOptions, pageTableOptions } from './hwpt.js';
import { type HwptData, hwptData } from './hwpt-data.js';
import { invalidate, type InvalidationsOf, invalidations } from './invalidate.js';
import { IommufdObject } from './object.js';
import type { Viommu } from './viommu.js';

/** Formats of the invalidations of a nested page table. */
export const invalidationFormats = {
  'vtd-s1': [iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, iommu_hwpt_vtd_s1_invalidate],
  selftest: [
    iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
    iommu_hwpt_invalidate_selftest,
  ],
} as const;

/**
 * Invalidations of a nested page table: `vtd-s1` (IOMMU_HWPT_INVALIDATE_DATA_VTD_S1), `selftest`
 * (IOMMU_HWPT_INVALIDATE_DATA_SELFTEST).
 */
export type HwptInvalidations = InvalidationsOf<typeof invalidationFormats>;

/** Options of {@link Device.allocNestedHwpt}. */
export interface NestedHwptOptions extends PageTableOptions {
  /** The nest parent, or a virtual IOMMU on one. */
  readonly on: Hwpt | Viommu;
  /** The guest's page table, in the format of the IOMMU. */
  readonly data: HwptData;
}

/** {@link NestedHwptOptions} */
export const nestedHwptOptions = record<NestedHwptOptions>({
  on: objectOf(
    'a Hwpt or a Viommu',
    'Device.allocViommu()',
    (value): value is Hwpt | Viommu =>
      value instanceof Hwpt || (value instanceof IommufdObject && value.kind === 'viommu'),
  ),
  ...pageTableOptions,
  data: hwptData,
});

const calls = {
  invalidate: new Call('NestedHwpt.invalidate', { invalidations: invalidations(invalidationFormats) }),
};

/** A nested HWPT: a hardware page table that the guest fills, whose output addresses a nest parent translates. */
export class NestedHwpt extends IommufdObject {
  readonly kind = 'hwpt';

  /** @internal */
  readonly isForPasid: boolean;
  /** @internal */
  readonly hasFaultQueue: boolean;

  private constructor(
    context: Context,
    id: number,
    /** @internal */
    readonly madeFor: Device,
    /** The nest parent or virtual IOMMU that it was allocated on. */
    readonly on: Hwpt | Viommu,
    { faultQueue, pasid = false }: PageTableOptions,
  ) {
    super(context, id, faultQueue === undefined ? [on] : [on, faultQueue]);
    this.isForPasid = pasid;
    this.hasFaultQueue = faultQueue !== undefined;
  }

  /** Its virtual IOMMU; undefined if it was allocated on a nest parent. @internal */
  get viommu(): Viommu | undefined {
    return this.on instanceof Hwpt ? undefined : this.on;
  }

  /** The nest parent behind it. @internal */
  get parent(): Hwpt {
    return this.on instanceof Hwpt ? this.on : this.on.parent;
  }

  /** @internal */
  static alloc(context: Context, device: Device, options: NestedHwptOptions): NestedHwpt {
    const { on, data } = options;
    const cause = nestedCause(device, options);
    const id = allocHwpt('Device.allocNestedHwpt', context, device, on, 0, options, data, cause);
    return new NestedHwpt(context, id, device, on, options);
  }

  /**
   * Invalidates cached translations of the page table: IOMMU_HWPT_INVALIDATE. On an Arm SMMUv3, use {@link Viommu.invalidate}
   * instead.
   * @param invalidations the format, and the entries in order. Does nothing if there are no entries.
   * @throws InvalidationError if an entry fails, with its index and the number of entries handled before
   * @throws IommufdError EBADF if this is closed
   * @throws TypeError | RangeError if an entry is invalid
   */
  invalidate(invalidations: HwptInvalidations): void {
    const context = calls.invalidate.check(this, invalidations);
    invalidate('NestedHwpt.invalidate', context, this.id, invalidationFormats, invalidations);
  }
}
