import { isQueueEmpty, isQueueFull, isQueueOverflowed, nextQueueIndex, splitQueueIndex } from '@iommufd/uapi';
import type { PhysicalMemory } from './physical-memory.js';
import type { Registers } from './registers.js';

/** The base register of a queue. */
interface QueueBase {
  readonly LOG2SIZE: number;
  readonly ADDR: bigint;
}

/** Where a queue is and how large its entries are. */
export interface QueuePlace {
  /** Of the registers with the indexes. */
  readonly prod: number;
  readonly cons: number;
  readonly entryBytes: number;
  /** Base 2 logarithm of the most entries it may have, from SMMU_IDR1. */
  readonly most: number;
}

/** A queue that the SMMU writes (Arm IHI 0070, 3.5). What a full one means differs from queue to queue. */
export class OutputQueue {
  constructor(
    private readonly registers: Registers,
    private readonly memory: PhysicalMemory,
    private readonly base: QueueBase,
    private readonly place: QueuePlace,
  ) {}

  private get prod(): number {
    return this.registers.get(this.place.prod);
  }

  private get cons(): number {
    return this.registers.get(this.place.cons);
  }

  private get log2size(): number {
    return Math.min(this.base.LOG2SIZE, this.place.most);
  }

  get isEmpty(): boolean {
    return isQueueEmpty(this.prod, this.cons, this.log2size);
  }

  get isFull(): boolean {
    return isQueueFull(this.prod, this.cons, this.log2size);
  }

  /** Have entries been lost without software having acknowledged that? */
  get isOverflowed(): boolean {
    return isQueueOverflowed(this.prod, this.cons);
  }

  /** An entry was lost: OVFLG toggles if that is not known already. */
  overflow(): void {
    if (!this.isOverflowed) this.registers.set(this.place.prod, (this.prod ^ (1 << 31)) >>> 0);
  }

  /** Adds an entry to a queue that is not full. @returns false if the write was aborted, and it is lost */
  put(entry: Uint8Array): boolean {
    const { entryBytes, prod } = this.place;
    const { index } = splitQueueIndex(this.prod, this.log2size);
    const bytes = this.memory.read(this.base.ADDR + BigInt(index * entryBytes), entryBytes);
    if (bytes === undefined) return false;
    bytes.set(entry);
    this.registers.set(prod, nextQueueIndex(this.prod, this.log2size));
    return true;
  }
}
