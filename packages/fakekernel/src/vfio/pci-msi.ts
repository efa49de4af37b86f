/**
 * MSI and MSI-X of a function: the vectors of Linux's `vfio_pci_intrs.c`. The first request enables them, with the number of
 * vectors that it covers. MSI-X can get more vectors later.
 */
import { fail } from '../errno.js';
import type { Interrupts } from '../pci/interrupts.js';
import { allocVectors, type MsiVectors, MsixVectors } from '../pci/msi.js';
import { type EventfdContext, eventfdContextOf } from '../process/eventfd.js';
import type { FileTable } from '../process/file-table.js';
import type { VfioPciCore } from './pci-core.js';
import type { IrqData } from './set-irqs.js';

/** MSI or MSI-X. */
export type MsiKind = 'msi' | 'msix';

/** The vectors of a function. */
export class PciMsi {
  private vectors: MsiVectors | undefined;
  /** The eventfds of vectors, for those that have one. */
  private readonly triggers = new Map<number, EventfdContext>();

  constructor(
    private readonly core: VfioPciCore,
    private readonly interrupts: Interrupts,
  ) {}

  /** `vfio_msihandler()`: called when the function has sent a message. A vector without an eventfd has no handler. */
  message(vector: number): void {
    this.triggers.get(vector)?.signal();
  }

  /** `vfio_pci_set_msi_trigger()` */
  setTrigger(kind: MsiKind, files: FileTable, start: number, count: number, data: IrqData): void {
    const { core } = this;
    const isOn = core.irqType === kind;
    if (isOn && count === 0 && data.kind === 'none') {
      this.disable();
      return;
    }
    if (!isOn && core.irqType !== 'none') throw fail('EINVAL');
    if (data.kind === 'eventfd') {
      if (isOn) {
        this.setBlock(files, start, data.fds);
        return;
      }
      this.enable(kind, start + count);
      try {
        this.setBlock(files, start, data.fds);
      } catch (cause) {
        this.disable();
        throw cause;
      }
      return;
    }
    if (!isOn) throw fail('EINVAL');
    for (let i = 0; i < count; i++)
      if (data.kind === 'none' || data.values[i] === true) this.triggers.get(start + i)?.signal();
  }

  /** `vfio_msi_enable()` */
  private enable(kind: MsiKind, count: number): void {
    const { core } = this;
    this.vectors = core.withMemory(() => allocVectors(core.pdev, this.interrupts, kind, count));
    core.irqType = kind;
    // The limit of the virtual queue size: the smallest power of two that is enough for the vectors.
    if (kind === 'msi') core.msiQmax = Math.ceil(Math.log2(count));
  }

  /** `vfio_msi_set_block()`: if it fails, the vectors up to the failing one have no eventfd, even if they had one before. */
  private setBlock(files: FileTable, start: number, fds: readonly number[]): void {
    for (const [i, fd] of fds.entries()) {
      try {
        this.setVector(files, start + i, fd);
      } catch (cause) {
        for (let undone = 0; undone <= i; undone++) this.clearVector(start + undone);
        throw cause;
      }
    }
  }

  /** `vfio_msi_set_vector_signal()`. @throws EINVAL if an MSI vector is not allocated; EBADF | EINVAL */
  private setVector(files: FileTable, vector: number, fd: number): void {
    this.clearVector(vector);
    const { vectors } = this;
    if (fd < 0 || vectors === undefined) return;
    if (!vectors.has(vector)) {
      if (!(vectors instanceof MsixVectors)) throw fail('EINVAL');
      vectors.add(vector);
    }
    const trigger = eventfdContextOf(files, fd);
    this.triggers.set(vector, trigger);
    // The entry may have been cleared by a reset without Linux.
    if (vectors instanceof MsixVectors) vectors.writeMessage(vector);
    vectors.request(vector);
  }

  private clearVector(vector: number): void {
    const trigger = this.triggers.get(vector);
    if (trigger === undefined) return;
    this.vectors?.release(vector);
    this.triggers.delete(vector);
    trigger.put();
  }

  /** `vfio_msi_disable()` */
  disable(): void {
    for (const vector of [...this.triggers.keys()]) this.clearVector(vector);
    const { core, vectors } = this;
    core.withMemory(() => vectors?.free());
    this.vectors = undefined;
    core.irqType = 'none';
  }
}
