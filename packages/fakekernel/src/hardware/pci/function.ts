/**
 * A PCI function as hardware: configuration space, BARs, interrupts, DMA. {@link createDevice} creates one from a declaration. A
 * test plugs it in with `kernel.plug()`, and controls it from the device's side. Linux's part is in `pci/` and `vfio/`.
 */
import type { Device } from '../../iommu/device.js';
import type { PciEndpoint } from '../../iommu/pci-function.js';
import { restorable } from '../../lib/restorable.js';
import type { AccessSize } from '../../process/device-memory.js';
import { Dma } from '../dma.js';
import { DmaDevice } from '../dma-device.js';
import { type Bar, barsOf, checkBar, romOf, valueOf } from './bar.js';
import { capabilityBits, express, extendedBits } from './capability.js';
import { capabilitiesIn, extendedCapabilitiesIn, type PlacedCapability } from './capability-chain.js';
import { imageOf, sizeOf } from './config-image.js';
import { type ConfigAccessSize, ConfigSpace, type RegisterBits } from './config-space.js';
import type { PciDeviceOptions } from './declaration.js';
import { FunctionInterrupts } from './interrupts.js';
import type { Migratable } from './migration.js';
import {
  PCI_BASE_ADDRESS_0,
  PCI_CACHE_LINE_SIZE,
  PCI_CAP_ID,
  PCI_CAPABILITY_LIST,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_COMMAND_SERR,
  PCI_EXP_DEVCAP,
  PCI_EXP_DEVCAP_FLR,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL_BCR_FLR,
  PCI_EXT_CAP_ID,
  PCI_HEADER_TYPE,
  PCI_HEADER_TYPE_MFD,
  PCI_INTERRUPT_LINE,
  PCI_PM_CTRL,
  PCI_PM_CTRL_NO_SOFT_RESET,
  PCI_PM_CTRL_STATE_MASK,
  PCI_ROM_ADDRESS,
  PCI_ROM_ADDRESS_ENABLE,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
  PCI_STD_HEADER_SIZEOF,
  PCI_STD_NUM_BARS,
} from './registers.js';

/** A PCI function of a test, created by {@link createDevice}. */
export class FakePciDevice implements PciEndpoint {
  /** @internal */
  readonly config: ConfigSpace;
  /** @internal */
  readonly bars: readonly (Bar | undefined)[];
  /** The BAR of the ROM. @internal */
  readonly rom: Bar | undefined;
  /** The copy of a VGA controller's ROM in memory, which does not depend on decoding. @internal */
  readonly shadowRom: Bar | undefined;
  /** @internal */
  readonly interrupts: FunctionInterrupts;
  /** The enabled virtual functions. */
  readonly virtualFunctions: FakePciDevice[] = [];
  /** Of a virtual function: its index, which stays the same while others are removed. @internal */
  readonly virtualIndex: number;
  /** Number of errors that it has reported with {@link reportError}. @internal */
  errorCount = 0;
  /** True if a migration has stopped it: it does not access memory. */
  isStopped = false;
  /** Called for each of its writes to memory. @internal */
  onWrite: ((iova: bigint, length: number) => void) | undefined;
  /** The power state that was written last. */
  private powerState = 0;
  /** Set when it is connected to an IOMMU. */
  private port: DmaDevice | undefined;
  /** The bits that software can change, with their values after a reset. */
  private readonly volatile: (RegisterBits & { readonly initial: number })[] = [];

  constructor(private readonly options: PciDeviceOptions) {
    this.bars = barsOf(options.bars ?? []);
    this.rom = romOf(options.rom);
    const shadow = options.legacyVga?.rom;
    this.shadowRom = shadow && romOf({ bytes: shadow, size: SHADOW_ROM_SIZE });
    const image = options.config?.bytes ?? imageOf(options);
    this.config = new ConfigSpace(sizeOf(options, image), image);
    this.defineHeader();
    const owned = this.defineCapabilities();
    if (options.config?.spareIsMemory === true) this.defineSpare(owned);
    for (const bits of options.config?.registers ?? []) this.define(bits);
    this.interrupts = new FunctionInterrupts(
      this.config,
      { msi: this.findCapability(PCI_CAP_ID.MSI), msix: this.findCapability(PCI_CAP_ID.MSIX) },
      this.bars,
    );
    this.watchReset();
    const { virtualFunctions = [] } = options.physicalFunction ?? {};
    this.virtualIndex = (virtualFunctions.at(-1)?.virtualIndex ?? -1) + 1;
    virtualFunctions.push(this);
  }

  private define(bits: RegisterBits, isVolatile = true): void {
    this.config.define(bits);
    if (isVolatile) this.volatile.push({ ...bits, initial: this.config.read(bits.at, bits.size) });
  }

  private defineHeader(): void {
    const { config } = this;
    this.define({
      at: PCI_COMMAND,
      size: 2,
      // The bit of an address space without BARs could be read-only, but real hardware implements it.
      writable:
        PCI_COMMAND_IO |
        PCI_COMMAND_MEMORY |
        PCI_COMMAND_MASTER |
        PCI_COMMAND_SERR |
        PCI_COMMAND_INTX_DISABLE,
    });
    this.define({ at: PCI_STATUS, size: 2, clearable: 0xf900 });
    this.define({ at: PCI_CACHE_LINE_SIZE, size: 1, writable: 0xff });
    this.define({ at: PCI_INTERRUPT_LINE, size: 1, writable: 0xff });
    for (const [index, bar] of this.bars.entries()) {
      // The BARs of a virtual function are in the SR-IOV capability of its physical function.
      if (bar === undefined || this.physicalFunction !== undefined) continue;
      const at = PCI_BASE_ADDRESS_0 + 4 * index;
      config.set(at, 4, (config.read(at, 4) & -16) | bar.typeBits);
      this.config.define({ at, size: 4, writable: addressMask(bar.size, bar.isIo ? 4 : 16) });
      if (bar.is64) config.define({ at: at + 4, size: 4, writable: upperMask(bar.size) });
    }
    if (this.rom !== undefined)
      config.define({
        at: PCI_ROM_ADDRESS,
        size: 4,
        writable: addressMask(this.rom.size, 0x800) | PCI_ROM_ADDRESS_ENABLE,
      });
    // PCI_STATUS has no capability list bit if the function has no capabilities.
    if (config.read(PCI_CAPABILITY_LIST, 1) !== 0)
      config.set(PCI_STATUS, 2, config.read(PCI_STATUS, 2) | PCI_STATUS_CAP_LIST);
  }

  /** @returns for each byte of configuration space, 1 if it belongs to the header or a capability */
  private defineCapabilities(): Uint8Array {
    const owned = new Uint8Array(this.config.size).fill(1, 0, PCI_STD_HEADER_SIZEOF);
    for (const { id, at, length } of this.capabilities()) {
      owned.fill(1, at, at + length);
      for (const bits of capabilityBits(id, at, (offset) => this.config.read(offset, 2))) this.define(bits);
    }
    for (const { id, at, length } of this.extendedCapabilities()) {
      owned.fill(1, at, at + length);
      // AER's registers are sticky: they keep their values across a reset.
      for (const bits of extendedBits(id, at)) this.define(bits, id !== PCI_EXT_CAP_ID.ERR);
    }
    return owned;
  }

  private defineSpare(owned: Uint8Array): void {
    for (let at = PCI_STD_HEADER_SIZEOF; at < owned.length; at++)
      if (owned[at] === 0) this.config.defineMemory(at);
  }

  /** @internal */
  capabilities(): Generator<PlacedCapability> {
    return capabilitiesIn(this.config);
  }

  /** @internal */
  extendedCapabilities(): Generator<PlacedCapability> {
    return extendedCapabilitiesIn(this.config);
  }

  /** The offset of a capability. @param id one of `PCI_CAP_ID_*` */
  findCapability(id: number): number | undefined {
    for (const found of this.capabilities()) if (found.id === id) return found.at;
    return undefined;
  }

  /** The offset of an extended capability. @param id one of `PCI_EXT_CAP_ID_*` */
  findExtended(id: number): number | undefined {
    for (const found of this.extendedCapabilities()) if (found.id === id) return found.at;
    return undefined;
  }

  /** Registers that reset the function: FLR, and leaving D3hot without PCI_PM_CTRL_NO_SOFT_RESET. */
  private watchReset(): void {
    const { config } = this;
    const express = this.findCapability(PCI_CAP_ID.EXP);
    if (express !== undefined && (config.read(express + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR) !== 0) {
      const at = express + PCI_EXP_DEVCTL;
      config.watch(at, 2, FakePciDevice.controlWritten(this, at));
    }
    const power = this.findCapability(PCI_CAP_ID.PM);
    if (power === undefined) return;
    const at = power + PCI_PM_CTRL;
    this.powerState = config.read(at, 2) & PCI_PM_CTRL_STATE_MASK;
    config.watch(at, 2, FakePciDevice.powerWritten(this, at));
  }

  private static readonly controlWritten = restorable(
    'FakePciDevice.PCI_EXP_DEVCTL',
    (device: FakePciDevice, at: number) => () => {
      const { config } = device;
      if ((config.read(at, 2) & PCI_EXP_DEVCTL_BCR_FLR) === 0) return;
      config.set(at, 2, config.read(at, 2) & ~PCI_EXP_DEVCTL_BCR_FLR);
      device.reset();
    },
  );

  private static readonly powerWritten = restorable(
    'FakePciDevice.PCI_PM_CTRL',
    (device: FakePciDevice, at: number) => () => {
      const before = device.powerState;
      const control = device.config.read(at, 2);
      device.powerState = control & PCI_PM_CTRL_STATE_MASK;
      if (before === 3 && device.powerState === 0 && (control & PCI_PM_CTRL_NO_SOFT_RESET) === 0)
        device.reset();
    },
  );

  /** True if it has a reset method of its own, outside the specification. @internal */
  get hasOwnReset(): boolean {
    return false;
  }

  /** Called when a program has opened it. @internal */
  opened(): void {
    // Only functions that a test implements itself use it.
  }

  /** Resets the function: configuration space, interrupts, and the state of the device. */
  reset(): void {
    for (const { at, size, initial, writable = 0, clearable = 0 } of this.volatile) {
      const changeable = writable | clearable;
      this.config.set(at, size, (this.config.read(at, size) & ~changeable) | (initial & changeable));
    }
    this.config.clear(PCI_COMMAND, 2);
    this.config.clear(PCI_INTERRUPT_LINE, 1);
    for (let at = PCI_BASE_ADDRESS_0; at < PCI_BASE_ADDRESS_0 + 4 * PCI_STD_NUM_BARS; at += 4)
      this.config.clear(at, 4);
    this.config.clear(PCI_ROM_ADDRESS, 4);
    this.interrupts.reset();
    this.options.reset?.();
  }

  /** Size of configuration space in bytes: 256, or 4096 with PCI Express. */
  get configSize(): number {
    return this.config.size;
  }

  /** The physical function of a virtual function. */
  get physicalFunction(): FakePciDevice | undefined {
    return this.options.physicalFunction;
  }

  /** @internal */
  get isVirtual(): boolean {
    return this.physicalFunction !== undefined;
  }

  /** @internal */
  get hasPageRequests(): boolean {
    return (this.physicalFunction ?? this).findExtended(PCI_EXT_CAP_ID.PRI) !== undefined;
  }

  /** True if the slot has other functions. */
  get isMultifunction(): boolean {
    return (this.config.read(PCI_HEADER_TYPE, 1) & PCI_HEADER_TYPE_MFD) !== 0;
  }

  /** An access of the host to configuration space. @internal */
  readConfig(at: number, size: ConfigAccessSize): number {
    return this.config.read(at, size);
  }

  /** @internal */
  writeConfig(at: number, size: ConfigAccessSize, value: number): void {
    this.config.write(at, size, value);
  }

  private command(bit: number): boolean {
    return (this.config.read(PCI_COMMAND, 2) & bit) !== 0;
  }

  /**
   * True if the address space of this BAR is decoded. A virtual function uses the setting of its physical function.
   * @internal
   */
  isDecoded(bar: Bar): boolean {
    if (this.physicalFunction !== undefined || bar === this.shadowRom) return true;
    return this.command(bar.isIo ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);
  }

  /** Reads a BAR for the host. If the BAR is not decoded, it reads as ones. @internal */
  readBar(bar: Bar, offset: number, size: AccessSize): bigint {
    return this.isDecoded(bar) ? bar.read(offset, size) : BigInt.asUintN(8 * size, -1n);
  }

  /** @internal */
  writeBar(bar: Bar, offset: number, size: AccessSize, value: bigint): void {
    if (this.isDecoded(bar)) bar.write(offset, size, value);
  }

  /** Reads a legacy address of a VGA controller, which no BAR decodes. @internal */
  readLegacy(address: number, size: AccessSize): bigint {
    return valueOf(this.options.legacyVga?.registers.read(address, size), size);
  }

  /** @internal */
  writeLegacy(address: number, size: AccessSize, value: bigint): void {
    this.options.legacyVga?.registers.write(address, size, BigInt.asUintN(8 * size, value));
  }

  /** Connects it to an IOMMU. @internal */
  connect(device: Device): void {
    if (!(device instanceof DmaDevice)) return;
    this.port = device;
    device.dma.onWrite = FakePciDevice.passesOn(this);
    const { messages } = device;
    if (messages === undefined) return;
    this.interrupts.bus = messages;
    messages.arrived = FakePciDevice.takesMessages(this);
  }

  private static readonly passesOn = restorable(
    'FakePciDevice.onWrite',
    (device: FakePciDevice) => (iova: bigint, length: number) => device.onWrite?.(iova, length),
  );

  private static readonly takesMessages = restorable(
    'FakePciDevice.arrived',
    (device: FakePciDevice) => (event: number) => device.interrupts.arrive(event),
  );

  /** Its migration support. @internal */
  get migration(): Migratable | undefined {
    return this.options.migration;
  }

  private get canAccessMemory(): boolean {
    return this.isBusMaster && !this.isStopped;
  }

  /** True if a program has allowed it to access memory. */
  get isBusMaster(): boolean {
    return this.command(PCI_COMMAND_MASTER);
  }

  /**
   * Accesses memory as the device does. If bus mastering is disabled, or the device is stopped or not behind an IOMMU, every
   * access fails with a `DmaFault`.
   */
  get dma(): Dma {
    return this.canAccessMemory && this.port !== undefined ? this.port.dma : NO_DMA;
  }

  /**
   * Accesses memory at once, in pieces that end at page boundaries, without requesting missing pages.
   * @returns the number of transferred bytes
   */
  transfer(iova: bigint, bytes: Uint8Array, write: boolean): number {
    if (!this.canAccessMemory || this.port === undefined) return 0;
    for (let done = 0; done < bytes.length;) {
      const at = BigInt.asUintN(64, iova + BigInt(done));
      const translation = this.port.translate({ iova: at, write, pasid: undefined });
      if ('reason' in translation) return done;
      const { object, byte, length, written } = translation;
      const piece = bytes.subarray(done, done + Math.min(length, 4096 - (byte % 4096)));
      if (write) object.write(byte, piece);
      else object.read(byte, piece);
      if (write) {
        written?.(piece.length);
        this.onWrite?.(at, piece.length);
      }
      done += piece.length;
    }
    return bytes.length;
  }

  /** Creates one of its virtual functions. @internal */
  makeVirtualFunction(index: number): FakePciDevice {
    const options = this.options.virtualFunction?.(index) ?? { capabilities: [express({ flr: true })] };
    // A virtual function has neither ids nor an interrupt line of its own.
    return createDevice({
      ...options,
      vendor: 0xffff,
      device: 0xffff,
      interruptPin: 0,
      physicalFunction: this,
    });
  }

  /**
   * Raises an interrupt: MSI-X or MSI if a driver has enabled it, otherwise the INTx line.
   * @param vector the vector of MSI-X or MSI
   */
  interrupt(vector = 0): void {
    this.interrupts.raise(vector);
  }

  /**
   * Reports an uncorrectable, non-fatal error (ERR_NONFATAL of PCI Express). The host's kernel signals the program that has the
   * device open (VFIO_PCI_ERR_IRQ_INDEX), and takes no other action.
   * @throws Error if the function has no Advanced Error Reporting ({@link aer}), which such reports require
   */
  reportError(): void {
    if (this.findExtended(PCI_EXT_CAP_ID.ERR) === undefined)
      throw new Error('reportError: the function has no Advanced Error Reporting: declare aer()');
    this.errorCount++;
    this.interrupts.sink?.error();
  }

  /** Raises or lowers the INTx line. */
  setInterruptLine(asserted: boolean): void {
    this.interrupts.setLine(asserted);
  }
}

/** Creates a PCI function, which can then be plugged in with `kernel.plug()`. @throws RangeError if the declaration is invalid */
export function createDevice(options: PciDeviceOptions): FakePciDevice {
  for (const bar of options.bars ?? []) if (bar !== undefined) checkBar(bar);
  return new FakePciDevice(options);
}

/** Size of its memory: 0xc0000 to 0xdffff. */
const SHADOW_ROM_SIZE = 0x2_0000;

const NO_DMA = new Dma({
  maxPasids: 1 << 20,
  reportFault: () => false,
  translate: () => ({ reason: 'blocked' }),
  refused: () => 'abort',
});

const addressMask = (size: number, least: number): number =>
  ~(Math.max(Math.min(size, 2 ** 32), least) - 1) >>> 0;
const upperMask = (size: number): number => Number((~(BigInt(size) - 1n) >> 32n) & 0xffff_ffffn);
