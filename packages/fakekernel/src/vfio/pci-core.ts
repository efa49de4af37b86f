/**
 * vfio-pci's state of a function: `struct vfio_pci_core_device`, and what Linux's `vfio_pci_core.c` does when a device is opened,
 * closed, moved between power states and reset. Requests are in `pci.ts`, regions in `pci-rw.ts`, `pci-mmap.ts`, `pci-config.ts`.
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
import { VfioPciIntrs } from './pci-intrs.js';
import { PciIoeventfds } from './pci-ioeventfd.js';
import type { BarHome } from './pci-mmap.js';
import { PciRuntimePm } from './pci-runtime-pm.js';
import { VfToken } from './pci-token.js';

/** Which interrupts are on: `irq_type`. */
export type IrqType = 'none' | 'intx' | 'msi' | 'msix';

/** The part of a BAR that holds the MSI-X table. */
export interface MsixPlace {
  readonly bar: number;
  readonly first: number;
  readonly length: number;
}

/** A function that is bound to vfio-pci. */
export class VfioPciCore {
  /** Of a physical function: what programs need to know to use its virtual ones. */
  readonly token: VfToken | undefined;
  /** The interrupts that SET_IRQS has turned on. */
  irqType: IrqType = 'none';
  readonly irqs: VfioPciIntrs;
  readonly ioeventfds: PciIoeventfds = new PciIoeventfds(this);
  /** log2 of the vectors that SET_IRQS has asked for since the driver was bound: `msi_qmax`. */
  msiQmax = 0;
  /** INTx is masked by the virtual command register: `virq_disabled`. */
  isIntxDisabled = false;
  /** Can it be reset by itself: `reset_works`? */
  resetWorks = false;
  /** It needs a reset before it is used again, and has had none: `needs_reset`. */
  needsReset = false;
  readonly power: PciRuntimePm;
  /** Its virtual functions were made by vfio-pci, or are being removed: `sriov_active`. */
  isSriovActive = false;
  /** They are being removed. */
  sriovRemoval: Completion | undefined;
  /** Of a device that can be migrated. */
  readonly migration: VfioMigration | undefined;
  readonly dmaLog: DmaLog | undefined;
  /** Where the memory of its BARs is, if programs map it whose accesses are not seen. */
  readonly barHomes = new Map<Bar, BarHome>();
  private opened: VfioPciConfig | undefined;
  private msixAtOpen: MsixPlace | undefined;
  private savedAtOpen: SavedState | undefined;
  private savedInD3: SavedState | undefined;

  constructor(
    readonly pdev: PciDev,
    /** Of a virtual function: its physical one, if that is bound to vfio-pci. */
    private readonly physical: VfioPciCore | undefined,
    /** For its vectors. */
    interrupts: Interrupts,
    /** Can its registers be mapped? */
    readonly mapsRegisters: boolean,
    /** Has the kernel runtime power management? */
    runtimePm: boolean,
    readonly features: Features,
  ) {
    this.irqs = new VfioPciIntrs(this, interrupts);
    this.power = new PciRuntimePm(this, runtimePm);
    const { hardware } = pdev;
    const { migration } = hardware;
    this.migration = migration && new VfioMigration(hardware, migration);
    this.dmaLog = migration && new DmaLog(hardware);
    if (pdev.isPhysical) this.token = new VfToken();
  }

  /** Has its line no interrupt? What it is routed to is known once it is enabled. */
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

  /** The MSI-X table, as it was found when the device was opened; undefined without. */
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

  /** `vfio_pci_core_match_token_uuid()`. @param uuid undefined if the program gave none @throws EACCES | EINVAL */
  checkToken(uuid: Uint8Array | undefined): void {
    if (this.pdev.isVirtual) {
      if (this.physical?.token !== undefined) this.physical.token.checkVirtual(uuid);
      else if (uuid !== undefined) throw fail('EINVAL');
    } else if (this.token !== undefined) this.token.checkPhysical(uuid);
    else if (uuid !== undefined) throw fail('EINVAL');
  }

  /** `vfio_pci_core_enable()`: the function is reset, if it can be, and begins without bus mastering. */
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

  /** `vfio_pci_core_disable()`: interrupts are turned off, and the function is as it was when it was opened. */
  close(): void {
    const { pdev } = this;
    if (this.physical?.token !== undefined) this.physical.token.users--;
    this.power.exit();
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

  /** Is memory there: `__vfio_pci_memory_enabled()`? That of a virtual function is the physical one's to switch. */
  get isMemoryEnabled(): boolean {
    if (this.pdev.currentState >= PowerState.D3hot) return false;
    return this.pdev.hasNoMemoryBit || (this.config.command & PCI_COMMAND_MEMORY) !== 0;
  }

  /** Are accesses through mappings answered: `vfio_pci_mmap_huge_fault()`? */
  get isMappingReachable(): boolean {
    return this.isOpen && !this.power.isEngaged && this.isMemoryEnabled;
  }

  /**
   * `vfio_pci_memory_lock_and_enable()`: memory is decoded while `work` runs. Afterwards the command register is as before, also
   * where `work` has changed it: MSI that is turned on disables the line, and this enables it again.
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

  /** The program has written INTx disable. */
  setIntxDisabled(disabled: boolean): void {
    if (disabled === this.isIntxDisabled) return;
    this.isIntxDisabled = disabled;
    if (disabled) this.irqs.maskIntx();
    else this.irqs.unmaskIntx();
  }

  /**
   * `vfio_pci_set_power_state()`: a function that loses its registers in D3hot gets them back. What it refuses has no effect, and
   * a physical function stays in D0 while it has virtual ones.
   */
  setPowerState(state: PowerState): void {
    const { pdev } = this;
    if ((this.isSriovActive || pdev.virtualFunctionCount > 0) && state > PowerState.D0) return;
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

  /** VFIO_DEVICE_RESET. @throws EINVAL if it cannot be reset; Errno of the reset */
  reset(): void {
    if (!this.resetWorks) throw fail('EINVAL');
    // A reset from a lower state would lose what is restored then.
    this.setPowerState(PowerState.D0);
    tryResetFunction(this.pdev);
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
