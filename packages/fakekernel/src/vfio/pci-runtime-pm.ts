/**
 * Low power of a function that a program has asked for, and the runtime power management that follows from it:
 * `vfio_pci_core_runtime_suspend()` and `vfio_pci_core_runtime_resume()` of Linux's `vfio_pci_core.c`, with what the PCI core does
 * around them (`pci_pm_runtime_suspend()`).
 */
import { fail } from '../errno.js';
import { PCI_CAP_ID } from '../hardware/pci/registers.js';
import { PowerState } from '../pci/power.js';
import type { EventfdContext } from '../process/eventfd.js';
import type { VfioPciCore } from './pci-core.js';

/** The power management of a function that vfio-pci has. */
export class PciRuntimePm {
  private isLowPower = false;
  private isSuspended = false;
  /** What a wake-up signals: `pm_wake_eventfd_ctx`. */
  private wakeup: EventfdContext | undefined;
  /** Suspending has masked the line: `pm_intx_masked`. */
  private hasMaskedIntx = false;

  /** @param canSuspend has the kernel runtime power management (CONFIG_PM)? Without it the function stays as it is */
  constructor(
    private readonly core: VfioPciCore,
    private readonly canSuspend: boolean,
  ) {}

  /** VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY is in force: `pm_runtime_engaged`. */
  get isEngaged(): boolean {
    return this.isLowPower;
  }

  /**
   * `vfio_pci_runtime_pm_entry()`: mappings cannot be accessed until the exit. The function is suspended when the call ends.
   * @param wakeup belongs to it from now on, unless it fails
   * @throws EINVAL if it is in force
   */
  enter(wakeup?: EventfdContext): void {
    // Before the check: a second entry revokes as well those dma-bufs that were created since the first.
    this.core.dmaBufs?.revoke();
    if (this.isLowPower) throw fail('EINVAL');
    this.isLowPower = true;
    this.wakeup = wakeup;
  }

  /** `vfio_pci_runtime_pm_exit()` */
  exit(): void {
    this.end();
    this.core.dmaBufs?.restore();
  }

  /** `__vfio_pci_runtime_pm_exit()`: after a wake-up, which it is also used for, dma-bufs stay revoked. */
  end(): void {
    this.isLowPower = false;
    this.wakeup?.put();
    this.wakeup = undefined;
  }

  /** Does what a suspended function cannot: `pm_runtime_resume_and_get()`, and `pm_runtime_put()` afterwards. */
  awake<T>(work: () => T): T {
    this.resume();
    try {
      return work();
    } finally {
      this.rest();
    }
  }

  /** `pm_runtime_put()`: suspends it, if it is in low power. Linux does so a moment later, from a work queue. */
  rest(): void {
    const { core } = this;
    const { pdev } = core;
    if (!this.isLowPower || !this.canSuspend || this.isSuspended || core.isSriovActive || !core.isOpen)
      return;
    this.isSuspended = true;
    core.setPowerState(PowerState.D0);
    this.hasMaskedIntx = core.irqType === 'intx' && core.irqs.maskIntx();
    pdev.saveState();
    // `pci_target_state()`
    if (pdev.findCapability(PCI_CAP_ID.PM) !== undefined) pdev.setPowerState(PowerState.D3hot);
  }

  /** `pci_pm_runtime_resume()`: its registers are as before. A wake-up ends low power, if it has an eventfd. */
  resume(): void {
    if (!this.isSuspended) return;
    this.isSuspended = false;
    const { core } = this;
    core.pdev.setPowerState(PowerState.D0);
    core.pdev.restoreState();
    if (this.wakeup !== undefined) {
      this.wakeup.signal();
      this.end();
    }
    if (this.hasMaskedIntx) core.irqs.unmaskIntx();
  }
}
