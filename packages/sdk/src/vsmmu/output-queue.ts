import { type GuestMemory } from './guest-memory.js';
import { entriesWaiting, moved, queuePlace } from './queue-place.js';
import { type Registers } from './registers.js';

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

/** A queue that the SMMU writes and the guest reads. Source: Arm IHI 0070, section 3.5. */
export class OutputQueue {
  constructor(
    private readonly registers: Registers,
    private readonly memory: GuestMemory,
    private readonly queue: 'EVENTQ' | 'PRIQ',
    private readonly most: number,
    private readonly entryBytes: number,
  ) {}

  /** Writes a record where the write index is, and moves that on. */
  put(record: Uint8Array): Put {
    const { registers, queue } = this;
    const place = queuePlace(registers[`SMMU_${queue}_BASE`], this.most, this.entryBytes);
    const prod = registers[`SMMU_${queue}_PROD`];
    const waiting = entriesWaiting(place, prod, registers[`SMMU_${queue}_CONS`]);
    if (waiting >= place.size) return 'full';
    const index = prod & (place.size - 1);
    if (!this.memory.write(place.address + BigInt(index * this.entryBytes), record)) return 'aborted';
    registers[`SMMU_${queue}_PROD`] = moved(place, prod, 1);
    return waiting === 0 ? 'first' : 'next';
  }

  /** Has the guest not acknowledged an overflow: does OVFLG differ from OVACKFLG? */
  get isOverflowed(): boolean {
    const { registers, queue } = this;
    return ((registers[`SMMU_${queue}_PROD`] ^ registers[`SMMU_${queue}_CONS`]) & OVFLG) !== 0;
  }

  /**
   * A record was lost: OVFLG toggles, unless an overflow is there that the guest has not acknowledged.
   * @returns whether this overflow is a new one
   */
  overflow(): boolean {
    if (this.isOverflowed) return false;
    const prod = this.registers[`SMMU_${this.queue}_PROD`];
    this.registers[`SMMU_${this.queue}_PROD`] = (prod ^ OVFLG) >>> 0;
    return true;
  }
}
