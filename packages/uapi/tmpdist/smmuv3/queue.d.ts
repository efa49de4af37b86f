/**
 * What an index register of a queue holds. Source: Arm IHI 0070, section 3.5.1; overflow: 7.4 and 8.1.
 */
export interface QueueIndex {
    /** Number of the entry, 0 to 2^log2size - 1. */
    readonly index: number;
    /** 0 or 1; toggles whenever the index goes back to 0. */
    readonly wrap: number;
    /** 0 or 1: OVFLG or OVACKFLG, in the registers of the event and PRI queues. */
    readonly overflow: number;
}
/**
 * Takes an index register apart. Bits between wrap and overflow, `ERR` among them, are passed over.
 * Source: Arm IHI 0070, section 3.5.1.
 * @param prodOrCons the register: `SMMU_EVENTQ_PROD`, `SMMU_CMDQ_CONS`, ...
 * @param log2size base 2 logarithm of the number of entries, `LOG2SIZE` of the queue's base register
 * @throws RangeError if `log2size` is not one of a queue
 */
export declare function splitQueueIndex(prodOrCons: number, log2size: number): QueueIndex;
/**
 * The opposite of {@link splitQueueIndex}. Source: Arm IHI 0070, section 3.5.1.
 * @throws RangeError if the queue is too small for the index, or a flag is not 0 or 1
 */
export declare function joinQueueIndex({ index, wrap, overflow }: QueueIndex, log2size: number): number;
/**
 * Is there nothing to consume: are index and wrap bit equal? Source: Arm IHI 0070, section 3.5.1.
 * @param prod the register with the write index
 * @param cons the register with the read index
 * @param log2size base 2 logarithm of the number of entries
 */
export declare function isQueueEmpty(prod: number, cons: number, log2size: number): boolean;
/**
 * Is there no room: are the indexes equal and the wrap bits not? Source: Arm IHI 0070, section 3.5.1.
 * Parameters as for {@link isQueueEmpty}.
 */
export declare function isQueueFull(prod: number, cons: number, log2size: number): boolean;
/**
 * How many entries wait to be consumed, 0 to 2^log2size. Source: Arm IHI 0070, section 3.5.1.
 * Parameters as for {@link isQueueEmpty}.
 * @throws RangeError if the registers contradict each other: more would wait than the queue has room for
 */
export declare function queueEntriesUsed(prod: number, cons: number, log2size: number): number;
/**
 * Has the SMMU lost entries without software having acknowledged that? Source: Arm IHI 0070, section 7.4; PRI
 * queue: 8.1.
 * @param prod `SMMU_EVENTQ_PROD` or `SMMU_PRIQ_PROD`
 * @param cons `SMMU_EVENTQ_CONS` or `SMMU_PRIQ_CONS`
 */
export declare function isQueueOverflowed(prod: number, cons: number): boolean;
/**
 * The register when the index has moved on, around the end of the queue if need be; all other bits stay.
 * Source: Arm IHI 0070, section 3.5.1.
 * @param prodOrCons the register
 * @param log2size base 2 logarithm of the number of entries
 * @param count by how many entries, 0 to 2^log2size
 */
export declare function nextQueueIndex(prodOrCons: number, log2size: number, count?: number): number;
//# sourceMappingURL=queue.d.ts.map