import { SMMU_CMDQ_BASE } from '@iommufd/uapi';
import { mask64 } from './masks.js';

const ADDR = mask64(SMMU_CMDQ_BASE, 'ADDR');
const LOG2SIZE = mask64(SMMU_CMDQ_BASE, 'LOG2SIZE');
const SMALLEST_ALIGNMENT = 32;

/** Where a queue is and how long. */
export interface QueuePlace {
  /** Guest-physical. */
  readonly address: bigint;
  /** Base 2 logarithm of its entries. */
  readonly log2size: number;
  /** Its entries. */
  readonly size: number;
  /** The bits of an index register that count: the index and, above it, the wrap bit. */
  readonly mask: number;
}

/**
 * Where the register says that a queue is: a size beyond what SMMU_IDR1 shows counts as that, and the address is
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

/**
 * Entries that wait to be consumed. Indexes that are no state of a queue, more than it has room for, are taken as they
 * are: its consumer goes on until it meets the producer. Source: Arm IHI 0070, section 3.5.1.
 */
export function entriesWaiting({ mask }: QueuePlace, prod: number, cons: number): number {
  return (prod - cons) & mask;
}

/** An index register when its index has moved on by `count`; the other bits stay. */
export function moved({ mask }: QueuePlace, index: number, count: number): number {
  return ((index & ~mask) | ((index + count) & mask)) >>> 0;
}
