/**
 * VFIO devices: opening, attaching, information, resets and features. Regions, interrupts, migration, DMA logging and hot resets are
 * implemented in `src/vfio`.
 */
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt_flags,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd_flags,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  vfio_device_detach_iommufd_pt_flags,
  vfio_device_feature_bus_master,
  vfio_device_feature_dma_buf,
  vfio_device_feature_index,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  vfio_device_low_power_entry_with_wakeup,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { FailureDetails } from '../calls/calls.js';
import { bindCause, featureCause, hotResetCause, indexCause, resetCause } from '../calls/causes/vfio.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import {
  bytesOfToken,
  calls,
  type OpenDeviceOptions,
  type PciCommand,
  REGION_NAMES,
  type RegionPart,
} from '../vfio/device-calls.js';
import {
  type DeviceInfo,
  deviceInfoOf,
  type IrqInfo,
  irqInfoOf,
  type RegionInfo,
  regionInfoOf,
} from '../vfio/device-info.js';
import { DmaLogging, type DmaLoggingOptions } from '../vfio/dma-logging.js';
import type { Eventfd } from '../vfio/eventfd.js';
import { type DeviceFeature, getFeatureFd, probeFeature, setFeature } from '../vfio/feature.js';
import { type HotResetInfo, hotResetInfo } from '../vfio/hot-reset.js';
import { type InterruptKind, type MessageKind, regionIndexes, type RegionName } from '../vfio/indexes.js';
import { type InterruptLine, type InterruptOptions, Interrupts } from '../vfio/interrupts.js';
import { Migration } from '../vfio/migration.js';
import { Region } from '../vfio/region.js';
import { Device } from './device.js';

const { VFIO_DEVICE_BIND_FLAG_TOKEN } = vfio_device_bind_iommufd_flags;
const { VFIO_DEVICE_ATTACH_PASID } = vfio_device_attach_iommufd_pt_flags;
const { VFIO_DEVICE_DETACH_PASID } = vfio_device_detach_iommufd_pt_flags;

const {
  VFIO_DEVICE_FEATURE_BUS_MASTER,
  VFIO_DEVICE_FEATURE_DMA_BUF,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP,
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT,
  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
} = vfio_device_feature_index;

/** The offset of a PCI function's command register, and its bits: `linux/pci_regs.h`. */
const PCI_COMMAND = 4;
const COMMAND_BITS = { io: 1, memory: 2, busMaster: 4 } as const;

/** `asm-generic/fcntl.h`. */
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;

/** A VFIO device, opened through its node `/dev/vfio/devices/vfioN` and bound to a `/dev/iommu`. */
export class VfioDevice extends Device {
  private constructor(
    context: Context,
    id: number,
    /** Its device node. */
    readonly path: string,
    /** The file descriptor, for requests that this SDK does not have. */
    readonly fd: number,
  ) {
    super(context, id);
  }

  private readonly interrupts = new Map<InterruptKind, Interrupts>();

  /** @internal */
  static open(context: Context, path: string, { token }: OpenDeviceOptions = {}): VfioDevice {
    const { calls } = context;
    const fd = calls.open(path);
    try {
      const flags = token === undefined ? 0 : VFIO_DEVICE_BIND_FLAG_TOKEN;
      const cause = bindCause(
        context,
        (other) => other instanceof VfioDevice && other.path === path,
        token !== undefined,
      );
      return context.with(token === undefined ? new Uint8Array() : bytesOfToken(token), (token_uuid_ptr) => {
        const args = { flags, iommufd: context.fd, token_uuid_ptr };
        const { out_devid } = calls.ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, args, { cause });
        return new VfioDevice(context, out_devid, path, fd);
      });
    } catch (cause) {
      calls.close(fd);
      throw cause;
    }
  }

  override describe(): string {
    return `${super.describe()} (${this.path})`;
  }

  /** VFIO_DEVICE_ATTACH_IOMMUFD_PT */
  protected override attachTo(pt_id: number, pasid: number | undefined, details: FailureDetails): number {
    const flags = pasid === undefined ? 0 : VFIO_DEVICE_ATTACH_PASID;
    const args = { flags, pt_id, pasid: pasid ?? 0 };
    return this.context.calls.ioctl(this.fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, args, details).pt_id;
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
    return deviceInfoOf(this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_INFO, args));
  }

  /**
   * Information about a region: VFIO_DEVICE_GET_REGION_INFO.
   * @param index the region; for PCI 0 to 5 are the BARs, 6 the ROM, 7 configuration space, 8 VGA
   * @throws IommufdError EINVAL if the index does not exist; EBADF if the device is closed
   */
  regionInfo(index: number): RegionInfo {
    calls.regionInfo.check(this, index);
    const args = { flags: 0, index, cap_offset: 0, size: 0n, offset: 0n };
    return regionInfoOf(
      this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_REGION_INFO, args, {
        cause: indexCause(this, 'regions', index),
      }),
    );
  }

  /**
   * Information about the interrupts of an index: VFIO_DEVICE_GET_IRQ_INFO.
   * @param index the kind of interrupt; for PCI 0 is INTx, 1 MSI, 2 MSI-X, 3 errors, 4 device requests
   * @throws IommufdError EINVAL if the index does not exist; EBADF if the device is closed
   */
  irqInfo(index: number): IrqInfo {
    calls.irqInfo.check(this, index);
    const args = { flags: 0, index, count: 0 };
    return irqInfoOf(
      this.context.calls.ioctl(this.fd, VFIO_DEVICE_GET_IRQ_INFO, args, {
        cause: indexCause(this, 'irqs', index),
      }),
    );
  }

  /**
   * Returns a region: `bar0` to `bar5`, `rom`, `config`, `vga`. Makes one system call, VFIO_DEVICE_GET_REGION_INFO.
   * @param region its name, or the index of a driver-specific region
   * @returns the region; its size is 0 if the device does not implement it
   * @throws IommufdError EINVAL if the index does not exist; EBADF if the device is closed
   */
  region(region: RegionName | number): Region {
    calls.region.check(this, region);
    const index = typeof region === 'string' ? regionIndexes[region] : region;
    const name = REGION_NAMES[index] ?? `region ${index}`;
    const { size, offset, mmap } = this.regionInfo(index);
    return new Region(this, { name, size: Number(size), position: offset, canMap: mmap });
  }

  /**
   * Sets or clears bits of the PCI command register.
   * @throws IommufdError EBADF if the device is closed
   */
  pciCommand(command: PciCommand): void {
    calls.pciCommand.check(this, command);
    const config = this.region('config');
    let value = config.read16(PCI_COMMAND);
    for (const [name, bit] of Object.entries(COMMAND_BITS)) {
      const wanted = command[name as keyof PciCommand];
      if (wanted !== undefined) value = wanted ? value | bit : value & ~bit;
    }
    config.write16(PCI_COMMAND, value);
  }

  /**
   * Enables interrupts, each connected to an eventfd: VFIO_DEVICE_SET_IRQS. Only one of `intx`, `msi` and `msix` can be enabled at a
   * time. Messages need bus mastering: {@link pciCommand}.
   * @param kind `msi` and `msix`, with the number of vectors; `intx`, the line; `error`, signalled if the device has reported an error;
   *   `request`, signalled if the host requests that the device is closed
   * @throws IommufdError EINVAL if the device has fewer vectors, or an excluded kind is enabled; ENOSPC if the host can allocate fewer;
   *   EBUSY if this kind is enabled already; EBADF if the device is closed
   */
  enableInterrupts(kind: MessageKind, options: InterruptOptions): Interrupts;
  enableInterrupts(kind: 'intx'): InterruptLine;
  enableInterrupts(kind: 'error' | 'request'): Interrupts;
  enableInterrupts(kind: InterruptKind, options?: InterruptOptions): Interrupts {
    const isMessage = kind === 'msi' || kind === 'msix';
    const context = (isMessage ? calls.enableMessages : calls.enableInterrupts).check(this, kind, options);
    if (this.interrupts.has(kind)) {
      const args = { device: this.describe(), index: kind };
      throw IommufdError.of(
        'EBUSY',
        'VFIO_DEVICE_SET_IRQS',
        args,
        `${kind} is already enabled: close it first.`,
      );
    }
    const enabled = Interrupts.enable(context, this, kind, options?.vectors ?? 1);
    this.interrupts.set(kind, enabled);
    return enabled;
  }

  /** True if this SDK has enabled interrupts of a kind. @internal */
  interruptsOn(kind: InterruptKind): boolean {
    return this.interrupts.has(kind);
  }

  /** @internal */
  interruptsOff(kind: InterruptKind): void {
    this.interrupts.delete(kind);
  }

  /**
   * Resets the device: VFIO_DEVICE_RESET.
   * @throws IommufdError ENOTTY or EINVAL if it cannot be reset on its own; EBADF if it is closed
   */
  reset(): void {
    calls.reset.check(this);
    this.context.calls.plainIoctl(this.fd, VFIO_DEVICE_RESET, 0n, resetCause(this));
  }

  /**
   * The functions that a reset of its slot or bus affects: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO.
   * @throws IommufdError ENODEV if neither the slot nor the bus can be reset, as on a root bus; EBADF if the device is closed
   */
  hotResetInfo(): HotResetInfo {
    calls.hotResetInfo.check(this);
    return hotResetInfo(this, (id) => {
      const found = this.context.devices.get(id);
      return found instanceof VfioDevice ? found : undefined;
    });
  }

  /**
   * Resets its slot or bus, with all functions on it: VFIO_DEVICE_PCI_HOT_RESET.
   * @throws IommufdError EINVAL if the caller does not own all functions: the message names the others; ENODEV if neither the slot nor
   *   the bus can be reset; ENOTTY if the link does not come up again; EBADF if the device is closed
   */
  hotReset(): void {
    calls.hotReset.check(this);
    const args = { flags: 0, count: 0, group_fds: [] };
    this.context.calls.ioctl(this.fd, VFIO_DEVICE_PCI_HOT_RESET, args, { cause: hotResetCause(this) });
  }

  /**
   * Tests whether the device has a feature, with VFIO_DEVICE_FEATURE_PROBE, which changes nothing.
   * @returns true if it has the feature
   * @throws IommufdError EBADF if it is closed
   */
  supports(feature: DeviceFeature): boolean {
    calls.supports.check(this, feature);
    return probeFeature(this, feature);
  }

  /**
   * Allows the device to enter a low power state whenever it is idle: VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY. Its mapped regions cannot be
   * accessed until {@link exitLowPower} is called.
   * @param options how to enter it
   * @param options.wakeup an eventfd that is signalled when the host or the device ends low power
   * @throws IommufdError EINVAL if low power is entered already; ENOTTY if the kernel is older than 6.1; EBADF if the device is closed
   */
  enterLowPower(options: { readonly wakeup?: Eventfd } = {}): void {
    calls.enterLowPower.check(this, options);
    const { wakeup } = options;
    const cause = featureCause(this, 'the device is in low power already: exitLowPower() ends it');
    if (wakeup === undefined) setFeature(this, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, undefined, cause);
    else {
      const data = encode(vfio_device_low_power_entry_with_wakeup, {
        wakeup_eventfd: wakeup.fd,
        reserved: 0,
      });
      setFeature(this, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, data, cause);
    }
  }

  /** Ends low power: VFIO_DEVICE_FEATURE_LOW_POWER_EXIT. @throws IommufdError ENOTTY; EBADF if the device is closed */
  exitLowPower(): void {
    calls.exitLowPower.check(this);
    setFeature(this, VFIO_DEVICE_FEATURE_LOW_POWER_EXIT);
  }

  /**
   * Enables or disables DMA, on a bus that has no register for it: VFIO_DEVICE_FEATURE_BUS_MASTER. On PCI use {@link pciCommand}.
   * @throws IommufdError ENOTTY on PCI; EBADF if the device is closed
   */
  setBusMaster(on: boolean): void {
    calls.setBusMaster.check(this, on);
    const data = encode(vfio_device_feature_bus_master, { op: on ? 1 : 0 });
    setFeature(this, VFIO_DEVICE_FEATURE_BUS_MASTER, data, featureCause(this));
  }

  /**
   * Sets the token of a physical function, which programs must give to open its virtual functions:
   * VFIO_DEVICE_FEATURE_PCI_VF_TOKEN.
   * @param token 16 bytes, or a UUID as text
   * @throws IommufdError ENOTTY if it is not a physical function; EBADF if the device is closed
   */
  setVfToken(token: Uint8Array | string): void {
    calls.setVfToken.check(this, token);
    setFeature(this, VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, bytesOfToken(token), featureCause(this));
  }

  /**
   * Creates a dma-buf from parts of a region, so that other devices can access it: VFIO_DEVICE_FEATURE_DMA_BUF. `mapFile()` of an IOAS
   * maps a dma-buf of one part. The kernel ends these mappings when the device's memory is no longer decoded, and when the device is
   * reset or closed.
   * @returns its file descriptor, which the caller closes
   * @throws IommufdError ENOTTY if the kernel or the device does not support it; EINVAL if a part is not aligned to pages or exceeds
   *   the region, or if the region has I/O ports; ENODEV if it is not a BAR of the device; EBADF if the device is closed
   */
  dmaBuf(region: RegionName | number, parts: readonly RegionPart[]): number {
    calls.dmaBuf.check(this, region, parts);
    const region_index = typeof region === 'string' ? regionIndexes[region] : region;
    const dma_ranges = parts.map(({ offset, length }) => ({
      offset: BigInt(offset),
      length: BigInt(length),
    }));
    const header = { region_index, open_flags: O_RDWR | O_CLOEXEC, flags: 0, nr_ranges: parts.length };
    const data = encode(vfio_device_feature_dma_buf, { ...header, dma_ranges });
    return getFeatureFd(this, VFIO_DEVICE_FEATURE_DMA_BUF, data, featureCause(this));
  }

  /**
   * The migration of the device: VFIO_DEVICE_FEATURE_MIGRATION.
   * @throws IommufdError ENOTTY if it cannot be migrated, see {@link supports}; EBADF if it is closed
   */
  migration(): Migration {
    calls.migration.check(this);
    return Migration.of(this);
  }

  /**
   * Makes the device log the pages that it writes to, until the returned object is closed: VFIO_DEVICE_FEATURE_DMA_LOGGING_START.
   * @throws IommufdError ENOTTY if it does not support logging, see {@link supports}; EINVAL if it logs already, or if ranges overlap
   *   or are not aligned to pages; E2BIG if there are too many ranges; EBADF if it is closed
   */
  startDmaLogging(options: DmaLoggingOptions): DmaLogging {
    return DmaLogging.start(calls.startDmaLogging.check(this, options), this, options);
  }

  /** Closing the file detaches the device and its PASIDs, and unbinds it. */
  protected override destroy(): void {
    this.context.calls.close(this.fd);
  }

  protected override leave(): void {
    super.leave();
    for (const each of [...this.interrupts.values()]) each.close();
  }

  /** @internal */
  override abandon(): void {
    this.destroy();
    super.abandon();
  }
}
