/**
 * Bound devices: attaching them and their PASIDs, and allocating page tables and virtual IOMMUs for them. `VfioDevice` and
 * `SelftestDevice` implement the ioctls behind attach and detach. The attachments are recorded here, so that EBUSY errors
 * can name the users of a page table.
 */
import { Call } from '../calls/arguments/call.js';
import { integer, optional, record } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { Attachment, type PageTable } from './attachment.js';
import type { FailureDetails } from '../calls/calls.js';
import { attachCause } from '../calls/causes/attach.js';
import type { Context } from '../calls/context.js';
import { hwInfo, type HwInfo, type HwInfoType, hwInfoType } from './hw-info.js';
import { Hwpt, type HwptOptions, hwptOptions } from './hwpt.js';
import { Ioas } from './ioas.js';
import { NestedHwpt, type NestedHwptOptions, nestedHwptOptions } from './nested-hwpt.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';
import { Viommu, type ViommuOptions, viommuOptions, type ViommuType } from './viommu.js';

/** Selects the device itself or a PASID. */
export interface AttachOptions {
  /** A PASID, 1 to 2^20-1; the device itself by default. */
  readonly pasid?: number | undefined;
}

/** PASIDs have 20 bits; 0 is IOMMU_NO_PASID. */
const LARGEST_PASID = 0xf_ffff;

/** The target of an attachment, as an argument. */
export const pageTable = objectOf(
  'an Ioas, a Hwpt or a NestedHwpt',
  'Iommufd.allocIoas()',
  (value): value is PageTable =>
    value instanceof Ioas || value instanceof Hwpt || value instanceof NestedHwpt,
);

const attachOptions = optional(record<AttachOptions>({ pasid: optional(integer(1, LARGEST_PASID)) }));

/** Options of {@link Device.hwInfo}. */
interface HwInfoOptions {
  readonly type?: HwInfoType;
}

const calls = {
  attach: new Call('Device.attach', { to: pageTable, options: attachOptions }),
  detach: new Call('Device.detach', { options: attachOptions }),
  attachment: new Call('Device.attachment', { options: attachOptions }),
  allocHwpt: new Call('Device.allocHwpt', { options: hwptOptions }),
  allocNestedHwpt: new Call('Device.allocNestedHwpt', { options: nestedHwptOptions }),
  allocViommu: new Call('Device.allocViommu', { options: viommuOptions }),
  hwInfo: new Call('Device.hwInfo', {
    options: optional(record<HwInfoOptions>({ type: optional(hwInfoType) })),
  }),
};

/** A device bound to a `/dev/iommu`. Once closed, every method throws {@link IommufdError} EBADF. */
export abstract class Device extends IommufdObject {
  readonly kind = 'device';
  /** The attachments of the device (key undefined) and its PASIDs. */
  private readonly attachments = new Map<number | undefined, Attachment>();
  private vdevice: Vdevice | undefined;

  /** @internal */
  constructor(context: Context, id: number) {
    super(context, id, []);
    context.devices.set(id, this);
  }

  /**
   * Attaches the device, or moves it atomically if it is attached: VFIO_DEVICE_ATTACH_IOMMUFD_PT, for a selftest device
   * IOMMU_TEST_CMD. For an IOAS, the kernel uses a compatible page table that it has allocated for the IOAS, or allocates one.
   *
   * If a page table is declared with `using`, declare the attachment after it with `using` too: closing a page table while a
   * device is attached fails with EBUSY.
   * @param to an IOAS, or a page table that was allocated for a device of the same IOMMU
   * @param options selects the device itself or a PASID
   * @param options.pasid a PASID, 1 to 2^20-1; the device itself by default. A PASID requires a page table that was
   *   allocated with `pasid`; while it is attached, the device itself must be on such a page table too
   * @returns the attachment, which ends when the device is detached or moved, or with a `using` block
   * @throws IommufdError EINVAL if its IOMMU cannot use the page table, or the PASID is unsupported or out of range;
   *   EADDRINUSE if the IOAS maps a range that the device reserves or its IOMMU cannot map; EBADF if it or `to` is
   *   closed. On failure the old attachment stays.
   */
  attach(to: PageTable, options?: { readonly pasid?: undefined }): Attachment;
  attach(to: Exclude<PageTable, Ioas>, options: AttachOptions): Attachment;
  attach(to: PageTable, options: AttachOptions = {}): Attachment {
    calls.attach.check(this, to, options);
    const { pasid } = options;
    const cause = attachCause(this, to, pasid);
    return this.noteAttached(to, pasid, this.attachTo(to.id, pasid, { cause }));
  }

  /**
   * Detaches the device: VFIO_DEVICE_DETACH_IOMMUFD_PT, for a selftest device IOMMU_TEST_CMD. Its DMA is then blocked, and
   * the kernel answers pending page faults as `invalid`. Does nothing if it is not attached.
   * @param options selects the device itself or a PASID
   * @param options.pasid a PASID, 1 to 2^20-1; the device itself by default
   * @throws IommufdError EOPNOTSUPP if its driver does not support PASIDs; EBADF if it is closed
   */
  detach(options: AttachOptions = {}): void {
    const pasid = this.detachedPart(options);
    this.detachFrom(pasid);
    this.noteDetached(pasid);
  }

  /**
   * The current attachment of the device or a PASID. Makes no system call.
   * @param options selects the device itself or a PASID
   * @param options.pasid a PASID, 1 to 2^20-1; the device itself by default
   * @returns undefined if it is not attached
   */
  attachment(options: AttachOptions = {}): Attachment | undefined {
    // A closed device has no attachments, which is not an error.
    calls.attachment.checkArguments([options]);
    return this.attachments.get(options.pasid);
  }

  /**
   * Allocates a paging HWPT, which the kernel fills: IOMMU_HWPT_ALLOC. The device is not attached to it yet.
   * @throws IommufdError EOPNOTSUPP if its IOMMU does not support an option; EADDRINUSE if the IOAS maps a range that the
   *   IOMMU cannot map; EBADF if the device, the IOAS or the fault queue is closed
   */
  allocHwpt(options: HwptOptions): Hwpt {
    return Hwpt.alloc(calls.allocHwpt.check(this, options), this, options);
  }

  /**
   * Allocates a nested HWPT, which the guest fills: IOMMU_HWPT_ALLOC. The device is not attached to it yet.
   *
   * On an Arm SMMUv3, `data` is a stream table entry. An invalid entry (V = 0) aborts, and its other fields are ignored.
   * Attaching an entry that translates requires a vDEVICE of the device (ENOENT); entries that abort or bypass do not. MSI
   * writes of the device go through the guest's stage 1 as well: if it does not map the doorbell, there is a fault in the
   * vEVENTQ and no interrupt.
   * @throws IommufdError EOPNOTSUPP if its IOMMU does not support the format; EINVAL if `on` is not a nest parent or belongs
   *   to another IOMMU; EIO if a stream table entry has fields that a guest may not set; EBADF if one of the objects is
   *   closed
   * @throws TypeError | RangeError if a field of `data` is invalid, or its type is unknown
   */
  allocNestedHwpt(options: NestedHwptOptions): NestedHwpt {
    return NestedHwpt.alloc(calls.allocNestedHwpt.check(this, options), this, options);
  }

  /**
   * Allocates a virtual IOMMU on its IOMMU: IOMMU_VIOMMU_ALLOC.
   * @throws IommufdError EOPNOTSUPP if its IOMMU does not support the type; EINVAL if `parent` is not a nest parent;
   *   EBADF if one of the objects is closed
   */
  allocViommu<T extends ViommuType>(options: ViommuOptions<T>): Viommu<T> {
    return Viommu.alloc(calls.allocViommu.check(this, options), this, options);
  }

  /**
   * Queries the type and capabilities of its IOMMU: IOMMU_GET_HW_INFO.
   * @param options selects the information
   * @param options.type the type of information, if the driver supports more than one (IOMMU_HW_INFO_FLAG_INPUT_TYPE)
   * @throws IommufdError EOPNOTSUPP if the driver does not support the type; EBADF if the device is closed
   */
  hwInfo(options: { readonly type?: HwInfoType } = {}): HwInfo {
    return hwInfo(calls.hwInfo.check(this, options), this.id, options.type);
  }

  /** Checks the arguments of {@link detach}. @returns the PASID; undefined for the device itself */
  protected detachedPart(options: AttachOptions): number | undefined {
    calls.detach.check(this, options);
    return options.pasid;
  }

  /** The ioctl behind {@link attach}. @returns the id of the page table */
  protected abstract attachTo(id: number, pasid: number | undefined, details: FailureDetails): number;

  /** The ioctl behind {@link detach}. */
  protected abstract detachFrom(pasid: number | undefined): void;

  /** The attached PASIDs. @internal */
  get pasids(): number[] {
    return [...this.attachments.keys()].filter((pasid) => pasid !== undefined);
  }

  /** The other devices of the same `/dev/iommu`. @internal */
  get others(): Device[] {
    return [...this.context.devices.values()].filter((device) => device !== this);
  }

  /** Its vDEVICE. @internal */
  get virtual(): Vdevice | undefined {
    return this.vdevice;
  }

  /** @internal */
  setVdevice(vdevice: Vdevice | undefined): void {
    this.vdevice = vdevice;
  }

  protected noteAttached(to: PageTable, pasid: number | undefined, pageTableId: number): Attachment {
    this.noteDetached(pasid);
    const attachment = new Attachment(this, to, pasid, pageTableId);
    this.attachments.set(pasid, attachment);
    to.addUser(this);
    return attachment;
  }

  private noteDetached(pasid: number | undefined): void {
    const from = this.attachments.get(pasid)?.to;
    this.attachments.delete(pasid);
    // Another PASID of the device may be attached to the same page table.
    const stays = [...this.attachments.values()].some(({ to }) => to === from);
    if (!stays) from?.removeUser(this);
  }

  /** @internal */
  override abandon(): void {
    super.abandon();
    this.attachments.clear();
  }

  protected override leave(): void {
    super.leave();
    this.context.devices.delete(this.id);
    this.vdevice?.destroyedWithDevice();
    for (const pasid of [...this.attachments.keys()]) this.noteDetached(pasid);
  }
}
