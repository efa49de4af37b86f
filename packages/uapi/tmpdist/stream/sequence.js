import { Mismatch, show } from '../struct/error.js';
/** The highest sequence number; after it comes 0. */
export const VEVENT_SEQUENCE_MAX = 0x7fff_ffff;
/** How far sequence number `to` is beyond `from`, over the step from {@link VEVENT_SEQUENCE_MAX} to 0. */
export function sequenceDistance(from, to) {
    return (to - from) & VEVENT_SEQUENCE_MAX;
}
/** How many events are missing between two that were read one after the other. */
export function lostBetween(previous, next) {
    return sequenceDistance(previous + 1, next);
}
/** @throws Mismatch at `at` for what is not the number of an event */
export function checkSequence(sequence, at, key) {
    if (Number.isInteger(sequence) && sequence >= 0 && sequence <= VEVENT_SEQUENCE_MAX)
        return;
    throw new Mismatch(at, `an integer from 0 to ${VEVENT_SEQUENCE_MAX}`, show(sequence)).under(key);
}
//# sourceMappingURL=sequence.js.map