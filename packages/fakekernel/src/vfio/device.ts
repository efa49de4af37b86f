import { fail, invariant } from '../errno.js';
import type { Device } from '../iommu/device.js';
import { NO_PASID } from '../iommu/group.js';
import { attach, detach, replace } from '../iommufd/attach.js';
import type { IommufdContext } from '../iommufd/context.js';
import { IommufdDevice } from '../iommufd/device.js';
import { compatIoas } from '../iommufd/vfio-ioas.js';
import type { VfioGroup } from './group.js';
import type { VfioPciCore } from './pci-core.js';
import { resetUnusedBus } from './pci-hot-reset.js';
import type { VfioSlots } from './slots.js';
import type { Unbinding } from './unbinding.js';

/** The largest number that `ida_alloc_range()` allocates. */
const INT_MAX = 0x7fff_ffff;

/** VFIO's state of a device: open files, binding and attachments. `struct vfio_device`, and Linux's `drivers/vfio/iommufd.c`. */
export class VfioDevice {
  /** Number of open files. */
  openCount = 0;
  /** True while the driver is being unbound: its node is removed, and open files still work. */
  isGoing = false;
  /** The only unbinding of the device, from its start. */
  unbinding: Unbinding | undefined;
  /** Called when the last file is closed. */
  closed: (() => void) | undefined;
  private bound: IommufdDevice | undefined;
  private isAttached = false;
  private readonly pasids = new Set<number>();
  /** Number of opens through its group, and the context that it is bound to by them. */
  private groupOpens = 0;
  private groupContext: IommufdContext | undefined;

  constructor(
    readonly device: Device,
    /** vfio-pci's state of the device. */
    readonly core: VfioPciCore,
    /** The number in the name of its node. */
    readonly number: number,
    readonly group: VfioGroup,
    /** All devices, including this one. */
    readonly all: VfioSlots,
  ) {}

  /** The path of its node. */
  get path(): string {
    return `/dev/vfio/devices/vfio${this.number}`;
  }

  get isBound(): boolean {
    return this.bound !== undefined;
  }

  /** `vfio_df_iommufd_bind()`. @returns the id of the device @throws EINVAL if it is bound; Errno */
  bind(context: IommufdContext): number {
    // Each open of the cdev is separate: only one of the files can be bound.
    if (this.bound !== undefined) throw fail('EINVAL');
    this.bound = IommufdDevice.bindDevice(context, this.device);
    this.core.open();
    return this.bound.id;
  }

  /** `vfio_df_iommufd_unbind()`: detaches everything, then unbinds. */
  unbind(): void {
    const bound = this.open;
    this.core.close();
    resetUnusedBus(this.core, { coreAt: (node) => this.all.at(node)?.core });
    for (const pasid of [...this.pasids].sort((a, b) => a - b)) detach(bound, pasid);
    this.pasids.clear();
    this.detach();
    bound.unbind();
    this.bound = undefined;
  }

  private get open(): IommufdDevice {
    invariant(this.bound !== undefined, () => `${this.path} is used and not bound`);
    return this.bound;
  }

  /** Attaches the device, or moves it if it is already attached. @returns the id of the HWPT */
  attach(id: number): number {
    const attached = this.isAttached ? replace(this.open, NO_PASID, id) : attach(this.open, NO_PASID, id);
    this.isAttached = true;
    return attached;
  }

  /** Detaches the device. Does nothing if it is not attached. */
  detach(): void {
    if (!this.isAttached) return;
    detach(this.open, NO_PASID);
    this.isAttached = false;
  }

  /** Attaches a PASID, or moves it if it is already attached. @returns the id of the HWPT */
  attachPasid(pasid: number, id: number): number {
    if (this.pasids.has(pasid)) return replace(this.open, pasid, id);
    if (pasid > INT_MAX) throw fail('ENOSPC');
    const attached = attach(this.open, pasid, id);
    this.pasids.add(pasid);
    return attached;
  }

  /** Detaches a PASID. Does nothing if it is not attached. */
  detachPasid(pasid: number): void {
    if (this.pasids.delete(pasid)) detach(this.open, pasid);
  }

  /**
   * `vfio_df_open()` of a device whose group has a container: the first open binds it, and attaches it to the compatibility IOAS.
   */
  openThroughGroup(context: IommufdContext): void {
    if (this.groupOpens === 0) {
      this.bind(context);
      try {
        this.attach(compatIoas(context).id);
      } catch (cause) {
        this.unbind();
        throw cause;
      }
      this.groupContext = context.get();
    }
    this.groupOpens++;
  }

  /** Closes a file that was opened through the group. The last close unbinds the device. */
  closeThroughGroup(): void {
    if (--this.groupOpens > 0) return;
    this.unbind();
    this.groupContext?.put();
    this.groupContext = undefined;
  }

  /** `vfio_iommufd_get_dev_id()`: 0 if only the device's group belongs to the context; undefined if the group does not either. */
  idIn(context: IommufdContext): number | undefined {
    if (this.bound?.context === context) return this.bound.id;
    return context.hasGroup(this.device.group) ? 0 : undefined;
  }
}
