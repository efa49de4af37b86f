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

/** How a page table is allocated that the guest fills. */
export interface NestedHwptOptions extends PageTableOptions {
  /** What translates behind it: a nest parent, or a virtual IOMMU, which has one. */
  readonly on: Hwpt | Viommu;
  /** Where the guest's page table is, in the IOMMU's own terms. */
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

/** A hardware page table that the guest fills, and that translates to what a nest parent translates. */
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
    /** What it stands on. */
    readonly on: Hwpt | Viommu,
    { faultQueue, pasid = false }: PageTableOptions,
  ) {
    super(context, id, faultQueue === undefined ? [on] : [on, faultQueue]);
    this.isForPasid = pasid;
    this.hasFaultQueue = faultQueue !== undefined;
  }

  /** The virtual IOMMU that it stands on, if it does. @internal */
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
   * Drops what hardware has cached of the page table: IOMMU_HWPT_INVALIDATE. On an Arm SMMUv3 invalidations go to
   * the virtual IOMMU instead: {@link Viommu.invalidate}.
   * @param invalidations the format, and the entries in order. For no entries nothing is done.
   * @throws InvalidationError if an entry fails: it says which one, and how many were handled before it
   * @throws IommufdError EBADF if this is closed
   * @throws TypeError | RangeError if an entry does not fit its struct
   */
  invalidate(invalidations: HwptInvalidations): void {
    const context = calls.invalidate.check(this, invalidations);
    invalidate('NestedHwpt.invalidate', context, this.id, invalidationFormats, invalidations);
  }
}
