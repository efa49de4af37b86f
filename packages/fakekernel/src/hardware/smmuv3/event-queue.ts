import { smmuv3_event, smmuv3_register } from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { SmmuEvent } from './events.js';
import type { Features } from './features.js';
import { globalError, type GlobalErrors } from './global-errors.js';
import type { Lines } from './lines.js';
import { OutputQueue } from './output-queue.js';
import type { PhysicalMemory } from './physical-memory.js';
import type { Registers } from './registers.js';

/**
 * The event queue. An overflow is told, and nothing more: as soon as there is room it takes events again, acknowledged
 * or not (Arm IHI 0070, 7.2.1 and 7.4).
 */
export class EventQueue {
  private readonly queue: OutputQueue;

  constructor(
    private readonly registers: Registers,
    memory: PhysicalMemory,
    { idr1 }: Features,
    private readonly errors: GlobalErrors,
    private readonly lines: Lines,
  ) {
    this.queue = new OutputQueue(registers, memory, registers.eventqBase, {
      prod: smmuv3_register.SMMU_EVENTQ_PROD,
      cons: smmuv3_register.SMMU_EVENTQ_CONS,
      entryBytes: smmuv3_event.byteLength,
      most: idr1.EVENTQS,
    });
  }

  private get isOn(): boolean {
    return this.registers.cr0.EVENTQEN === 1 && !this.errors.isActive(globalError.EVENTQ_ABT_ERR);
  }

  /** Would an event be written? */
  get isWritable(): boolean {
    return this.isOn && !this.queue.isFull;
  }

  /** Records an event, or loses it. Events of stalled transactions may not be lost: look first. */
  record(event: SmmuEvent): void {
    if (!this.isOn) return;
    if (this.queue.isFull) {
      this.queue.overflow();
      return;
    }
    const wasEmpty = this.queue.isEmpty;
    if (!this.queue.put(encode(smmuv3_event, event))) {
      this.errors.activate(globalError.EVENTQ_ABT_ERR);
      return;
    }
    if (wasEmpty && this.registers.irqCtrl.EVENTQ_IRQEN === 1) this.lines.eventq();
  }
}
