/**
 * The interrupt line of a function: INTx of Linux's `vfio_pci_intrs.c`. When it fires, it is masked with the INTx disable bit of
 * the function, until the program unmasks it. If the line is still asserted then, it fires again at once.
 */
import { fail } from '../errno.js';
import {
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_STATUS,
  PCI_STATUS_INTERRUPT,
} from '../hardware/pci/registers.js';
import { restorable } from '../lib/restorable.js';
import { type EventfdContext, eventfdContextOf } from '../process/eventfd.js';
import type { FileTable } from '../process/file-table.js';
import type { VfioPciCore } from './pci-core.js';
import type { IrqData } from './set-irqs.js';
import { Virqfd, type VirqfdWork } from './virqfd.js';

/** The state while the line is enabled: `struct vfio_pci_irq_ctx`. */
interface IntxContext {
  isMasked: boolean;
  /** Undefined without an eventfd: an interrupt is then still masked. */
  trigger: EventfdContext | undefined;
  readonly unmask: Virqfd;
}

/** The interrupt line of a function. */
export class PciIntx {
  private context: IntxContext | undefined;

  constructor(private readonly core: VfioPciCore) {}

  /** `vfio_intx_handler()`: called when the function asserts the line. */
  asserted(): void {
    const { context } = this;
    if (context === undefined || context.isMasked || !this.isPending) return;
    this.setDisabled(true);
    context.isMasked = true;
    this.send();
  }

  /** `vfio_send_intx_eventfd()` */
  private send(): void {
    if (!this.core.isIntxDisabled) this.context?.trigger?.signal();
  }

  private get isPending(): boolean {
    return (this.core.pdev.readConfig(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT) !== 0;
  }

  /** `pci_intx()` */
  private setDisabled(disabled: boolean): void {
    const { pdev } = this.core;
    const command = pdev.readConfig(PCI_COMMAND, 2);
    const wanted = disabled ? command | PCI_COMMAND_INTX_DISABLE : command & ~PCI_COMMAND_INTX_DISABLE;
    if (wanted !== command) pdev.writeConfig(PCI_COMMAND, 2, wanted);
  }

  /** `vfio_pci_intx_mask()`. If the line is not enabled, the function's bit follows the virtual one. */
  mask(): boolean {
    const { context } = this;
    if (context?.isMasked === true) return false;
    this.setDisabled(true);
    if (context === undefined) return false;
    context.isMasked = true;
    return true;
  }

  /** `vfio_pci_intx_unmask()` */
  unmask(): void {
    if (this.unmaskHandler()) this.send();
  }

  /**
   * `vfio_pci_intx_unmask_handler()`.
   * @returns true if the line is still asserted: it stays masked then, and must be sent again
   */
  private unmaskHandler(): boolean {
    const { context } = this;
    if (context === undefined) {
      this.setDisabled(false);
      return false;
    }
    if (!context.isMasked || this.core.isIntxDisabled) return false;
    if (this.isPending) return true;
    context.isMasked = false;
    this.setDisabled(false);
    return false;
  }

  /** `vfio_pci_set_intx_trigger()` */
  setTrigger(files: FileTable, start: number, count: number, data: IrqData): void {
    const { context, core } = this;
    if (context !== undefined && count === 0 && data.kind === 'none') {
      this.disable();
      return;
    }
    if ((context === undefined && core.irqType !== 'none') || start !== 0 || count !== 1)
      throw fail('EINVAL');
    if (data.kind === 'eventfd') {
      const [fd = -1] = data.fds;
      const trigger = fd < 0 ? undefined : eventfdContextOf(files, fd);
      if (context === undefined) this.enable(trigger);
      else this.replace(context, trigger);
      return;
    }
    if (context === undefined) throw fail('EINVAL');
    if (isMeant(data)) this.send();
  }

  /** `vfio_intx_set_signal()` */
  private replace(context: IntxContext, trigger: EventfdContext | undefined): void {
    context.trigger?.put();
    context.trigger = trigger;
  }

  /** `vfio_intx_enable()`: the initial mask is the virtual INTx disable bit. */
  private enable(trigger: EventfdContext | undefined): void {
    const { core } = this;
    const isMasked = core.isIntxDisabled;
    this.setDisabled(isMasked);
    this.context = { isMasked, trigger, unmask: new Virqfd() };
    core.irqType = 'intx';
    // The handler is installed now, and the line may already be asserted.
    if (core.pdev.hardware.interrupts.line) this.asserted();
  }

  /** `vfio_intx_disable()` */
  disable(): void {
    const { context } = this;
    if (context === undefined) return;
    context.unmask.disable();
    context.trigger?.put();
    this.context = undefined;
    this.core.irqType = 'none';
  }

  /** @throws EINVAL unless the line is enabled, and the range is exactly interrupt 0 */
  private required(start: number, count: number): IntxContext {
    if (this.context === undefined || start !== 0 || count !== 1) throw fail('EINVAL');
    return this.context;
  }

  /** `vfio_pci_set_intx_unmask()` */
  setUnmask(files: FileTable, start: number, count: number, data: IrqData): void {
    const { unmask } = this.required(start, count);
    if (data.kind !== 'eventfd') {
      if (isMeant(data)) this.unmask();
      return;
    }
    const [fd = -1] = data.fds;
    if (fd < 0) unmask.disable();
    else unmask.enable(files, fd, PciIntx.unmasks(this));
  }

  private static readonly unmasks = restorable('PciIntx.unmask', (intx: PciIntx): VirqfdWork => ({
    handler: () => intx.unmaskHandler(),
    thread: () => intx.send(),
  }));

  /** `vfio_pci_set_intx_mask()` */
  setMask(start: number, count: number, data: IrqData): void {
    this.required(start, count);
    // "XXX implement me"
    if (data.kind === 'eventfd') throw fail('ENOTTY');
    if (isMeant(data)) this.mask();
  }
}

/** True if the request selects the interrupt: with DATA_NONE, or with a DATA_BOOL of true. */
function isMeant(data: IrqData): boolean {
  return data.kind === 'none' || (data.kind === 'bool' && data.values[0] === true);
}
