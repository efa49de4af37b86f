/**
 * Interrupts of a function: VFIO_DEVICE_SET_IRQS and VFIO_DEVICE_GET_IRQ_INFO of Linux's `vfio_pci_intrs.c`. Only one of INTx
 * (`pci-intx.ts`), MSI and MSI-X (`pci-msi.ts`) can be enabled at a time. The function raises them through
 * `hardware/pci/interrupts.ts`.
 */
import {
  vfio_irq_info,
  vfio_irq_info_flags,
  vfio_irq_set_flags,
  vfio_pci_irq_index,
  VFIO_PCI_NUM_IRQS,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { InterruptSink } from '../hardware/pci/interrupts.js';
import type { Interrupts } from '../pci/interrupts.js';
import { type EventfdContext, eventfdContextOf } from '../process/eventfd.js';
import type { FileTable } from '../process/file-table.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';
import { copyFirstVersion } from './argument.js';
import type { VfioPciCore } from './pci-core.js';
import { PciIntx } from './pci-intx.js';
import { PciMsi } from './pci-msi.js';
import { copyIrqRequest, type IrqData, type IrqRequest } from './set-irqs.js';

const { VFIO_IRQ_INFO_AUTOMASKED, VFIO_IRQ_INFO_EVENTFD, VFIO_IRQ_INFO_MASKABLE, VFIO_IRQ_INFO_NORESIZE } =
  vfio_irq_info_flags;
const { VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_IRQ_SET_ACTION_UNMASK } =
  vfio_irq_set_flags;
const {
  VFIO_PCI_ERR_IRQ_INDEX,
  VFIO_PCI_INTX_IRQ_INDEX,
  VFIO_PCI_MSI_IRQ_INDEX,
  VFIO_PCI_MSIX_IRQ_INDEX,
  VFIO_PCI_REQ_IRQ_INDEX,
} = vfio_pci_irq_index;

/** The eventfd of a notification that is not an interrupt of the function: `err_trigger`, `req_trigger`. */
export class SingleTrigger {
  private context: EventfdContext | undefined;

  signal(): void {
    this.context?.signal();
  }

  drop(): void {
    this.context?.put();
    this.context = undefined;
  }

  /** `vfio_pci_set_ctx_trigger_single()` */
  set(files: FileTable, start: number, count: number, data: IrqData): void {
    if (start !== 0 || count > 1) throw fail('EINVAL');
    switch (data.kind) {
      case 'none':
        if (this.context === undefined) throw fail('EINVAL');
        if (count === 0) this.drop();
        else this.signal();
        break;
      case 'bool':
        if (count === 0) throw fail('EINVAL');
        if (data.values[0] === true) this.signal();
        break;
      case 'eventfd':
        this.setEventfd(files, data.fds[0]);
    }
  }

  private setEventfd(files: FileTable, fd: number | undefined): void {
    if (fd === undefined || fd < -1) throw fail('EINVAL');
    const context = fd === -1 ? undefined : eventfdContextOf(files, fd);
    this.drop();
    this.context = context;
  }
}

/** The interrupts of a function that is bound to vfio-pci. */
export class VfioPciIntrs implements InterruptSink {
  private readonly intx: PciIntx;
  private readonly msi: PciMsi;
  private readonly err = new SingleTrigger();
  private readonly req = new SingleTrigger();

  constructor(
    private readonly core: VfioPciCore,
    interrupts: Interrupts,
  ) {
    this.intx = new PciIntx(core);
    this.msi = new PciMsi(core, interrupts);
    core.pdev.hardware.interrupts.sink = this;
  }

  line(asserted: boolean): void {
    if (asserted) this.intx.asserted();
  }

  message(kind: 'msi' | 'msix', event: number): void {
    if (this.core.irqType !== kind) return;
    const vector = this.core.pdev.msi?.vectorOf(event);
    if (vector !== undefined) this.msi.message(vector);
  }

  /** @returns true if the line was not masked before */
  maskIntx(): boolean {
    return this.intx.mask();
  }

  unmaskIntx(): void {
    this.intx.unmask();
  }

  /** Part of `vfio_pci_core_disable()` and `vfio_pci_core_close_device()`. */
  disable(): void {
    if (this.core.irqType === 'intx') this.intx.disable();
    else if (this.core.irqType !== 'none') this.msi.disable();
    this.err.drop();
    this.req.drop();
  }

  /** `vfio_pci_core_aer_err_detected()` */
  error(): void {
    this.err.signal();
  }

  /** `vfio_pci_core_request()`: the host requests that the device is closed. */
  requestDevice(): void {
    this.req.signal();
  }

  /** `vfio_pci_get_irq_count()`: the number of interrupts of an index. */
  private countOf(index: number): number {
    const { pdev, config, hasNoIntx } = this.core;
    const { msiVectors, msixVectors } = pdev.hardware.interrupts;
    switch (index) {
      case VFIO_PCI_INTX_IRQ_INDEX:
        return pdev.isVirtual || hasNoIntx || config.interruptPin === 0 ? 0 : 1;
      case VFIO_PCI_MSI_IRQ_INDEX:
        return msiVectors;
      case VFIO_PCI_MSIX_IRQ_INDEX:
        return msixVectors;
      case VFIO_PCI_ERR_IRQ_INDEX:
        return this.hasErrorIrq ? 1 : 0;
      default:
        // The request to close the device always exists.
        return 1;
    }
  }

  private get hasErrorIrq(): boolean {
    const { features, pdev } = this.core;
    return features.errorIrqOfEveryFunction || pdev.isExpress;
  }

  /** VFIO_DEVICE_GET_IRQ_INFO. If the function has MSI-X, vectors can be added to it: no VFIO_IRQ_INFO_NORESIZE. */
  getInfo(memory: UserMemory, arg: bigint): number {
    const bytes = copyFirstVersion(memory, arg, vfio_irq_info);
    const info = view(vfio_irq_info, bytes);
    const { index } = info;
    if (index >= VFIO_PCI_NUM_IRQS) throw fail('EINVAL');
    if (index === VFIO_PCI_ERR_IRQ_INDEX && !this.hasErrorIrq) throw fail('EINVAL');
    info.count = this.countOf(index);
    const isLine = index === VFIO_PCI_INTX_IRQ_INDEX;
    const canGrow = index === VFIO_PCI_MSIX_IRQ_INDEX && info.count > 0;
    info.flags =
      VFIO_IRQ_INFO_EVENTFD |
      (isLine ? VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED : canGrow ? 0 : VFIO_IRQ_INFO_NORESIZE);
    memory.write(arg, bytes);
    return 0;
  }

  /** VFIO_DEVICE_SET_IRQS */
  set({ memorySpace: memory, files }: Task, arg: bigint): number {
    return this.apply(
      files,
      copyIrqRequest(memory, arg, VFIO_PCI_NUM_IRQS, (index) => this.countOf(index)),
    );
  }

  /** `vfio_pci_set_irqs_ioctl()`. @throws ENOTTY for no action, two actions, or one that the index does not support */
  private apply(files: FileTable, { index, action, start, count, data }: IrqRequest): number {
    if (index === VFIO_PCI_INTX_IRQ_INDEX) {
      if (action === VFIO_IRQ_SET_ACTION_MASK) this.intx.setMask(start, count, data);
      else if (action === VFIO_IRQ_SET_ACTION_UNMASK) this.intx.setUnmask(files, start, count, data);
      else if (action === VFIO_IRQ_SET_ACTION_TRIGGER) this.intx.setTrigger(files, start, count, data);
      else throw fail('ENOTTY');
      return 0;
    }
    if (action !== VFIO_IRQ_SET_ACTION_TRIGGER) throw fail('ENOTTY');
    switch (index) {
      case VFIO_PCI_MSI_IRQ_INDEX:
        return this.msi.setTrigger('msi', files, start, count, data);
      case VFIO_PCI_MSIX_IRQ_INDEX:
        return this.msi.setTrigger('msix', files, start, count, data);
      case VFIO_PCI_ERR_IRQ_INDEX:
        this.err.set(files, start, count, data);
        break;
      case VFIO_PCI_REQ_IRQ_INDEX:
        this.req.set(files, start, count, data);
    }
    return 0;
  }
}
