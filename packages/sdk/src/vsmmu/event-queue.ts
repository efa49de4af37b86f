import { SMMU_CR0, SMMU_GERROR, smmuv3_event } from '@iommufd/uapi';
import { type Decoded, encodeInto } from '@iommufd/uapi/struct';
import { type GuestMemory } from './guest-memory.js';
import { type Shown } from './id-registers.js';
import { type Interrupts } from './interrupts.js';
import { mask32 } from './masks.js';
import { OutputQueue } from './output-queue.js';
import { type Registers } from './registers.js';

const EVENTQEN = mask32(SMMU_CR0, 'EVENTQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'EVENTQ_ABT_ERR');

/** The guest's event queue. Source: Arm IHI 0070, sections 7.2 and 7.4. */
export class EventQueue {
  private readonly queue: OutputQueue;
  private readonly record = new Uint8Array(smmuv3_event.byteLength);

  constructor(
    private readonly registers: Registers,
    memory: GuestMemory,
    private readonly interrupts: Interrupts,
    { idr1 }: Pick<Shown, 'idr1'>,
  ) {
    this.queue = new OutputQueue(registers, memory, 'EVENTQ', idr1.EVENTQS, this.record.length);
  }

  /**
   * Records an event. While the queue is off it is dropped; if the queue is full it is lost, and that is an overflow;
   * as soon as there is room, events are recorded again, acknowledged or not.
   */
  add(event: Decoded<typeof smmuv3_event>): void {
    if (!this.isOn) return;
    encodeInto(smmuv3_event, event, this.record);
    switch (this.queue.put(this.record)) {
      case 'first':
        return this.interrupts.send('EVENTQ');
      case 'full':
        return this.lose();
      case 'aborted':
        return this.interrupts.raise('EVENTQ_ABT_ERR');
      case 'next':
    }
  }

  /** Events were lost before they came here: for the guest that is an overflow of its own queue. */
  lose(): void {
    if (this.isOn && this.queue.overflow()) this.interrupts.send('EVENTQ');
  }

  private get isOn(): boolean {
    // 7.2.1: what could not be written stays an error until it is acknowledged, and nothing is written meanwhile.
    return (this.registers.SMMU_CR0 & EVENTQEN) !== 0 && !this.interrupts.isActive(ABT_ERR);
  }
}
