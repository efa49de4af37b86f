/**
 * Arithmetic of the circular queues (Arm IHI 0070, section 3.5): where SMMU_*Q_BASE puts a queue, how many entries wait
 * between the two indexes, and how an index moves. An index register holds the index and, above it, the wrap bit, which
 * tells a full queue from an empty one.
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
  /** The bits of an index register that are used: the index and the wrap bit. */
  readonly mask: number;
}

/**
 * Reads a base register. A size above the limit of SMMU_IDR1 acts as the limit, and the address is aligned to the size of the
 * queue. Source: Arm IHI 0070, sections 6.3.26, 6.3.29 and 6.3.33.
 * @param base `SMMU_CMDQ_BASE`, `SMMU_EVENTQ_BASE` or `SMMU_PRIQ_BASE`
 * @param most the largest LOG2SIZE
 * @param entryBytes bytes per entry
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
   * @param most the largest LOG2SIZE
   * @param entryBytes bytes per entry
   * @param departures those of the SMMU
   */
  constructor(
    private readonly most: number,
    private readonly entryBytes: number,
    private readonly departures: Departures,
  ) {}

  /** The queue at a base. @param base the base register */
  at(base: bigint): QueuePlace {
    if (base !== this.base) {
      this.base = base;
      this.place = queuePlace(base, this.most, this.entryBytes, this.departures);
    }
    return this.place;
  }
}

/**
 * Entries that wait to be consumed. Inconsistent indexes, further apart than the size, are taken as they are: the consumer
 * goes on until it meets the producer, and the producer sees a full queue. Source: Arm IHI 0070, 3.5.1.
 * @param place the queue
 * @param prod its register with the write index
 * @param cons its register with the read index
 */
export function entriesWaiting({ mask }: QueuePlace, prod: number, cons: number): number {
  return (prod - cons) & mask;
}

/**
 * Advances an index register; its other bits are kept.
 * @param place the queue
 * @param index the register
 * @param count number of entries
 */
export function moved({ mask }: QueuePlace, index: number, count: number): number {
  return ((index & ~mask) | ((index + count) & mask)) >>> 0;
}
