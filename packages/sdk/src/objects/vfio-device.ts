import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_RESET,
  vfio_device_attach_iommufd_pt_flags,
  vfio_device_detach_iommufd_pt_flags,
  vfio_device_info_flags,
  vfio_irq_info_flags,
  vfio_region_info_flags,
} from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { u32 } from '../calls/arguments/kinds.js';
import type { Insight } from '../calls/calls.js';
import { bindCause, indexCause } from '../calls/causes/vfio.js';
import type { Context } from '../calls/context.js';
import { Device } from './device.js';

const { VFIO_DEVICE_ATTACH_PASID } = vfio_device_attach_iommufd_pt_flags;
const { VFIO_DEVICE_DETACH_PASID } = vfio_device_detach_iommufd_pt_flags;
const { VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_PLATFORM, VFIO_DEVICE_FLAGS_RESET } = vfio_device_info_flags;
const { VFIO_REGION_INFO_FLAG_MMAP, VFIO_REGION_INFO_FLAG_READ, VFIO_REGION_INFO_FLAG_WRITE } =
  vfio_region_info_flags;
const { VFIO_IRQ_INFO_AUTOMASKED, VFIO_IRQ_INFO_EVENTFD, VFIO_IRQ_INFO_MASKABLE, VFIO_IRQ_INFO_NORESIZE } =
  vfio_irq_info_flags;

/** The result of {@link VfioDevice.info}. */
export interface DeviceInfo {
  /** The flags, of `vfio_device_info_flags`. */
  readonly flags: number;
  /** Its bus (VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_PLATFORM). */
  readonly bus: 'pci' | 'platform' | 'other';
  /** {@link VfioDevice.reset} is supported (VFIO_DEVICE_FLAGS_RESET). */
  readonly canReset: boolean;
  /** Number of region indexes. */
  readonly regions: number;
  /** Number of interrupt indexes. */
  readonly irqs: number;
}

/** A region of a device: its place in the device's file. */
export interface RegionInfo {
  /** Size in bytes; 0 if it is not implemented. */
  readonly size: bigint;
  /** Offset in the device's file, in bytes. */
  readonly offset: bigint;
  /** It can be read (VFIO_REGION_INFO_FLAG_READ). */
  readonly read: boolean;
  /** It can be written (VFIO_REGION_INFO_FLAG_WRITE). */
  readonly write: boolean;
  /** It can be mapped (VFIO_REGION_INFO_FLAG_MMAP). */
  readonly mmap: boolean;
}

/** The interrupts of one index. */
export interface IrqInfo {
  /** Number of interrupts. */
  readonly count: number;
  /** They are signalled through eventfds. */
  readonly eventfd: boolean;
  /** It can be masked (VFIO_IRQ_INFO_MASKABLE). */
  readonly maskable: boolean;
  /** The kernel masks it when it is raised. */
  readonly automasked: boolean;
  /** Their number can only be changed while all of them are disabled. */
  readonly noResize: boolean;
}

const calls = {
  info: new Call('VfioDevice.info'),
  regionInfo: new Call('VfioDevice.regionInfo', { index: u32 }),
  irqInfo: new Call('VfioDevice.irqInfo', { index: u32 }),
  reset: new Call('VfioDevice.reset'),
};

/** A VFIO device, opened through its node `/dev/vfio/devices/vfioN` and bound to a `/dev/iommu`. */
export class VfioDevice extends Device {
  private constructor(
    context: Context,
    id: number,
    /** Its device node. */
    readonly path: string,
    /** The file descriptor, for requests that this SDK does not have: interrupts, regions, migration. */
    readonly fd: number,
  ) {
    super(context, id);
  }

  /** @internal */
  static open(context: Context, path: string): VfioDevice {
    const { calls } = context;
    const fd = calls.open(path);
    try {
      const args = { flags: 0, iommufd: context.fd, token_uuid_ptr: 0n };
      const cause = bindCause(context, (other) => other instanceof VfioDevice && other.path === path);
      const { out_devid } = calls.ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, args, { cause });
      return new VfioDevice(context, out_devid, path, fd);
    } catch (cause) {
      calls.close(fd);
      throw cause;
    }
  }

  override describe(): string {
    return `${super.describe()} (${this.path})`;
  }

  /** VFIO_DEVICE_ATTACH_IOMMUFD_PT */
  protected override attachTo(pt_id: number, pasid: number | undefined, insight: Insight): number {
    const flags = pasid === undefined ? 0 : VFIO_DEVICE_ATTACH_PASID;
    const args = { flags, pt_id, pasid: pasid ?? 0 };
    return this.context.calls.ioctl(this.fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, args, insight).pt_id;
  }

  /** VFIO_DEVICE_DETACH_IOMMUFD_PT */
  protected override detachFrom(pasid: number | undefined): void {
    const flags = pasid === undefined ? 0 : VFIO_DEVICE_DETACH_PASID;
    this.context.calls.ioctl(this.fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, { flags, pasid: pasid ?? 0 });
  }

  /**
   * Information about the device: VFIO_DEVICE_GET_INFO.
   * @throws IommufdError EBADF if it is closed
   */
  info(): DeviceInfo {
    calls.info.check(this);
    const args = { flags: 0, num_regions: 0, num_irqs: 0, cap_offset: 0 };
    const { flags, num_regions, num_irqs } = this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_INFO, args);
    const bus =
      (flags & VFIO_DEVICE_FLAGS_PCI) !== 0
        ? 'pci'
        : (flags & VFIO_DEVICE_FLAGS_PLATFORM) !== 0
          ? 'platform'
          : 'other';
    return {
      flags,
      bus,
      canReset: (flags & VFIO_DEVICE_FLAGS_RESET) !== 0,
      regions: num_regions,
      irqs: num_irqs,
    };
  }

  /**
   * Information about a region: VFIO_DEVICE_GET_REGION_INFO.
   * @param index of the region; for PCI 0 to 5 are the BARs, 6 the ROM, 7 configuration space, 8 VGA
   * @throws IommufdError EINVAL if the index does not exist; EBADF if the device is closed
   */
  regionInfo(index: number): RegionInfo {
    calls.regionInfo.check(this, index);
    const args = { flags: 0, index, cap_offset: 0, size: 0n, offset: 0n };
    const { flags, size, offset } = this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_REGION_INFO, args, {
      cause: indexCause(this, 'regions', index),
    });
    return {
      size,
      offset,
      read: (flags & VFIO_REGION_INFO_FLAG_READ) !== 0,
      write: (flags & VFIO_REGION_INFO_FLAG_WRITE) !== 0,
      mmap: (flags & VFIO_REGION_INFO_FLAG_MMAP) !== 0,
    };
  }

  /**
   * Information about the interrupts of an index: VFIO_DEVICE_GET_IRQ_INFO.
   * @param index for PCI 0 is INTx, 1 MSI, 2 MSI-X, 3 errors, 4 device requests
   * @throws IommufdError EINVAL if the index does not exist; EBADF if the device is closed
   */
  irqInfo(index: number): IrqInfo {
    calls.irqInfo.check(this, index);
    const args = { flags: 0, index, count: 0 };
    const { flags, count } = this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_IRQ_INFO, args, {
      cause: indexCause(this, 'irqs', index),
    });
    return {
      count,
      eventfd: (flags & VFIO_IRQ_INFO_EVENTFD) !== 0,
      maskable: (flags & VFIO_IRQ_INFO_MASKABLE) !== 0,
      automasked: (flags & VFIO_IRQ_INFO_AUTOMASKED) !== 0,
      noResize: (flags & VFIO_IRQ_INFO_NORESIZE) !== 0,
    };
  }

  /**
   * Resets the device: VFIO_DEVICE_RESET.
   * @throws IommufdError ENOTTY or EINVAL if it cannot be reset on its own; EBADF if it is closed
   */
  reset(): void {
    calls.reset.check(this);
    this.context.calls.plainIoctl(this.fd, VFIO_DEVICE_RESET);
  }

  /** Closing the file detaches the device and its PASIDs, and unbinds it. */
  protected override destroy(): void {
    this.context.calls.close(this.fd);
  }

  /** @internal */
  override abandon(): void {
    this.destroy();
    super.abandon();
  }
}
