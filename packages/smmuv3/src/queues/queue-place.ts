import { SMMU_CMDQ_BASE } from '@iommufd/uapi';
import { mask64 } from '../registers/fields.js';

const ADDR = mask64(SMMU_CMDQ_BASE, 'ADDR');
const LOG2SIZE = mask64(SMMU_CMDQ_BASE, 'LOG2SIZE');
const SMALLEST_ALIGNMENT = 32;

/** Where a queue is and how long. */
export interface QueuePlace {
  /** Physical. */
  readonly address: bigint;
  /** Base 2 logarithm of its entries. */
  readonly log2size: number;
  /** Its entries. */
  readonly size: number;
  /** The bits of an index register that count: the index and, above it, the wrap bit. */
  readonly mask: number;
}

/**
 * Where the register says that a queue is: a size beyond what SMMU_IDR1 has counts as that, and the address is
 * aligned to the queue. Source: Arm IHI 0070, sections 6.3.26, 6.3.29 and 6.3.33.
 * @param base `SMMU_CMDQ_BASE`, `SMMU_EVENTQ_BASE` or `SMMU_PRIQ_BASE`
 * @param most the largest LOG2SIZE
 * @param entryBytes bytes of an entry
 */
export function queuePlace(base: bigint, most: number, entryBytes: number): QueuePlace {
  const log2size = Math.min(Number(base & LOG2SIZE), most);
  const size = 2 ** log2size;
  const alignment = BigInt(Math.max(size * entryBytes, SMALLEST_ALIGNMENT));
  return { address: base & ADDR & -alignment, log2size, size, mask: 2 * size - 1 };
}

/** {@link queuePlace}, which is made anew when the register has changed. */
export class QueueBase {
  private base: bigint | undefined;
  private place: QueuePlace = queuePlace(0n, 0, SMALLEST_ALIGNMENT);

  /**
   * @param most the largest LOG2SIZE
   * @param entryBytes bytes of an entry
   */
  constructor(
    private readonly most: number,
    private readonly entryBytes: number,
  ) {}

  /** Where the queue is. @param base its register */
  at(base: bigint): QueuePlace {
    if (base !== this.base) {
      this.base = base;
      this.place = queuePlace(base, this.most, this.entryBytes);
    }
    return this.place;
  }
}

/**
 * Entries that wait to be consumed. Indexes that are no state of a queue, more than it has room for, are taken as they
 * are: a consumer goes on until it meets the producer, and to a producer the queue is full. Source: Arm IHI 0070, 3.5.1.
 * @param place the queue
 * @param prod its register with the write index
 * @param cons its register with the read index
 */
export function entriesWaiting({ mask }: QueuePlace, prod: number, cons: number): number {
  return (prod - cons) & mask;
}

/**
 * An index register when its index has moved on; the other bits stay.
 * @param place the queue
 * @param index the register
 * @param count by how many entries
 */
export function moved({ mask }: QueuePlace, index: number, count: number): number {
  return ((index & ~mask) | ((index + count) & mask)) >>> 0;
}
