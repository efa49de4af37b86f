/** The highest sequence number; after it comes 0. */
export declare const VEVENT_SEQUENCE_MAX = 2147483647;
/** How far sequence number `to` is beyond `from`, over the step from {@link VEVENT_SEQUENCE_MAX} to 0. */
export declare function sequenceDistance(from: number, to: number): number;
/** How many events are missing between two that were read one after the other. */
export declare function lostBetween(previous: number, next: number): number;
/** @throws Mismatch at `at` for what is not the number of an event */
export declare function checkSequence(sequence: number, at: number, key: string): void;
//# sourceMappingURL=sequence.d.ts.map