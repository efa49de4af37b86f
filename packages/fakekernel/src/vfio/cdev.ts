/**
 * The device node of VFIO, `/dev/vfio/devices/vfioN`: Linux's `drivers/vfio/device_cdev.c`. A program opens it, binds it to
 * an iommufd and attaches it; requests about the device itself are those of vfio-pci (`pci.ts`, `pci-rw.ts`).
 */
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  vfio_device_attach_iommufd_pt_flags,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  vfio_device_bind_iommufd_flags,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  vfio_device_detach_iommufd_pt,
  vfio_device_detach_iommufd_pt_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { IommufdContext } from '../iommufd/context.js';
import type { Vma } from '../process/address-space.js';
import { File } from '../process/file.js';
import type { Task } from '../process/task.js';
import type { Features } from '../versions/kernel-version.js';
import type { VfioDevice } from './device.js';
import { copyFirstVersion, copyWhole, copyWithFlag } from './argument.js';
import { hotResetScope } from './hot-reset-scope.js';
import { pciIoctl } from './pci.js';
import { mapBar } from './pci-mmap.js';
import { pciRead, pciWrite } from './pci-rw.js';
import { UUID_SIZE } from './pci-token.js';

const { VFIO_DEVICE_BIND_FLAG_TOKEN } = vfio_device_bind_iommufd_flags;
const { VFIO_DEVICE_ATTACH_PASID } = vfio_device_attach_iommufd_pt_flags;
const { VFIO_DEVICE_DETACH_PASID } = vfio_device_detach_iommufd_pt_flags;

/** `offsetof(struct vfio_device_bind_iommufd, out_devid)` and `offsetof(struct vfio_device_attach_iommufd_pt, pt_id)`. */
const OUT_DEVID = 12;
const PT_ID = 8;

/** An open `/dev/vfio/devices/vfioN`. Until it is bound, all other requests fail with EINVAL. */
export class VfioDeviceFile extends File {
  override readonly canRead = true;
  override readonly canWrite = true;
  /** Position of `read()` and `write()`: `f_pos`, which no other call changes. */
  private position = 0n;
  /** The context that it is bound to. It holds the context open. */
  protected context: IommufdContext | undefined;
  /** True for a file of the device's own node, false for a device that was opened through its group. */
  protected readonly isCdev: boolean = true;

  constructor(
    protected readonly device: VfioDevice,
    private readonly features: Features,
  ) {
    super();
    device.openCount++;
  }

  override ioctl(process: Task, request: number, arg: bigint): number {
    if (request === VFIO_DEVICE_BIND_IOMMUFD.request) return this.bind(process, arg);
    const { context } = this;
    if (context === undefined) throw fail('EINVAL');
    return this.device.core.power.awake(() => this.boundIoctl(context, process, request, arg));
  }

  private boundIoctl(context: IommufdContext, process: Task, request: number, arg: bigint): number {
    if (this.isCdev) {
      if (request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request) return this.attach(process, arg);
      if (request === VFIO_DEVICE_DETACH_IOMMUFD_PT.request) return this.detach(process, arg);
    }
    const scope = hotResetScope(this.device, context, process.files, this.isCdev);
    return pciIoctl(this.device.core, scope, this.mappable, process, request, arg);
  }

  override pread(process: Task, address: bigint, length: number, position: bigint): number {
    if (this.context === undefined) throw fail('EINVAL');
    const { memorySpace: memory } = process;
    return pciRead(this.device.core, { memory, address, count: length, position });
  }

  override pwrite(process: Task, address: bigint, length: number, position: bigint): number {
    if (this.context === undefined) throw fail('EINVAL');
    const { memorySpace: memory } = process;
    return pciWrite(this.device.core, { memory, address, count: length, position });
  }

  override read(process: Task, address: bigint, length: number): number {
    const done = this.pread(process, address, length, this.position);
    this.position += BigInt(done);
    return done;
  }

  override write(process: Task, address: bigint, length: number): number {
    const done = this.pwrite(process, address, length, this.position);
    this.position += BigInt(done);
    return done;
  }

  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    if (this.context === undefined) throw fail('EINVAL');
    return mapBar(this.device.core, this, length, prot, shared, offset);
  }

  private bind(process: Task, arg: bigint): number {
    const { memorySpace: memory } = process;
    const struct = vfio_device_bind_iommufd;
    const hasToken = this.features.VFIO_DEVICE_BIND_FLAG_TOKEN;
    const bytes = hasToken ? copyWhole(memory, arg, struct) : copyFirstVersion(memory, arg, struct);
    const cmd = view(struct, bytes);
    const known = hasToken ? VFIO_DEVICE_BIND_FLAG_TOKEN : 0;
    if (cmd.iommufd < 0 || (cmd.flags & ~known) !== 0) throw fail('EINVAL');
    if (!this.isCdev) throw fail('EINVAL');
    // `vfio_device_block_group()`
    if (this.device.group.isOpen) throw fail('EBUSY');
    if (this.context !== undefined) throw fail('EINVAL');
    const givesToken = (cmd.flags & VFIO_DEVICE_BIND_FLAG_TOKEN) !== 0;
    this.device.core.checkToken(givesToken ? memory.read(cmd.token_uuid_ptr, UUID_SIZE) : undefined);
    const context = contextOf(process, cmd.iommufd);
    cmd.out_devid = this.device.bind(context);
    try {
      memory.write(arg + BigInt(OUT_DEVID), bytes.subarray(OUT_DEVID, OUT_DEVID + 4));
    } catch (cause) {
      this.device.unbind();
      throw cause;
    }
    this.context = context.get();
    this.device.group.boundCount++;
    return 0;
  }

  private attach({ memorySpace: memory }: Task, arg: bigint): number {
    const struct = vfio_device_attach_iommufd_pt;
    const flag = this.features.VFIO_DEVICE_ATTACH_PASID ? VFIO_DEVICE_ATTACH_PASID : 0;
    const bytes = copyWithFlag(memory, arg, struct, flag);
    const cmd = view(struct, bytes);
    const { device } = this;
    cmd.pt_id =
      (cmd.flags & VFIO_DEVICE_ATTACH_PASID) === 0
        ? device.attach(cmd.pt_id)
        : device.attachPasid(cmd.pasid, cmd.pt_id);
    try {
      memory.write(arg + BigInt(PT_ID), bytes.subarray(PT_ID, PT_ID + 4));
    } catch (cause) {
      // Linux detaches the device here even if the request was for a PASID, whose attachment remains.
      device.detach();
      throw cause;
    }
    return 0;
  }

  private detach({ memorySpace: memory }: Task, arg: bigint): number {
    const struct = vfio_device_detach_iommufd_pt;
    const flag = this.features.VFIO_DEVICE_ATTACH_PASID ? VFIO_DEVICE_DETACH_PASID : 0;
    const cmd = view(struct, copyWithFlag(memory, arg, struct, flag));
    if ((cmd.flags & VFIO_DEVICE_DETACH_PASID) === 0) this.device.detach();
    else this.device.detachPasid(cmd.pasid);
    return 0;
  }

  protected override release(): void {
    if (this.context !== undefined) this.unbindFrom(this.context);
    if (--this.device.openCount === 0) this.device.closed?.();
  }

  protected unbindFrom(context: IommufdContext): void {
    this.device.unbind();
    this.device.group.boundCount--;
    context.put();
  }
}

/** A device that was opened through its group: it is already bound, and attached to the compatibility IOAS. */
export class GroupDeviceFile extends VfioDeviceFile {
  override readonly link = 'anon_inode:[vfio-device]';
  override readonly isNoexec = true;
  protected override readonly isCdev = false;

  /** `vfio_df_group_open()`. @throws EINVAL if the device is bound by its own node; Errno of binding and attaching */
  constructor(device: VfioDevice, features: Features, context: IommufdContext) {
    super(device, features);
    try {
      device.openThroughGroup(context);
    } catch (cause) {
      device.openCount--;
      throw cause;
    }
    this.context = context;
  }

  protected override unbindFrom(): void {
    this.device.closeThroughGroup();
  }
}

/** `iommufd_ctx_from_fd()`. @throws EBADF if the descriptor is not open; EBADFD if it is not an iommufd */
function contextOf({ files }: Task, fd: number): IommufdContext {
  const file = files.get(fd);
  if (!(file instanceof IommufdContext)) throw fail('EBADFD');
  return file;
}
