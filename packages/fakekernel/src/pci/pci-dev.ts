/**
 * A PCI function as Linux's PCI core sees it: `struct pci_dev` and `drivers/pci/pci.c`. It has the results of enumeration
 * (resources, interrupt, reset methods), whether the function is enabled, its power state, and its saved registers.
 */
import { fail } from '../errno.js';
import type { Bar } from '../hardware/pci/bar.js';
import type { ConfigAccessSize } from '../hardware/pci/config-space.js';
import type { FakePciDevice } from '../hardware/pci/function.js';
import {
  PCI_BASE_ADDRESS_0,
  PCI_CAP_ID,
  PCI_CLASS_REVISION,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_DEVICE_ID,
  PCI_EXT_CAP_ID,
  PCI_INTERRUPT_LINE,
  PCI_INTERRUPT_PIN,
  PCI_PM_CAP_D1,
  PCI_PM_CAP_D2,
  PCI_PM_CTRL,
  PCI_PM_CTRL_NO_SOFT_RESET,
  PCI_PM_CTRL_STATE_MASK,
  PCI_PM_PMC,
  PCI_ROM_ADDRESS,
  PCI_ROM_RESOURCE,
  PCI_SRIOV_BAR,
  PCI_SRIOV_VF_DID,
  PCI_VENDOR_ID,
} from '../hardware/pci/registers.js';
import type { PciNode } from '../hardware/pci/topology.js';
import type { Device } from '../iommu/device.js';
import type { Interrupts } from './interrupts.js';
import type { MsiVectors } from './msi.js';
import { PowerState } from './power.js';
import { probeResetMethods, type ResetMethod } from './reset.js';
import { restoreState, type SavedState, saveState } from './state.js';

/** A BAR or ROM with its address on the bus: `struct resource`. */
export interface PciResource {
  readonly bar: Bar;
  readonly start: bigint;
  readonly length: number;
}

/** A function that Linux has enumerated. */
export class PciDev {
  /** BARs by index, and the ROM with index 6. */
  readonly resources: readonly (PciResource | undefined)[];
  /** Its reset methods, as found at enumeration: `reset_methods`. */
  readonly resetMethods: readonly ResetMethod[];
  readonly vendor: number;
  readonly device: number;
  /** How many times it is enabled: `enable_cnt`. */
  enableCount = 0;
  currentState: PowerState = PowerState.D0;
  /** The number of its interrupt line: the firmware's value, until it is first enabled. */
  irq: number;
  /** The number to which its line is routed; 0 without a pin. */
  private readonly line: number;
  /** Width of its DMA mask in bits, as drivers set it: `dma_mask`. */
  dmaBits = 32;
  private vectors: MsiVectors | undefined;
  /** True if its ROM can be read in sysfs: `rom_attr_enabled`. */
  isRomEnabled = false;
  /** True if vectors were ever allocated since it was enumerated. */
  hasHadMsi = false;
  private saved: SavedState | undefined;

  constructor(
    readonly hardware: FakePciDevice,
    readonly node: PciNode,
    private readonly interrupts: Interrupts,
    /** The device as its IOMMU sees it. */
    readonly behind?: Device,
  ) {
    this.line = interrupts.lineOf(node);
    this.resources = [...resourcesOf(hardware), romOf(hardware)];
    this.irq = this.readConfig(PCI_INTERRUPT_PIN, 1) === 0 ? 0 : this.readConfig(PCI_INTERRUPT_LINE, 1);
    // A virtual function has no ids of its own: `pci_iov_add_virtfn()`.
    const pf = hardware.physicalFunction;
    const sriov = pf?.findExtended(PCI_EXT_CAP_ID.SRIOV);
    this.vendor = (pf ?? hardware).readConfig(PCI_VENDOR_ID, 2);
    this.device =
      pf !== undefined && sriov !== undefined
        ? pf.readConfig(sriov + PCI_SRIOV_VF_DID, 2)
        : hardware.readConfig(PCI_DEVICE_ID, 2);
    this.resetMethods = probeResetMethods(this);
  }

  get configSize(): number {
    return this.hardware.configSize;
  }

  get isVirtual(): boolean {
    return this.hardware.physicalFunction !== undefined;
  }

  /** Number of enabled virtual functions: `pci_num_vf()`. */
  get virtualFunctionCount(): number {
    return this.isPhysical ? this.hardware.virtualFunctions.length : 0;
  }

  /** `is_physfn`. */
  get isPhysical(): boolean {
    return this.hardware.findExtended(PCI_EXT_CAP_ID.SRIOV) !== undefined;
  }

  /**
   * True if its memory decoding has no bit of its own (`no_command_memory`): a virtual function uses that of its physical
   * function.
   */
  get hasNoMemoryBit(): boolean {
    return this.isVirtual;
  }

  /** `pci_is_pcie()`. */
  get isExpress(): boolean {
    return this.findCapability(PCI_CAP_ID.EXP) !== undefined;
  }

  /** `pci_is_vga()`. */
  get isVga(): boolean {
    return this.readConfig(PCI_CLASS_REVISION, 4) >>> 16 === 0x0300;
  }

  readConfig(at: number, size: ConfigAccessSize): number {
    return this.hardware.readConfig(at, size);
  }

  writeConfig(at: number, size: ConfigAccessSize, value: number): void {
    this.hardware.writeConfig(at, size, value);
  }

  findCapability(id: number): number | undefined {
    return this.hardware.findCapability(id);
  }

  /** The allocated vectors; undefined while neither MSI nor MSI-X is enabled. */
  get msi(): MsiVectors | undefined {
    return this.vectors;
  }

  set msi(vectors: MsiVectors | undefined) {
    this.vectors = vectors;
    this.hasHadMsi ||= vectors !== undefined;
  }

  /** `pci_enable_device()`: enables decoding of the address spaces that its BARs use, and routes its interrupt line. */
  enable(): void {
    if (++this.enableCount > 1) return;
    let command = this.readConfig(PCI_COMMAND, 2);
    for (const resource of this.resources.slice(0, PCI_ROM_RESOURCE))
      if (resource !== undefined) command |= resource.bar.isIo ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
    if (this.readConfig(PCI_INTERRUPT_PIN, 1) !== 0) {
      this.irq = this.line;
      this.interrupts.connect(this.line);
      command &= ~PCI_COMMAND_INTX_DISABLE;
    }
    if (command !== this.readConfig(PCI_COMMAND, 2)) this.writeConfig(PCI_COMMAND, 2, command);
  }

  /** Sets the state that an earlier driver leaves, which has enabled the function and set its DMA masks. */
  setUsedBefore(dmaBits: number): void {
    this.irq = this.line;
    this.dmaBits = dmaBits;
  }

  /** `pci_disable_device()`. */
  disable(): void {
    if (--this.enableCount > 0) return;
    this.clearMaster();
    this.interrupts.disconnect(this.line);
  }

  /** `pci_clear_master()`. */
  clearMaster(): void {
    const command = this.readConfig(PCI_COMMAND, 2);
    if ((command & PCI_COMMAND_MASTER) !== 0) this.writeConfig(PCI_COMMAND, 2, command & ~PCI_COMMAND_MASTER);
  }

  /** `pci_save_state()`. */
  saveState(): void {
    this.saved = saveState(this);
  }

  /** `pci_store_saved_state()`. */
  storeSavedState(): SavedState | undefined {
    return this.saved;
  }

  /** `pci_load_saved_state()`. */
  loadSavedState(state: SavedState | undefined): void {
    this.saved = state;
  }

  /** `pci_restore_state()`: does nothing if no state is saved, or if it was already restored. */
  restoreState(): void {
    if (this.saved === undefined) return;
    restoreState(this, this.saved);
    this.msi?.restore();
    this.saved = undefined;
  }

  /** True if leaving D3hot resets its registers: it has a PM capability without PCI_PM_CTRL_NO_SOFT_RESET. */
  get losesStateInD3(): boolean {
    const pm = this.findCapability(PCI_CAP_ID.PM);
    return pm !== undefined && (this.readConfig(pm + PCI_PM_CTRL, 2) & PCI_PM_CTRL_NO_SOFT_RESET) === 0;
  }

  /**
   * `pci_set_power_state()`.
   * @throws EIO for a state that it does not support; EINVAL from a low-power state to a shallower one
   */
  setPowerState(state: PowerState): void {
    if (state === this.currentState) return;
    const pm = this.findCapability(PCI_CAP_ID.PM);
    if (pm === undefined) throw fail('EIO');
    const has = this.readConfig(pm + PCI_PM_PMC, 2);
    if (state === PowerState.D1 && (has & PCI_PM_CAP_D1) === 0) throw fail('EIO');
    if (state === PowerState.D2 && (has & PCI_PM_CAP_D2) === 0) throw fail('EIO');
    if (state !== PowerState.D0 && this.currentState > state) throw fail('EINVAL');
    const losesState = this.losesStateInD3 && this.currentState === PowerState.D3hot;
    const control = this.readConfig(pm + PCI_PM_CTRL, 2);
    this.writeConfig(pm + PCI_PM_CTRL, 2, (control & ~PCI_PM_CTRL_STATE_MASK) | state);
    this.currentState = state;
    if (losesState) this.restoreBars();
  }

  /** `pci_restore_bars()`: writes the addresses that Linux has stored. */
  restoreBars(): void {
    for (const [index, resource] of this.resources.entries()) {
      if (resource === undefined || this.isVirtual) continue;
      const at = index === PCI_ROM_RESOURCE ? PCI_ROM_ADDRESS : PCI_BASE_ADDRESS_0 + 4 * index;
      this.writeConfig(at, 4, Number(resource.start & 0xffff_ffffn));
      if (resource.bar.is64) this.writeConfig(at + 4, 4, Number(resource.start >> 32n));
    }
  }
}

const SHADOW_ROM = 0xc_0000n;

/**
 * The BARs as the firmware has programmed them. Those of virtual functions follow from the physical function's:
 * `pci_iov_resource_size()`.
 */
function resourcesOf(hardware: FakePciDevice): (PciResource | undefined)[] {
  const pf = hardware.physicalFunction;
  const sriov = pf?.findExtended(PCI_EXT_CAP_ID.SRIOV);
  const source = pf ?? hardware;
  const first = pf === undefined ? PCI_BASE_ADDRESS_0 : (sriov ?? 0) + PCI_SRIOV_BAR;
  return Array.from({ length: PCI_ROM_RESOURCE }, (_, number) => {
    const bar = hardware.bars[number];
    if (bar === undefined) return undefined;
    const at = first + 4 * number;
    const low = BigInt((source.config.read(at, 4) & (bar.isIo ? ~3 : ~15)) >>> 0);
    const high = bar.is64 ? BigInt(source.config.read(at + 4, 4)) : 0n;
    const offset = pf === undefined ? 0n : BigInt(hardware.virtualIndex * bar.size);
    return { bar, start: (high << 32n) + low + offset, length: bar.size };
  });
}

/** `pci_fixup_video()`: the ROM of the VGA controller that the machine booted with is its copy in memory. */
function romOf(hardware: FakePciDevice): PciResource | undefined {
  const { rom, shadowRom } = hardware;
  if (shadowRom !== undefined) return { bar: shadowRom, start: SHADOW_ROM, length: shadowRom.size };
  if (rom === undefined) return undefined;
  const start = BigInt((hardware.readConfig(PCI_ROM_ADDRESS, 4) & ~0x7ff) >>> 0);
  return { bar: rom, start, length: rom.size };
}
