import type { SystemMemory } from '../memory.js';
import type { Registers } from '../registers/registers.js';
import { entriesWaiting, moved, QueueBase } from './queue-place.js';

/** What became of a record. */
export type Put =
  /** It is in the queue, which was empty. */
  | 'first'
  /** It is in the queue, behind others. */
  | 'next'
  /** The queue is full: it is lost. */
  | 'full'
  /** There is no memory where the queue is said to be: it is lost. */
  | 'aborted';

const OVFLG = 0x8000_0000;

/** A queue that the SMMU writes and software reads. Source: Arm IHI 0070, section 3.5. */
export class OutputQueue {
  private readonly place: QueueBase;
  private readonly base: 'SMMU_EVENTQ_BASE' | 'SMMU_PRIQ_BASE';
  private readonly prod: 'SMMU_EVENTQ_PROD' | 'SMMU_PRIQ_PROD';
  private readonly cons: 'SMMU_EVENTQ_CONS' | 'SMMU_PRIQ_CONS';

  /**
   * @param registers where it is, and its indexes
   * @param memory what it is in
   * @param queue which one
   * @param most the largest LOG2SIZE, of SMMU_IDR1
   * @param entryBytes bytes of a record
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    queue: 'EVENTQ' | 'PRIQ',
    most: number,
    private readonly entryBytes: number,
  ) {
    this.place = new QueueBase(most, entryBytes);
    this.base = `SMMU_${queue}_BASE`;
    this.prod = `SMMU_${queue}_PROD`;
    this.cons = `SMMU_${queue}_CONS`;
  }

  /** Writes a record where the write index is, and moves that on. */
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

  /** Is there no room for a record? */
  get isFull(): boolean {
    const { registers } = this;
    const place = this.place.at(registers[this.base]);
    return entriesWaiting(place, registers[this.prod], registers[this.cons]) >= place.size;
  }

  /** Has software not acknowledged an overflow: does OVFLG differ from OVACKFLG? */
  get isOverflowed(): boolean {
    return ((this.registers[this.prod] ^ this.registers[this.cons]) & OVFLG) !== 0;
  }

  /** A record was lost: OVFLG toggles, unless there is an overflow that software has not acknowledged (7.4 and 8.1). */
  overflow(): void {
    if (!this.isOverflowed) this.registers[this.prod] = (this.registers[this.prod] ^ OVFLG) >>> 0;
  }
}
