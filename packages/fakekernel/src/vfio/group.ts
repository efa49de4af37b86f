/**
 * VFIO's older interface, an IOMMU group as a file: `/dev/vfio/N` of Linux's `drivers/vfio/group.c`. A program opens a group,
 * sets its container, which is always an iommufd here, and opens its devices by name. Such a device is attached to the
 * compatibility IOAS of the iommufd. While a group is open, its devices cannot be bound by their own nodes. While a device is
 * bound by its node, its group cannot be opened.
 */
import {
  VFIO_GROUP_GET_DEVICE_FD,
  VFIO_GROUP_GET_STATUS,
  VFIO_GROUP_SET_CONTAINER,
  vfio_group_status,
  vfio_group_status_flags,
  VFIO_GROUP_UNSET_CONTAINER,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { Group } from '../iommu/group.js';
import { IommufdContext } from '../iommufd/context.js';
import { createCompatIoas } from '../iommufd/vfio-ioas.js';
import { File } from '../process/file.js';
import { PAGE_SIZE } from '../process/page.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';
import { userString } from '../process/user-string.js';
import type { Features } from '../versions/kernel-version.js';
import { GroupDeviceFile } from './cdev.js';
import type { VfioDevice } from './device.js';
import { matchName } from './pci-match.js';

const { VFIO_GROUP_FLAGS_CONTAINER_SET, VFIO_GROUP_FLAGS_VIABLE } = vfio_group_status_flags;

/** A VFIO group: `struct vfio_group`. */
export class VfioGroup {
  /** The devices that can be opened through it. */
  private readonly devices: VfioDevice[] = [];
  /** Number of its devices that are registered with VFIO: `drivers`. */
  driverCount = 0;
  /** Number of its devices that are bound by their own nodes: `cdev_device_open_cnt`. */
  boundCount = 0;
  private openedFile: VfioGroupFile | undefined;

  constructor(
    readonly group: Group,
    /** The number of the IOMMU group. */
    readonly number: number,
  ) {}

  get path(): string {
    return `/dev/vfio/${this.number}`;
  }

  /** `vfio_device_group_register()`. */
  register(device: VfioDevice): void {
    this.driverCount++;
    this.devices.push(device);
  }

  /** `vfio_device_group_unregister()`: the device is being removed, and can no longer be opened. */
  unregister(device: VfioDevice): void {
    const index = this.devices.indexOf(device);
    if (index !== -1) this.devices.splice(index, 1);
  }

  /** `vfio_device_get_from_name()`. @throws ENODEV; EINVAL | EACCES for the text after the name */
  find(name: string): VfioDevice {
    const device = this.devices.find(({ core }) => matchName(core, name));
    if (device === undefined) throw fail('ENODEV');
    return device;
  }

  get isOpen(): boolean {
    return this.openedFile !== undefined;
  }

  isOpenedAs(file: File): boolean {
    return this.openedFile === file;
  }

  /** `vfio_group_fops_open()`. @throws EBUSY if it is open, or if a device is bound by its node */
  open(features: Features): File {
    if (this.boundCount > 0 || this.isOpen) throw fail('EBUSY');
    return (this.openedFile = new VfioGroupFile(this, features));
  }

  /** Called when its file is closed. Devices that were opened through it stay open. */
  closed(): void {
    this.openedFile = undefined;
  }
}

/** An open `/dev/vfio/N`. */
export class VfioGroupFile extends File {
  /** Its container. */
  private context: IommufdContext | undefined;

  constructor(
    readonly group: VfioGroup,
    private readonly features: Features,
  ) {
    super();
  }

  override ioctl(process: Task, request: number, arg: bigint): number {
    switch (request) {
      case VFIO_GROUP_GET_DEVICE_FD.request:
        return this.getDeviceFd(process, arg);
      case VFIO_GROUP_GET_STATUS.request:
        return this.getStatus(process.memorySpace, arg);
      case VFIO_GROUP_SET_CONTAINER.request:
        return this.setContainer(process, arg);
      case VFIO_GROUP_UNSET_CONTAINER.request:
        return this.unsetContainer();
      default:
        throw fail('ENOTTY');
    }
  }

  private getStatus(memory: UserMemory, arg: bigint): number {
    const bytes = memory.read(arg, vfio_group_status.byteLength);
    const status = view(vfio_group_status, bytes);
    if (status.argsz < bytes.length) throw fail('EINVAL');
    const isViable = this.context !== undefined || !this.group.group.isClaimed;
    status.flags =
      (isViable ? VFIO_GROUP_FLAGS_VIABLE : 0) |
      (this.context === undefined ? 0 : VFIO_GROUP_FLAGS_CONTAINER_SET);
    memory.write(arg, bytes);
    return 0;
  }

  private setContainer({ files, memorySpace: memory }: Task, arg: bigint): number {
    const file = files.get(memory.readU32(arg) | 0);
    if (this.context !== undefined) throw fail('EINVAL');
    if (!(file instanceof IommufdContext)) throw fail('EBADFD');
    createCompatIoas(file);
    this.context = file.get();
    return 0;
  }

  /** Removes the container. Open devices are not affected. */
  private unsetContainer(): number {
    if (this.context === undefined) throw fail('EINVAL');
    this.context.put();
    this.context = undefined;
    return 0;
  }

  private getDeviceFd({ files, memorySpace: memory }: Task, arg: bigint): number {
    const device = this.group.find(userString(memory, arg, PAGE_SIZE));
    return files.open(() => {
      if (this.context === undefined) throw fail('EINVAL');
      return new GroupDeviceFile(device, this.features, this.context);
    });
  }

  protected override release(): void {
    this.context?.put();
    this.group.closed();
  }
}
