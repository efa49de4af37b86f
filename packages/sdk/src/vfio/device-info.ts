/**
 * What VFIO reports about a device: the results of VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO and VFIO_DEVICE_GET_IRQ_INFO,
 * with a name for each flag.
 */
import {
  type vfio_device_info,
  vfio_device_info_flags,
  type vfio_irq_info,
  vfio_irq_info_flags,
  type vfio_region_info,
  vfio_region_info_flags,
} from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';

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
  /** True if {@link VfioDevice.reset} is supported (VFIO_DEVICE_FLAGS_RESET). */
  readonly canReset: boolean;
  /** Number of region indexes. */
  readonly regions: number;
  /** Number of interrupt indexes. */
  readonly irqs: number;
}

/** A region of a device: its size, its offset in the device's file, and the permitted accesses. */
export interface RegionInfo {
  /** Size in bytes; 0 if it is not implemented. */
  readonly size: bigint;
  /** Offset in the device's file, in bytes. */
  readonly offset: bigint;
  /** True if reads are allowed (VFIO_REGION_INFO_FLAG_READ). */
  readonly read: boolean;
  /** True if writes are allowed (VFIO_REGION_INFO_FLAG_WRITE). */
  readonly write: boolean;
  /** True if it can be mapped (VFIO_REGION_INFO_FLAG_MMAP). */
  readonly mmap: boolean;
}

/** The interrupts of one index. */
export interface IrqInfo {
  /** Number of interrupts. */
  readonly count: number;
  /** True if they are signalled through eventfds (VFIO_IRQ_INFO_EVENTFD). */
  readonly eventfd: boolean;
  /** True if they can be masked (VFIO_IRQ_INFO_MASKABLE). */
  readonly maskable: boolean;
  /** True if the kernel masks an interrupt when it is raised (VFIO_IRQ_INFO_AUTOMASKED). */
  readonly automasked: boolean;
  /** True if their number can be changed only while all of them are disabled (VFIO_IRQ_INFO_NORESIZE). */
  readonly noResize: boolean;
}

export function deviceInfoOf(
  info: Pick<Decoded<typeof vfio_device_info>, 'flags' | 'num_regions' | 'num_irqs'>,
): DeviceInfo {
  const { flags, num_regions: regions, num_irqs: irqs } = info;
  const isPlatform = (flags & VFIO_DEVICE_FLAGS_PLATFORM) !== 0;
  return {
    flags,
    bus: (flags & VFIO_DEVICE_FLAGS_PCI) !== 0 ? 'pci' : isPlatform ? 'platform' : 'other',
    canReset: (flags & VFIO_DEVICE_FLAGS_RESET) !== 0,
    regions,
    irqs,
  };
}

export function regionInfoOf(
  info: Pick<Decoded<typeof vfio_region_info>, 'flags' | 'size' | 'offset'>,
): RegionInfo {
  const { flags, size, offset } = info;
  return {
    size,
    offset,
    read: (flags & VFIO_REGION_INFO_FLAG_READ) !== 0,
    write: (flags & VFIO_REGION_INFO_FLAG_WRITE) !== 0,
    mmap: (flags & VFIO_REGION_INFO_FLAG_MMAP) !== 0,
  };
}

export function irqInfoOf({ flags, count }: Pick<Decoded<typeof vfio_irq_info>, 'flags' | 'count'>): IrqInfo {
  return {
    count,
    eventfd: (flags & VFIO_IRQ_INFO_EVENTFD) !== 0,
    maskable: (flags & VFIO_IRQ_INFO_MASKABLE) !== 0,
    automasked: (flags & VFIO_IRQ_INFO_AUTOMASKED) !== 0,
    noResize: (flags & VFIO_IRQ_INFO_NORESIZE) !== 0,
  };
}
