import { Attachment, type PageTable } from './attachment.js';
import { type Context } from './context.js';
import { hwInfo, type HwInfo, type HwInfoType } from './hw-info.js';
import { Hwpt, type HwptOptions } from './hwpt.js';
import { NestedHwpt, type NestedHwptOptions } from './nested-hwpt.js';
import { IommufdObject } from './object.js';
import { type Vdevice } from './vdevice.js';
import { Viommu, type ViommuOptions, type ViommuType } from './viommu.js';

/** What of a device is attached. */
export interface AttachOptions {
  /** A process address space of the device, 1 to 2^20-1, rather than the device itself. */
  readonly pasid?: number | undefined;
}

/** A device that is bound to a `/dev/iommu`. */
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
   * Attaches it, or moves it without a gap if it is attached. Attached to an IOAS, it gets a page table that the kernel
   * makes for it, or shares one that is there.
   * @returns the attachment, which ends when the device is detached or moved, or with a `using` block
   * @throws IommufdError EINVAL if its IOMMU cannot use the page table, or the PASID is out of range; EADDRINUSE if the
   *   IOAS maps what the device reserves or its IOMMU cannot map; EOPNOTSUPP without PASIDs
   */
  attach(to: PageTable, { pasid }: AttachOptions = {}): Attachment {
    this.use();
    return this.noteAttached(to, pasid, this.attachTo(to.use(), pasid));
  }

  /**
   * Detaches it: what it accesses from then on is blocked. Does nothing if it is not attached.
   * @throws IommufdError EOPNOTSUPP without PASIDs
   */
  detach({ pasid }: AttachOptions = {}): void {
    this.use();
    this.detachFrom(pasid);
    this.noteDetached(pasid);
  }

  /** What it, or a PASID of it, is attached to. */
  attachment({ pasid }: AttachOptions = {}): Attachment | undefined {
    return this.attachments.get(pasid);
  }

  /**
   * Allocates a page table that the kernel fills: IOMMU_HWPT_ALLOC.
   * @throws IommufdError EOPNOTSUPP if its IOMMU cannot do what is asked for; EADDRINUSE if the IOAS maps what it
   *   cannot map
   */
  allocHwpt(options: HwptOptions): Hwpt {
    return Hwpt.alloc(this.context, this, options);
  }

  /**
   * Allocates a page table that the guest fills: IOMMU_HWPT_ALLOC.
   * @throws IommufdError EOPNOTSUPP if its IOMMU has none of this format; EINVAL if what it is to stand on is no nest
   *   parent or belongs to another IOMMU; EIO for a stream table entry that is not legal
   */
  allocNestedHwpt(options: NestedHwptOptions): NestedHwpt {
    return NestedHwpt.alloc(this.context, this, options);
  }

  /**
   * Allocates a virtual IOMMU on its IOMMU: IOMMU_VIOMMU_ALLOC.
   * @throws IommufdError EOPNOTSUPP if its IOMMU has none of this make; EINVAL if `parent` is no nest parent
   */
  allocViommu<T extends ViommuType>(options: ViommuOptions<T>): Viommu<T> {
    return Viommu.alloc(this.context, this, options);
  }

  /**
   * Asks what its IOMMU is and can do: IOMMU_GET_HW_INFO.
   * @param options.type which information, where the driver has more than one kind (IOMMU_HW_INFO_FLAG_INPUT_TYPE)
   * @throws IommufdError EOPNOTSUPP if the driver has no information of the type
   */
  hwInfo({ type }: { readonly type?: HwInfoType } = {}): HwInfo {
    return hwInfo(this.context, this.use(), type);
  }

  /** The ioctl behind {@link attach}. @returns the id of the page table */
  protected abstract attachTo(id: number, pasid: number | undefined): number;

  /** The ioctl behind {@link detach}. */
  protected abstract detachFrom(pasid: number | undefined): void;

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

  protected override leave(): void {
    super.leave();
    this.context.devices.delete(this.id);
    this.vdevice?.goWithDevice();
    for (const pasid of [...this.attachments.keys()]) this.noteDetached(pasid);
  }
}
