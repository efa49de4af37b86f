/**
 * The contents of an index register of a queue. Source: Arm IHI 0070, section 3.5.1; overflow: 7.4 and 8.1.
 */
export interface QueueIndex {
  /** Number of the entry, 0 to 2^log2size - 1. */
  readonly index: number;
  /** 0 or 1; toggles whenever the index returns to 0. */
  readonly wrap: number;
  /** 0 or 1: OVFLG or OVACKFLG, in the registers of the event and PRI queues. */
  readonly overflow: number;
}

/** The largest queue has 2^19 entries. */
const MAX_LOG2SIZE = 19;

function checkSize(log2size: number): void {
  if (Number.isInteger(log2size) && log2size >= 0 && log2size <= MAX_LOG2SIZE) return;
  throw new RangeError(`log2size is ${log2size}: a queue has 2^0 to 2^${MAX_LOG2SIZE} entries`);
}

/** Index and wrap bit as one number, modulo twice the size of the queue. */
const position = (prodOrCons: number, log2size: number): number => prodOrCons & ((2 << log2size) - 1);

/**
 * Splits an index register into its parts. Bits between wrap and overflow, such as `ERR`, are ignored.
 * Source: Arm IHI 0070, section 3.5.1.
 * @param prodOrCons the register: `SMMU_EVENTQ_PROD`, `SMMU_CMDQ_CONS`, ...
 * @param log2size base 2 logarithm of the number of entries, `LOG2SIZE` of the queue's base register
 * @throws RangeError if `log2size` is not an integer from 0 to 19
 */
export function splitQueueIndex(prodOrCons: number, log2size: number): QueueIndex {
  checkSize(log2size);
  const at = position(prodOrCons, log2size);
  const entries = 1 << log2size;
  return { index: at % entries, wrap: at < entries ? 0 : 1, overflow: prodOrCons >>> 31 };
}

/**
 * The inverse of {@link splitQueueIndex}. Source: Arm IHI 0070, section 3.5.1.
 * @throws RangeError if the queue is too small for the index, or a flag is not 0 or 1
 */
export function joinQueueIndex({ index, wrap, overflow }: QueueIndex, log2size: number): number {
  checkSize(log2size);
  const entries = 1 << log2size;
  if (!Number.isInteger(index) || index < 0 || index >= entries) {
    throw new RangeError(`index is ${index}: the queue has entries 0 to ${entries - 1}`);
  }
  if (wrap !== 0 && wrap !== 1) throw new RangeError(`wrap is ${wrap}: it must be 0 or 1`);
  if (overflow !== 0 && overflow !== 1) throw new RangeError(`overflow is ${overflow}: it must be 0 or 1`);
  return overflow * 2 ** 31 + wrap * entries + index;
}

/**
 * True if the queue is empty: both indexes and wrap bits are equal. Source: Arm IHI 0070, section 3.5.1.
 * @param prod the register with the write index
 * @param cons the register with the read index
 * @param log2size base 2 logarithm of the number of entries
 */
export function isQueueEmpty(prod: number, cons: number, log2size: number): boolean {
  checkSize(log2size);
  return position(prod, log2size) === position(cons, log2size);
}

/**
 * True if the queue is full: the indexes are equal and the wrap bits differ. Source: Arm IHI 0070, section 3.5.1.
 * Parameters as for {@link isQueueEmpty}.
 */
export function isQueueFull(prod: number, cons: number, log2size: number): boolean {
  checkSize(log2size);
  return position(prod - cons, log2size) === 1 << log2size;
}

/**
 * The number of entries in the queue, 0 to 2^log2size. Source: Arm IHI 0070, section 3.5.1.
 * Parameters as for {@link isQueueEmpty}.
 * @throws RangeError if the registers are inconsistent: the distance exceeds the size of the queue
 */
export function queueEntriesUsed(prod: number, cons: number, log2size: number): number {
  checkSize(log2size);
  const used = position(prod - cons, log2size);
  if (used <= 1 << log2size) return used;
  const registers = `0x${prod.toString(16)} and 0x${cons.toString(16)}`;
  throw new RangeError(`indexes ${registers} are not a state of a queue of ${2 ** log2size} entries`);
}

/**
 * True if the SMMU has lost entries and software has not acknowledged that. Source: Arm IHI 0070, section 7.4; PRI
 * queue: 8.1.
 * @param prod `SMMU_EVENTQ_PROD` or `SMMU_PRIQ_PROD`
 * @param cons `SMMU_EVENTQ_CONS` or `SMMU_PRIQ_CONS`
 */
export function isQueueOverflowed(prod: number, cons: number): boolean {
  return prod >>> 31 !== cons >>> 31;
}

/**
 * The value of an index register after its index has advanced, with the wrap at the end of the queue. Other bits are
 * unchanged. Source: Arm IHI 0070, section 3.5.1.
 * @param prodOrCons the register
 * @param log2size base 2 logarithm of the number of entries
 * @param count number of entries, 0 to 2^log2size
 */
export function nextQueueIndex(prodOrCons: number, log2size: number, count = 1): number {
  checkSize(log2size);
  if (!Number.isInteger(count) || count < 0 || count > 1 << log2size) {
    throw new RangeError(`count is ${count}: the queue has ${2 ** log2size} entries`);
  }
  const moved = position(prodOrCons + count, log2size);
  return (prodOrCons - position(prodOrCons, log2size) + moved) >>> 0;
}
