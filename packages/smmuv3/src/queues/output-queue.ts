import type { SystemMemory } from '../memory.js';
import type { Departures } from '../registers/departures.js';
import type { Registers } from '../registers/registers.js';
import { entriesWaiting, moved, QueueBase } from './queue-place.js';

/** The result of writing a record. */
export type Put =
  /** Written; the queue was empty before. */
  | 'first'
  /** Written; the queue was not empty before. */
  | 'next'
  /** Lost: the queue is full. */
  | 'full'
  /** Lost: the entry is not in memory. */
  | 'aborted';

const OVFLG = 0x8000_0000;

/**
 * A queue that the SMMU writes and software reads: the common part of the event queue and the PRI queue. The caller
 * handles a full queue, because the two differ there. Source: Arm IHI 0070, section 3.5.
 */
export class OutputQueue {
  private readonly place: QueueBase;
  private readonly base: 'SMMU_EVENTQ_BASE' | 'SMMU_PRIQ_BASE';
  private readonly prod: 'SMMU_EVENTQ_PROD' | 'SMMU_PRIQ_PROD';
  private readonly cons: 'SMMU_EVENTQ_CONS' | 'SMMU_PRIQ_CONS';

  /**
   * @param registers base and indexes of the queue
   * @param memory holds the queue
   * @param queue the event queue or the PRI queue
   * @param most maximum LOG2SIZE, from SMMU_IDR1
   * @param entryBytes size of a record in bytes
   * @param departures those of the SMMU
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    queue: 'EVENTQ' | 'PRIQ',
    most: number,
    private readonly entryBytes: number,
    departures: Departures,
  ) {
    this.place = new QueueBase(most, entryBytes, departures);
    this.base = `SMMU_${queue}_BASE`;
    this.prod = `SMMU_${queue}_PROD`;
    this.cons = `SMMU_${queue}_CONS`;
  }

  /** Writes a record at WR and advances WR. */
  put(record: Uint8Array): Put {
    const { registers } = this;
    const place = this.place.at(registers[this.base]);
    const prod = registers[this.prod];
    const waiting = entriesWaiting(place, prod, registers[this.cons]);
    if (waiting >= place.size) return 'full';
    const index = prod & (place.size - 1);
    if (!this.memory.write(place.address + BigInt(index * this.entryBytes), record)) return 'aborted';
    registers[this.prod] = moved(place, prod, 1);
    return waiting === 0 ? 'first' : 'next';
  }

  /** True if the queue has no space for a record. */
  get isFull(): boolean {
    const { registers } = this;
    const place = this.place.at(registers[this.base]);
    return entriesWaiting(place, registers[this.prod], registers[this.cons]) >= place.size;
  }

  /** True if software has consumed all records. */
  get isEmpty(): boolean {
    const { registers } = this;
    return (
      entriesWaiting(this.place.at(registers[this.base]), registers[this.prod], registers[this.cons]) === 0
    );
  }

  /** True if an overflow is not acknowledged: OVFLG differs from OVACKFLG. */
  get isOverflowed(): boolean {
    return ((this.registers[this.prod] ^ this.registers[this.cons]) & OVFLG) !== 0;
  }

  /** Reports a lost record: toggles OVFLG, unless an earlier overflow is not acknowledged (7.4 and 8.1). */
  overflow(): void {
    if (!this.isOverflowed) this.registers[this.prod] = (this.registers[this.prod] ^ OVFLG) >>> 0;
  }
}
