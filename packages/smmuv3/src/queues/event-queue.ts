import { SMMU_CR0, SMMU_GERROR, smmuv3_event } from '@iommufd/uapi';
import { type Encodable, encodeInto } from '@iommufd/uapi/struct';
import type { SystemMemory } from '../memory.js';
import type { Features } from '../registers/features.js';
import { mask32 } from '../registers/fields.js';
import type { Interrupts } from '../registers/interrupts.js';
import type { Registers } from '../registers/registers.js';
import { OutputQueue } from './output-queue.js';

const EVENTQEN = mask32(SMMU_CR0, 'EVENTQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'EVENTQ_ABT_ERR');

/**
 * The event queue. It interrupts when it stops being empty, and at nothing else: OVFLG alone shows an overflow
 * (Arm IHI 0070, 3.18.2 and 7.4). As soon as there is room it takes events again, acknowledged or not.
 * Source: Arm IHI 0070, sections 7.2 and 7.4.
 */
export class EventQueue {
  private readonly queue: OutputQueue;
  private readonly bytes = new Uint8Array(smmuv3_event.byteLength);

  /**
   * @param registers where it is, and whether it is on
   * @param memory what it is in
   * @param interrupts what tells of it
   * @param features how long it may be
   */
  constructor(
    private readonly registers: Registers,
    memory: SystemMemory,
    private readonly interrupts: Interrupts,
    { idr1 }: Pick<Features, 'idr1'>,
  ) {
    this.queue = new OutputQueue(registers, memory, 'EVENTQ', idr1.EVENTQS, this.bytes.length);
  }

  /** Would an event be written? */
  get isWritable(): boolean {
    return this.isOn && !this.queue.isFull;
  }

  /**
   * Records an event. While the queue is off it is dropped; if it is full the event is lost, and that is an overflow.
   * Events of stalled transactions may not be lost: ask {@link isWritable} first.
   * @throws StructError for a field that does not fit
   */
  record(event: Encodable<typeof smmuv3_event>): void {
    if (!this.isOn) return;
    encodeInto(smmuv3_event, event, this.bytes);
    switch (this.queue.put(this.bytes)) {
      case 'first':
        return this.interrupts.send('EVENTQ');
      case 'full':
        return this.queue.overflow();
      case 'aborted':
        return this.interrupts.raise('EVENTQ_ABT_ERR');
      case 'next':
    }
  }

  /** Events were lost before they came here: to software that is an overflow of this queue. */
  lose(): void {
    if (this.isOn) this.queue.overflow();
  }

  private get isOn(): boolean {
    // 7.2.1: what could not be written stays an error until it is acknowledged, and nothing is written meanwhile.
    return (this.registers.SMMU_CR0 & EVENTQEN) !== 0 && !this.interrupts.isActive(ABT_ERR);
  }
}
