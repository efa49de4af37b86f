import { SMMU_CR0, SMMU_GERROR, smmuv3_event } from '@iommufd/uapi';
import { type Encodable, encodeInto } from '@iommufd/uapi/struct';
import type { SystemMemory } from '../memory.js';
import type { Departures } from '../registers/departures.js';
import type { Features } from '../registers/features.js';
import { mask32 } from '../registers/fields.js';
import type { Interrupts } from '../registers/interrupts.js';
import type { Registers } from '../registers/registers.js';
import { OutputQueue } from './output-queue.js';

const EVENTQEN = mask32(SMMU_CR0, 'EVENTQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'EVENTQ_ABT_ERR');

/**
 * The event queue. It interrupts only when it becomes non-empty: an overflow is visible only in OVFLG (Arm IHI 0070,
 * 3.18.2 and 7.4). It accepts events again as soon as it has space, even if software has not acknowledged the overflow.
 * Source: Arm IHI 0070, sections 7.2 and 7.4.
 */
export class EventQueue {
  private readonly queue: OutputQueue;
  private readonly departures: Departures;
  private readonly bytes = new Uint8Array(smmuv3_event.byteLength);

  /**
   * @param registers base, indexes and enable bit of the queue
   * @param memory holds the queue
   * @param interrupts signals events and errors
   * @param features SMMU_IDR1.EVENTQS, the maximum size
   */
  constructor(
    private readonly registers: Registers,
    memory: SystemMemory,
    private readonly interrupts: Interrupts,
    { idr1, departures }: Pick<Features, 'idr1' | 'departures'>,
  ) {
    this.departures = departures;
    this.queue = new OutputQueue(registers, memory, 'EVENTQ', idr1.EVENTQS, this.bytes.length, departures);
  }

  /** True if {@link record} would write an event. */
  get isWritable(): boolean {
    return this.isOn && !this.queue.isFull;
  }

  /**
   * Records an event. A disabled queue discards it; a full queue loses it and overflows. Events of stalled transactions
   * must not be lost, so the caller checks {@link isWritable} first.
   * @throws StructError if a field is out of range
   */
  record(event: Encodable<typeof smmuv3_event>): void {
    if (!this.isOn) return;
    encodeInto(smmuv3_event, event, this.bytes);
    switch (this.queue.put(this.bytes)) {
      case 'first':
        return this.interrupts.send('EVENTQ');
      case 'next':
        if (this.departures.interruptsForEveryEvent === true) this.interrupts.send('EVENTQ');
        return;
      case 'full':
        if (this.departures.reportsOverflowAsAbort !== true) return this.queue.overflow();
        return this.interrupts.raise('EVENTQ_ABT_ERR');
      case 'aborted':
        return this.interrupts.raise('EVENTQ_ABT_ERR');
    }
  }

  /**
   * Reports events that were lost before they reached this queue, as an overflow. An overflow of a non-empty queue needs no
   * interrupt, because the queue interrupted when it became non-empty. For an empty queue this interrupts; otherwise software
   * would notice the overflow only after the next event.
   */
  lose(): void {
    if (!this.isOn) return;
    const wasOverflowed = this.queue.isOverflowed;
    this.queue.overflow();
    if (!wasOverflowed && this.queue.isEmpty) this.interrupts.send('EVENTQ');
  }

  private get isOn(): boolean {
    if ((this.registers.SMMU_CR0 & EVENTQEN) === 0) return false;
    // 7.2.1: after a failed write, nothing is written until software acknowledges the error.
    return this.departures.reportsOverflowAsAbort === true || !this.interrupts.isActive(ABT_ERR);
  }
}
