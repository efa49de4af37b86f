/**
 * Arithmetic of the circular queues (Arm IHI 0070, section 3.5): the address and size from SMMU_*Q_BASE, the number of
 * entries between the two indexes, and the advance of an index. An index register has the index and, above it, the wrap
 * bit, which distinguishes a full queue from an empty one.
 */
import { SMMU_CMDQ_BASE } from '@iommufd/uapi';
import type { Departures } from '../registers/departures.js';
import { mask64 } from '../registers/fields.js';

const ADDR = mask64(SMMU_CMDQ_BASE, 'ADDR');
const LOG2SIZE = mask64(SMMU_CMDQ_BASE, 'LOG2SIZE');
const SMALLEST_ALIGNMENT = 32;

/** Address and size of a queue. */
export interface QueuePlace {
  /** Physical address of the first entry. */
  readonly address: bigint;
  /** Base 2 logarithm of {@link size}. */
  readonly log2size: number;
  /** Number of entries. */
  readonly size: number;
  /** The mask of the used bits of an index register: the index and the wrap bit. */
  readonly mask: number;
}

/**
 * Reads a base register. A size above the limit of SMMU_IDR1 acts as the limit, and the address is aligned to the size of the
 * queue. Source: Arm IHI 0070, sections 6.3.26, 6.3.29 and 6.3.33.
 * @param base `SMMU_CMDQ_BASE`, `SMMU_EVENTQ_BASE` or `SMMU_PRIQ_BASE`
 * @param most maximum LOG2SIZE
 * @param entryBytes size of an entry in bytes
 * @param departures those of the SMMU
 */
export function queuePlace(
  base: bigint,
  most: number,
  entryBytes: number,
  { ignoresQueueAlignment = false }: Departures = {},
): QueuePlace {
  const log2size = Math.min(Number(base & LOG2SIZE), most);
  const size = 2 ** log2size;
  const alignment = BigInt(Math.max(ignoresQueueAlignment ? 0 : size * entryBytes, SMALLEST_ALIGNMENT));
  return { address: base & ADDR & -alignment, log2size, size, mask: 2 * size - 1 };
}

/** {@link queuePlace}, cached until the register changes. */
export class QueueBase {
  private base: bigint | undefined;
  private place: QueuePlace = queuePlace(0n, 0, SMALLEST_ALIGNMENT);

  /**
   * @param most maximum LOG2SIZE
   * @param entryBytes size of an entry in bytes
   * @param departures those of the SMMU
   */
  constructor(
    private readonly most: number,
    private readonly entryBytes: number,
    private readonly departures: Departures,
  ) {}

  /** The queue of a base register. @param base value of the register */
  at(base: bigint): QueuePlace {
    if (base !== this.base) {
      this.base = base;
      this.place = queuePlace(base, this.most, this.entryBytes, this.departures);
    }
    return this.place;
  }
}

/**
 * Number of entries that wait to be consumed. Inconsistent indexes, whose distance exceeds the size, are accepted: the
 * consumer continues until it reaches the producer, and the producer observes a full queue. Source: Arm IHI 0070,
 * 3.5.1.
 * @param place the queue
 * @param prod its register with the write index
 * @param cons its register with the read index
 */
export function entriesWaiting({ mask }: QueuePlace, prod: number, cons: number): number {
  return (prod - cons) & mask;
}

/**
 * Advances an index register. Its other bits are unchanged.
 * @param place the queue
 * @param index the register
 * @param count number of entries
 */
export function moved({ mask }: QueuePlace, index: number, count: number): number {
  return ((index & ~mask) | ((index + count) & mask)) >>> 0;
}
