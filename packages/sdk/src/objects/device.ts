import { Call } from '../calls/arguments/call.js';
import { integer, optional, record } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { Attachment, type PageTable } from './attachment.js';
import type { Insight } from '../calls/calls.js';
import { attachCause } from '../calls/causes/attach.js';
import type { Context } from '../calls/context.js';
import { hwInfo, type HwInfo, type HwInfoType, hwInfoType } from './hw-info.js';
import { Hwpt, type HwptOptions, hwptOptions } from './hwpt.js';
import { Ioas } from './ioas.js';
import { NestedHwpt, type NestedHwptOptions, nestedHwptOptions } from './nested-hwpt.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';
import { Viommu, type ViommuOptions, viommuOptions, type ViommuType } from './viommu.js';

/** What of a device is attached. */
export interface AttachOptions {
  /** A process address space of the device, 1 to 2^20-1, rather than the device itself. */
  readonly pasid?: number | undefined;
}

/** PASIDs have 20 bits, and 0 stands for requests without one (IOMMU_NO_PASID). */
const LARGEST_PASID = 0xf_ffff;

/** What a device is attached to, as an argument. */
export const pageTable = objectOf(
  'an Ioas, a Hwpt or a NestedHwpt',
  'Iommufd.allocIoas()',
  (value): value is PageTable =>
    value instanceof Ioas || value instanceof Hwpt || value instanceof NestedHwpt,
);

const attachOptions = optional(record<AttachOptions>({ pasid: optional(integer(1, LARGEST_PASID)) }));

/** What is asked for of an IOMMU. */
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

/** A device that is bound to a `/dev/iommu`. Of one that is closed every method throws {@link IommufdError} EBADF. */
export abstract class Device extends IommufdObject {
  readonly kind = 'device';
  /** What it, and what its PASIDs, are attached to. */
  private readonly attachments = new Map<number | undefined, Attachment>();
  private vdevice: Vdevice | undefined;

  /** @internal */
  constructor(context: Context, id: number) {
    super(context, id, []);
    context.devices.set(id, this);
  }

  /**
   * Attaches it, or moves it without a gap if it is attached: VFIO_DEVICE_ATTACH_IOMMUFD_PT, for a selftest device
   * IOMMU_TEST_CMD. Attached to an IOAS, it gets a page table that the kernel makes for it, or shares one that is
   * there.
   *
   * Where a page table is declared with `using`, declare the attachment behind it with `using` as well: a page table that
   * is closed while a device is on it is EBUSY.
   * @param to an IO address space, or a page table that was allocated for a device of the same IOMMU
   * @param options what of the device is attached
   * @param options.pasid a process address space, 1 to 2^20-1, rather than the device itself. It takes a page table that was
   *   allocated with `pasid` and nothing else, and as long as it is attached the device itself must be on such a one
   * @returns the attachment, which ends when the device is detached or moved, or with a `using` block
   * @throws IommufdError EINVAL if its IOMMU cannot use the page table, or the PASID is out of range; EADDRINUSE if the
   *   IOAS maps what the device reserves or its IOMMU cannot map; EINVAL without PASIDs; EBADF if it or `to` is
   *   closed. Nothing has changed then: what was attached is attached.
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
   * Detaches it: VFIO_DEVICE_DETACH_IOMMUFD_PT, for a selftest device IOMMU_TEST_CMD. What it accesses from then on is
   * blocked, and the kernel answers page faults that wait as `invalid`. Does nothing if it is not attached.
   * @param options what of the device is detached
   * @param options.pasid a process address space, 1 to 2^20-1, rather than the device itself
   * @throws IommufdError EOPNOTSUPP if its driver has no PASIDs at all; EBADF if it is closed
   */
  detach(options: AttachOptions = {}): void {
    const pasid = this.detachedPart(options);
    this.detachFrom(pasid);
    this.noteDetached(pasid);
  }

  /**
   * What it, or a PASID of it, is attached to. Makes no system call.
   * @param options what of the device is asked about
   * @param options.pasid a process address space, 1 to 2^20-1, rather than the device itself
   * @returns undefined if it is not attached
   */
  attachment(options: AttachOptions = {}): Attachment | undefined {
    // Of one that is closed nothing is attached.
    calls.attachment.checkArguments([options]);
    return this.attachments.get(options.pasid);
  }

  /**
   * Allocates a page table that the kernel fills: IOMMU_HWPT_ALLOC. The device is not attached to it yet.
   * @throws IommufdError EOPNOTSUPP if its IOMMU cannot do what is asked for; EADDRINUSE if the IOAS maps what it
   *   cannot map; EBADF if the device, the IOAS or the queue of faults is closed
   */
  allocHwpt(options: HwptOptions): Hwpt {
    return Hwpt.alloc(calls.allocHwpt.check(this, options), this, options);
  }

  /**
   * Allocates a page table that the guest fills: IOMMU_HWPT_ALLOC. The device is not attached to it yet.
   *
   * On an Arm SMMUv3 it is a stream table entry. Of one that is not valid (V clear) nothing else is looked at, and it
   * aborts as one that says so. To attach one that translates takes a vDEVICE first (ENOENT); aborting and bypassing
   * ones do not. What the device writes to raise an MSI goes through the guest's stage 1 like everything else: where
   * that does not map the doorbell, it is a fault in the vEVENTQ and no interrupt.
   * @throws IommufdError EOPNOTSUPP if its IOMMU has none of this format; EINVAL if what it is to stand on is no nest
   *   parent or belongs to another IOMMU; EIO for a stream table entry that is not legal; EBADF if one of them is
   *   closed
   * @throws TypeError | RangeError if a field of `data` does not fit its struct, or there is no such type
   */
  allocNestedHwpt(options: NestedHwptOptions): NestedHwpt {
    return NestedHwpt.alloc(calls.allocNestedHwpt.check(this, options), this, options);
  }

  /**
   * Allocates a virtual IOMMU on its IOMMU: IOMMU_VIOMMU_ALLOC.
   * @throws IommufdError EOPNOTSUPP if its IOMMU has none of this make; EINVAL if `parent` is no nest parent;
   *   EBADF if one of them is closed
   */
  allocViommu<T extends ViommuType>(options: ViommuOptions<T>): Viommu<T> {
    return Viommu.alloc(calls.allocViommu.check(this, options), this, options);
  }

  /**
   * Asks what its IOMMU is and can do: IOMMU_GET_HW_INFO.
   * @param options what is asked for
   * @param options.type which information, where the driver has more than one kind (IOMMU_HW_INFO_FLAG_INPUT_TYPE)
   * @throws IommufdError EOPNOTSUPP if the driver has no information of the type; EBADF if the device is closed
   */
  hwInfo(options: { readonly type?: HwInfoType } = {}): HwInfo {
    return hwInfo(calls.hwInfo.check(this, options), this.id, options.type);
  }

  /** What {@link detach} is about: a PASID, or the device itself. */
  protected detachedPart(options: AttachOptions): number | undefined {
    calls.detach.check(this, options);
    return options.pasid;
  }

  /** The ioctl behind {@link attach}. @returns the id of the page table */
  protected abstract attachTo(id: number, pasid: number | undefined, insight: Insight): number;

  /** The ioctl behind {@link detach}. */
  protected abstract detachFrom(pasid: number | undefined): void;

  /** The PASIDs that are attached. @internal */
  get pasids(): number[] {
    return [...this.attachments.keys()].filter((pasid) => pasid !== undefined);
  }

  /** The other devices of the same `/dev/iommu`. @internal */
  get others(): Device[] {
    return [...this.context.devices.values()].filter((device) => device !== this);
  }

  /** Its id on a virtual IOMMU. @internal */
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
    // Another PASID of it may be attached there, too.
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
    this.vdevice?.goWithDevice();
    for (const pasid of [...this.attachments.keys()]) this.noteDetached(pasid);
  }
}
