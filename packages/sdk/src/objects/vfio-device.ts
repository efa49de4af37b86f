/**
 * VFIO devices: opening, attaching, and what is the device's own. What regions, interrupts, migration, logging and hot resets do is in
 * `src/vfio`.
 */
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd_flags,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  vfio_device_feature_bus_master,
  vfio_device_feature_dma_buf,
  vfio_device_feature_index,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
  vfio_device_attach_iommufd_pt_flags,
  vfio_device_detach_iommufd_pt_flags,
  vfio_device_info_flags,
  vfio_device_low_power_entry_with_wakeup,
  vfio_irq_info_flags,
  vfio_region_info_flags,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import { Call } from '../calls/arguments/call.js';
import { arrayOf, byteCount, flag, oneOf, optional, record, thing, u32 } from '../calls/arguments/kinds.js';
import type { Insight } from '../calls/calls.js';
import { bindCause, featureCause, hotResetCause, indexCause, resetCause } from '../calls/causes/vfio.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { DmaLogging, type DmaLoggingOptions, dmaLoggingOptions } from '../vfio/dma-logging.js';
import { type Eventfd, eventfdKind } from '../vfio/eventfd.js';
import {
  DEVICE_FEATURE_NAMES,
  type DeviceFeature,
  getFeatureFd,
  probeFeature,
  setFeature,
} from '../vfio/feature.js';
import { type HotResetInfo, hotResetInfo } from '../vfio/hot-reset.js';
import {
  type InterruptKind,
  irqIndexes,
  type MessageKind,
  regionIndexes,
  type RegionName,
} from '../vfio/indexes.js';
import {
  type InterruptLine,
  type InterruptOptions,
  interruptOptions,
  Interrupts,
} from '../vfio/interrupts.js';
import { Migration } from '../vfio/migration.js';
import { Region } from '../vfio/region.js';
import { Device } from './device.js';

const { VFIO_DEVICE_BIND_FLAG_TOKEN } = vfio_device_bind_iommufd_flags;
const { VFIO_DEVICE_ATTACH_PASID } = vfio_device_attach_iommufd_pt_flags;
const { VFIO_DEVICE_DETACH_PASID } = vfio_device_detach_iommufd_pt_flags;
const { VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_PLATFORM, VFIO_DEVICE_FLAGS_RESET } = vfio_device_info_flags;
const { VFIO_REGION_INFO_FLAG_MMAP, VFIO_REGION_INFO_FLAG_READ, VFIO_REGION_INFO_FLAG_WRITE } =
  vfio_region_info_flags;
const { VFIO_IRQ_INFO_AUTOMASKED, VFIO_IRQ_INFO_EVENTFD, VFIO_IRQ_INFO_MASKABLE, VFIO_IRQ_INFO_NORESIZE } =
  vfio_irq_info_flags;

const {
  VFIO_DEVICE_FEATURE_BUS_MASTER,
  VFIO_DEVICE_FEATURE_DMA_BUF,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP,
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT,
  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
} = vfio_device_feature_index;

/** The command register of a PCI function, and its bits: `linux/pci_regs.h`. */
const PCI_COMMAND = 4;
const COMMAND_BITS = { io: 1, memory: 2, busMaster: 4 } as const;

/** `asm-generic/fcntl.h`. */
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;

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

/** What a PCI function answers and sends: bits of its command register. Those that are left out stay as they are. */
export interface PciCommand {
  /** I/O ports answer. */
  readonly io?: boolean;
  /** Memory BARs answer. */
  readonly memory?: boolean;
  /** It may do DMA and send messages. */
  readonly busMaster?: boolean;
}

/** How a device is opened. */
export interface OpenDeviceOptions {
  /**
   * The token of a virtual function, or of a physical one with virtual ones in use: 16 bytes, or a UUID as text. See
   * {@link VfioDevice.setVfToken}.
   */
  readonly token?: Uint8Array | string;
}

/** A part of a region. */
export interface RegionPart {
  /** The first byte, a multiple of the page size. */
  readonly offset: number;
  /** In bytes, of whole pages. */
  readonly length: number;
}

/** How low power is entered. */
interface LowPowerOptions {
  readonly wakeup?: Eventfd;
}

const UUID_SIZE = 16;

/** 16 bytes, or 32 hex digits with dashes between them. */
const token = thing(
  '16 bytes, or a UUID such as "01234567-89ab-cdef-0123-456789abcdef"',
  (value): value is Uint8Array | string =>
    value instanceof Uint8Array
      ? value.length === UUID_SIZE
      : typeof value === 'string' && /^[0-9a-f]{32}$/i.test(value.replaceAll('-', '')),
);

function bytesOfToken(value: Uint8Array | string): Uint8Array {
  if (typeof value !== 'string') return value;
  const digits = value.replaceAll('-', '');
  return Uint8Array.from({ length: UUID_SIZE }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** {@link OpenDeviceOptions} */
export const openDeviceOptions = record<OpenDeviceOptions>({ token: optional(token) });

const REGION_NAMES = Object.keys(regionIndexes) as readonly RegionName[];
const IRQ_NAMES = Object.keys(irqIndexes) as readonly InterruptKind[];
const part = record<RegionPart>({ offset: byteCount(0), length: byteCount(1) });

/** A region of a PCI device by its name, one of a driver's own by its number. */
const regionIndex = thing(
  `one of ${REGION_NAMES.join(', ')}, or an index`,
  (value): value is RegionName | number =>
    (typeof value === 'string' && Object.hasOwn(regionIndexes, value)) ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 0),
);

const calls = {
  region: new Call('VfioDevice.region', { region: regionIndex }),
  pciCommand: new Call('VfioDevice.pciCommand', {
    command: record<PciCommand>({
      io: optional(flag),
      memory: optional(flag),
      busMaster: optional(flag),
    }),
  }),
  enableMessages: new Call('VfioDevice.enableInterrupts', {
    kind: oneOf(IRQ_NAMES),
    options: interruptOptions,
  }),
  enableInterrupts: new Call('VfioDevice.enableInterrupts', { kind: oneOf(IRQ_NAMES) }),
  hotResetInfo: new Call('VfioDevice.hotResetInfo'),
  hotReset: new Call('VfioDevice.hotReset'),
  supports: new Call('VfioDevice.supports', { feature: oneOf(DEVICE_FEATURE_NAMES) }),
  enterLowPower: new Call('VfioDevice.enterLowPower', {
    options: optional(record<LowPowerOptions>({ wakeup: optional(eventfdKind) })),
  }),
  exitLowPower: new Call('VfioDevice.exitLowPower'),
  setBusMaster: new Call('VfioDevice.setBusMaster', { on: flag }),
  setVfToken: new Call('VfioDevice.setVfToken', { token }),
  dmaBuf: new Call('VfioDevice.dmaBuf', { region: regionIndex, parts: arrayOf('an array of parts', part) }),
  migration: new Call('VfioDevice.migration'),
  startDmaLogging: new Call('VfioDevice.startDmaLogging', { options: dmaLoggingOptions }),
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
   * A region, by its name: `bar0` to `bar5`, `rom`, `config`, `vga`. It makes one system call, VFIO_DEVICE_GET_REGION_INFO.
   * @param region its name, or the index of one that is a driver's own
   * @returns the region; of size 0 if the device has not got it
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
   * Switches on or off what a PCI function answers and sends, in its command register.
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
   * Turns interrupts on, each tied to an eventfd: VFIO_DEVICE_SET_IRQS. Of `intx`, `msi` and `msix` one is on at a time. Messages
   * need bus mastering: {@link pciCommand}.
   * @param kind `msi` and `msix`, with the number of vectors; `intx`, the line; `error`, that the device has reported one; `request`,
   *   that the host wants it back: close it then
   * @throws IommufdError EINVAL if the device has not so many, or others are on; EBUSY if this kind is on; EBADF if the device is
   *   closed
   */
  enableInterrupts(kind: MessageKind, options: InterruptOptions): Interrupts;
  enableInterrupts(kind: 'intx'): InterruptLine;
  enableInterrupts(kind: 'error' | 'request'): Interrupts;
  enableInterrupts(kind: InterruptKind, options?: InterruptOptions): Interrupts {
    const isMessage = kind === 'msi' || kind === 'msix';
    const context = (isMessage ? calls.enableMessages : calls.enableInterrupts).check(this, kind, options);
    if (this.interrupts.has(kind)) {
      const args = { device: this.describe(), index: kind };
      throw IommufdError.of('EBUSY', 'VFIO_DEVICE_SET_IRQS', args, `${kind} is on already: close it first.`);
    }
    const enabled = Interrupts.enable(context, this, kind, options?.vectors ?? 1);
    this.interrupts.set(kind, enabled);
    return enabled;
  }

  /** Has this SDK turned interrupts of a kind on? @internal */
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
   * What a reset of its slot or bus concerns: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO.
   * @throws IommufdError ENODEV if neither has a reset, as on a root bus; EBADF if the device is closed
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
   * @throws IommufdError EINVAL if one of them is not the caller's: the message names it; ENODEV if neither has a reset; ENOTTY if
   *   the link does not come back; EBADF if the device is closed
   */
  hotReset(): void {
    calls.hotReset.check(this);
    const args = { flags: 0, count: 0, group_fds: [] };
    this.context.calls.ioctl(this.fd, VFIO_DEVICE_PCI_HOT_RESET, args, { cause: hotResetCause(this) });
  }

  /**
   * Does the device have a feature? It is asked for with VFIO_DEVICE_FEATURE_PROBE, which changes nothing.
   * @throws IommufdError EBADF if it is closed
   */
  supports(feature: DeviceFeature): boolean {
    calls.supports.check(this, feature);
    return probeFeature(this, feature);
  }

  /**
   * Lets the device go to a low power state whenever it is idle: VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY. Until {@link exitLowPower} its
   * mapped regions cannot be accessed.
   * @param options how
   * @param options.wakeup an eventfd that is signalled when it wakes up by itself, which ends low power
   * @throws IommufdError EINVAL if it is in force already; ENOTTY if the kernel is older than 6.1; EBADF if the device is closed
   */
  enterLowPower(options: { readonly wakeup?: Eventfd } = {}): void {
    calls.enterLowPower.check(this, options);
    const { wakeup } = options;
    const cause = featureCause(this, 'low power is in force already: exitLowPower() ends it');
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
   * Lets the device do DMA, or not, on a bus where no register does that: VFIO_DEVICE_FEATURE_BUS_MASTER. On PCI it is
   * {@link pciCommand}.
   * @throws IommufdError ENOTTY on PCI; EBADF if the device is closed
   */
  setBusMaster(on: boolean): void {
    calls.setBusMaster.check(this, on);
    const data = encode(vfio_device_feature_bus_master, { op: on ? 1 : 0 });
    setFeature(this, VFIO_DEVICE_FEATURE_BUS_MASTER, data, featureCause(this));
  }

  /**
   * Sets the token of a physical function, which programs that open its virtual functions must know:
   * VFIO_DEVICE_FEATURE_PCI_VF_TOKEN.
   * @param token 16 bytes, or a UUID as text
   * @throws IommufdError ENOTTY if it is no physical function; EBADF if the device is closed
   */
  setVfToken(token: Uint8Array | string): void {
    calls.setVfToken.check(this, token);
    setFeature(this, VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, bytesOfToken(token), featureCause(this));
  }

  /**
   * Makes a dma-buf of parts of a region, so that other devices reach it: VFIO_DEVICE_FEATURE_DMA_BUF.
   * @returns its file descriptor, which the caller closes
   * @throws IommufdError ENOTTY if the kernel or the device does not offer it; EINVAL for parts that are not of whole pages or go
   *   beyond the end; EBADF if the device is closed
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
   * Its migration: VFIO_DEVICE_FEATURE_MIGRATION.
   * @throws IommufdError ENOTTY if it cannot be migrated, which {@link supports} says; EBADF if it is closed
   */
  migration(): Migration {
    calls.migration.check(this);
    return Migration.of(this);
  }

  /**
   * Has the device log which pages it writes to, until that is closed: VFIO_DEVICE_FEATURE_DMA_LOGGING_START.
   * @throws IommufdError ENOTTY if it does not log, which {@link supports} says; EINVAL if it logs already, or for ranges that overlap
   *   or are not of whole pages; E2BIG for too many; EBADF if it is closed
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
