import { Mismatch, show } from '../struct/error.js';

/** The highest sequence number, which is followed by 0. */
export const VEVENT_SEQUENCE_MAX = 0x7fff_ffff;

/** The distance from sequence number `from` to `to`, with the wrap at {@link VEVENT_SEQUENCE_MAX}. */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) & VEVENT_SEQUENCE_MAX;
}

/** The number of lost events between two consecutive records. */
export function lostBetween(previous: number, next: number): number {
  return sequenceDistance(previous + 1, next);
}

/** @throws Mismatch at offset `at` if `sequence` is not the number of an event */
export function checkSequence(sequence: number, at: number, key: string): void {
  if (Number.isInteger(sequence) && sequence >= 0 && sequence <= VEVENT_SEQUENCE_MAX) return;
  throw new Mismatch(at, `an integer from 0 to ${VEVENT_SEQUENCE_MAX}`, show(sequence)).under(key);
}
