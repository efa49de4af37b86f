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
    const trigger = this.triggers.get(vector);
    if (trigger === undefined) this.vectors?.latch(vector);
    else trigger.signal();
  }

  /** `vfio_pci_set_msi_trigger()`. @returns 0, or the number of vectors that can be allocated if it is less than requested */
  setTrigger(kind: MsiKind, files: FileTable, start: number, count: number, data: IrqData): number {
    const { core } = this;
    const isOn = core.irqType === kind;
    if (isOn && count === 0 && data.kind === 'none') {
      this.disable();
      return 0;
    }
    if (!isOn && core.irqType !== 'none') throw fail('EINVAL');
    if (data.kind === 'eventfd') {
      if (isOn) {
        this.setBlock(files, start, data.fds);
        return 0;
      }
      const fewer = this.enable(kind, start + count);
      if (fewer > 0) return fewer;
      try {
        this.setBlock(files, start, data.fds);
      } catch (cause) {
        this.disable();
        throw cause;
      }
      return 0;
    }
    if (!isOn) throw fail('EINVAL');
    for (let i = 0; i < count; i++)
      if (data.kind === 'none' || data.values[i] === true) this.triggers.get(start + i)?.signal();
    return 0;
  }

  /** `vfio_msi_enable()`. @returns 0; if fewer vectors can be allocated, their number, and none is allocated */
  private enable(kind: MsiKind, count: number): number {
    const { core } = this;
    const vectors = core.withMemory(() => allocVectors(core.pdev, this.interrupts, kind, count));
    const { length } = vectors.numbers;
    if (length < count) {
      core.withMemory(() => vectors.free());
      return length;
    }
    this.vectors = vectors;
    core.irqType = kind;
    // The limit of the virtual queue size: the smallest power of two that is enough for the vectors.
    if (kind === 'msi') core.msiQmax = Math.ceil(Math.log2(count));
    return 0;
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
    if (vectors.takeLatched(vector)) trigger.signal();
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
