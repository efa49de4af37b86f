/**
 * The low power state that a program requests for a function, and its runtime power management:
 * `vfio_pci_core_runtime_suspend()` and `vfio_pci_core_runtime_resume()` of Linux's `vfio_pci_core.c`, with the part of the PCI core
 * that calls them (`pci_pm_runtime_suspend()`).
 */
import { fail } from '../errno.js';
import { PCI_CAP_ID } from '../hardware/pci/registers.js';
import { PowerState } from '../pci/power.js';
import type { EventfdContext } from '../process/eventfd.js';
import type { VfioPciCore } from './pci-core.js';

/** The power management of a function that is bound to vfio-pci. */
export class PciRuntimePm {
  private isLowPower = false;
  private isSuspended = false;
  /** The eventfd that a wake-up signals: `pm_wake_eventfd_ctx`. */
  private wakeup: EventfdContext | undefined;
  /** True if suspending has masked the line: `pm_intx_masked`. */
  private hasMaskedIntx = false;

  /** @param canSuspend true if the kernel has runtime power management (CONFIG_PM). If false, the function is never suspended */
  constructor(
    private readonly core: VfioPciCore,
    private readonly canSuspend: boolean,
  ) {}

  /** True from VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY to the exit: `pm_runtime_engaged`. */
  get isEngaged(): boolean {
    return this.isLowPower;
  }

  /**
   * `vfio_pci_runtime_pm_entry()`: mappings cannot be accessed until the exit. The function is suspended when the call ends.
   * @param wakeup the eventfd for wake-ups; this takes over the reference, unless it fails
   * @throws EINVAL if low power is already entered
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

  /** Runs work while the function is awake: `pm_runtime_resume_and_get()` before it, and `pm_runtime_put()` after it. */
  awake<T>(work: () => T): T {
    this.resume();
    try {
      return work();
    } finally {
      this.rest();
    }
  }

  /** `pm_runtime_put()`: suspends the function if low power is entered. Linux suspends it a moment later, from a work queue. */
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

  /** `pci_pm_runtime_resume()`: restores its registers. If there is an eventfd, the wake-up signals it and ends low power. */
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
