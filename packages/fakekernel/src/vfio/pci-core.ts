/**
 * vfio-pci's state of a function: `struct vfio_pci_core_device`, with the parts of Linux's `vfio_pci_core.c` that open, close and
 * reset a device, and change its power state. Requests are in `pci.ts`, regions in `pci-rw.ts`, `pci-mmap.ts`, `pci-config.ts`.
 */
import { Errno, fail, invariant } from '../errno.js';
import {
  PCI_CAP_ID,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_MEMORY,
  PCI_MSIX_ENTRY_SIZE,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_QSIZE,
  PCI_MSIX_TABLE,
} from '../hardware/pci/registers.js';
import type { Bar } from '../hardware/pci/bar.js';
import type { Completion } from '../lib/completion.js';
import type { Interrupts } from '../pci/interrupts.js';
import type { PciDev } from '../pci/pci-dev.js';
import { PowerState } from '../pci/power.js';
import { resetFunctionLocked, tryResetFunction } from '../pci/reset.js';
import type { SavedState } from '../pci/state.js';
import type { Features } from '../versions/kernel-version.js';
import { DmaLog } from './dma-log.js';
import { VfioMigration } from './migration.js';
import { VfioPciConfig } from './pci-config.js';
import { PciDmaBufs } from './pci-dma-buf.js';
import { VfioPciIntrs } from './pci-intrs.js';
import { PciIoeventfds } from './pci-ioeventfd.js';
import type { BarHome } from './pci-mmap.js';
import { PciRuntimePm } from './pci-runtime-pm.js';
import { VfToken } from './pci-token.js';

/** The enabled kind of interrupts: `irq_type`. */
export type IrqType = 'none' | 'intx' | 'msi' | 'msix';

/** The part of a BAR that contains the MSI-X table. */
export interface MsixPlace {
  readonly bar: number;
  readonly first: number;
  readonly length: number;
}

/** The settings of a kernel for vfio-pci: see `KernelConfig`. */
export interface VfioPciSettings {
  /** True if BARs with registers can be mapped. */
  readonly mapsRegisters: boolean;
  /** True if the kernel has runtime power management: CONFIG_PM. */
  readonly runtimePm: boolean;
  /** True if BARs can be exported: CONFIG_VFIO_PCI_DMABUF. */
  readonly dmaBufs: boolean;
}

/** A function that is bound to vfio-pci. */
export class VfioPciCore {
  /** True if its registers can be mapped. */
  readonly mapsRegisters: boolean;
  /** For a physical function: the token that programs need in order to use its virtual functions. */
  readonly token: VfToken | undefined;
  /** The kind of interrupts that SET_IRQS has enabled. */
  irqType: IrqType = 'none';
  readonly irqs: VfioPciIntrs;
  readonly ioeventfds: PciIoeventfds = new PciIoeventfds(this);
  /** log2 of the number of vectors that SET_IRQS has requested since the driver was bound: `msi_qmax`. */
  msiQmax = 0;
  /** True if the virtual command register masks INTx: `virq_disabled`. */
  isIntxDisabled = false;
  /** True if it can be reset alone: `reset_works`. */
  resetWorks = false;
  /** True if it needs a reset before its next use: `needs_reset`. */
  needsReset = false;
  readonly power: PciRuntimePm;
  /** True from the creation of virtual functions by vfio-pci until they are removed: `sriov_active`. */
  isSriovActive = false;
  /** The removal of the virtual functions that is in progress. */
  sriovRemoval: Completion | undefined;
  /** Undefined if the device cannot be migrated. */
  readonly migration: VfioMigration | undefined;
  readonly dmaLog: DmaLog | undefined;
  /** Undefined if the kernel does not support them. */
  readonly dmaBufs: PciDmaBufs | undefined;
  /** The files that hold the memory of its BARs, if programs map them whose accesses are not seen. */
  readonly barHomes = new Map<Bar, BarHome>();
  private opened: VfioPciConfig | undefined;
  private msixAtOpen: MsixPlace | undefined;
  private savedAtOpen: SavedState | undefined;
  private savedInD3: SavedState | undefined;

  constructor(
    readonly pdev: PciDev,
    /** For a virtual function: its physical function, if that is bound to vfio-pci. */
    private readonly physical: VfioPciCore | undefined,
    /** The allocator of its vectors. */
    interrupts: Interrupts,
    settings: VfioPciSettings,
    readonly features: Features,
  ) {
    this.mapsRegisters = settings.mapsRegisters;
    this.irqs = new VfioPciIntrs(this, interrupts);
    this.power = new PciRuntimePm(this, settings.runtimePm);
    if (settings.dmaBufs && features.VFIO_DEVICE_FEATURE_DMA_BUF) this.dmaBufs = new PciDmaBufs(this);
    const { hardware } = pdev;
    const { migration } = hardware;
    this.migration = migration && new VfioMigration(hardware, migration);
    this.dmaLog = migration && new DmaLog(hardware);
    if (pdev.isPhysical) this.token = new VfToken();
  }

  /** True if its line has no interrupt number, which is known only when it is enabled. */
  get hasNoIntx(): boolean {
    return this.pdev.irq === 0;
  }

  get isOpen(): boolean {
    return this.opened !== undefined;
  }

  /** Configuration space of the open device. */
  get config(): VfioPciConfig {
    invariant(this.opened !== undefined, () => `${this.pdev.node.name} is used and not open`);
    return this.opened;
  }

  /** The MSI-X table, as found when the device was opened; undefined without MSI-X. */
  get msix(): MsixPlace | undefined {
    return this.msixAtOpen;
  }

  private findMsix(): MsixPlace | undefined {
    const at = this.pdev.findCapability(PCI_CAP_ID.MSIX);
    if (at === undefined) return undefined;
    const place = this.pdev.readConfig(at + PCI_MSIX_TABLE, 4);
    const vectors = (this.pdev.readConfig(at + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
    return { bar: place & 7, first: place & ~7, length: vectors * PCI_MSIX_ENTRY_SIZE };
  }

  /** `vfio_pci_core_match_token_uuid()`. @param uuid undefined if the program passed no token @throws EACCES | EINVAL */
  checkToken(uuid: Uint8Array | undefined): void {
    if (this.pdev.isVirtual) {
      if (this.physical?.token !== undefined) this.physical.token.checkVirtual(uuid);
      else if (uuid !== undefined) throw fail('EINVAL');
    } else if (this.token !== undefined) this.token.checkPhysical(uuid);
    else if (uuid !== undefined) throw fail('EINVAL');
  }

  /** `vfio_pci_core_enable()`: resets the function if possible, and disables bus mastering. */
  open(): void {
    const { pdev } = this;
    pdev.clearMaster();
    pdev.enable();
    this.resetWorks = succeeds(() => tryResetFunction(pdev));
    pdev.saveState();
    this.savedAtOpen = pdev.storeSavedState();
    const command = pdev.readConfig(PCI_COMMAND, 2);
    if ((command & PCI_COMMAND_INTX_DISABLE) !== 0)
      pdev.writeConfig(PCI_COMMAND, 2, command & ~PCI_COMMAND_INTX_DISABLE);
    this.opened = new VfioPciConfig(this);
    this.msixAtOpen = this.findMsix();
    pdev.hardware.opened();
    if (this.physical?.token !== undefined) this.physical.token.users++;
  }

  /** `vfio_pci_core_disable()`: disables interrupts, and restores the state that the function had when it was opened. */
  close(): void {
    const { pdev } = this;
    if (this.physical?.token !== undefined) this.physical.token.users--;
    this.dmaBufs?.close();
    this.power.end();
    this.power.resume();
    this.setPowerState(PowerState.D0);
    pdev.clearMaster();
    this.irqs.disable();
    this.ioeventfds.clear();
    this.dmaLog?.stop();
    this.migration?.reset();
    this.isIntxDisabled = false;
    this.opened = undefined;
    this.needsReset = true;
    pdev.loadSavedState(this.savedAtOpen);
    pdev.writeConfig(PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
    if (this.resetWorks && succeeds(() => resetFunctionLocked(pdev))) this.needsReset = false;
    pdev.restoreState();
    pdev.disable();
  }

  /**
   * `__vfio_pci_memory_enabled()`: true if memory decoding is enabled. A virtual function uses the setting of its physical
   * function.
   */
  get isMemoryEnabled(): boolean {
    if (this.pdev.currentState >= PowerState.D3hot) return false;
    return this.pdev.hasNoMemoryBit || (this.config.command & PCI_COMMAND_MEMORY) !== 0;
  }

  /** `vfio_pci_mmap_huge_fault()`: true if accesses through mappings reach the device. */
  get isMappingReachable(): boolean {
    return this.isOpen && !this.power.isEngaged && this.isMemoryEnabled;
  }

  /**
   * `vfio_pci_memory_lock_and_enable()`: enables memory decoding while `work` runs, and then restores the command register, even
   * if `work` has changed it: enabling MSI disables the line, and this enables it again.
   */
  withMemory<T>(work: () => T): T {
    const { pdev } = this;
    const command = pdev.readConfig(PCI_COMMAND, 2);
    if ((command & PCI_COMMAND_MEMORY) === 0) pdev.writeConfig(PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY);
    try {
      return work();
    } finally {
      pdev.writeConfig(PCI_COMMAND, 2, command);
    }
  }

  /** Called when the program has written INTx disable. */
  setIntxDisabled(disabled: boolean): void {
    if (disabled === this.isIntxDisabled) return;
    this.isIntxDisabled = disabled;
    if (disabled) this.irqs.maskIntx();
    else this.irqs.unmaskIntx();
  }

  /**
   * `vfio_pci_set_power_state()`: if a function loses its registers in D3hot, they are restored. An invalid state has no effect,
   * and a physical function stays in D0 while it has virtual functions that vfio-pci has created.
   */
  setPowerState(state: PowerState): void {
    const { pdev } = this;
    if (this.isSriovActive && state > PowerState.D0) return;
    const losesState = pdev.losesStateInD3;
    const goesDown = losesState && pdev.currentState < PowerState.D3hot && state >= PowerState.D3hot;
    const comesUp = losesState && pdev.currentState >= PowerState.D3hot && state === PowerState.D0;
    if (goesDown) pdev.saveState();
    if (!succeeds(() => pdev.setPowerState(state))) return;
    if (goesDown) this.savedInD3 = pdev.storeSavedState();
    else if (comesUp) {
      pdev.loadSavedState(this.savedInD3);
      pdev.restoreState();
      this.savedInD3 = undefined;
    }
  }

  /** Resets the function. Its dma-bufs are revoked meanwhile. */
  resetUnreached(reset: () => void): void {
    if (this.dmaBufs === undefined) reset();
    else this.dmaBufs.whileRevoked(reset);
  }

  /** VFIO_DEVICE_RESET. @throws EINVAL if it cannot be reset; Errno of the reset */
  reset(): void {
    if (!this.resetWorks) throw fail('EINVAL');
    // In a lower power state, the registers to restore would be lost.
    this.setPowerState(PowerState.D0);
    this.resetUnreached(() => tryResetFunction(this.pdev));
    this.migration?.reset();
  }
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (cause) {
    if (!(cause instanceof Errno)) throw cause;
    return false;
  }
}
