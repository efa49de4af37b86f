/**
 * The struct of S4a to S4c: a program makes the same ioctl again and again, with few values and one buffer. W3 has thousands of
 * values, each with its own bytes; there, code written by hand spends most of its time on creating a view of each.
 */
import {
  expectedBytes,
  fewInvalidations,
  INVALIDATION_BYTES,
  type Invalidation,
} from '../data/invalidations.js';
import type { Goal } from '../workload.js';

/** Structs that are timed together. */
export const STRUCTS = 65_536;
/** The last results are kept, so that no engine removes an unused result. */
export const KEPT = 64;

const OURS = '@iommufd/uapi';
const HAND = 'DataView, one for all';

/** The common part of S4a to S4c. */
export const ONE_STRUCT: {
  readonly operation: string;
  readonly unit: 'ns';
  readonly comparedTo: readonly string[];
  readonly goals: readonly Goal[];
  readonly input: () => undefined;
} = {
  operation: 'struct',
  unit: 'ns',
  comparedTo: [HAND],
  goals: [
    { kind: 'speed', of: OURS, to: HAND, atLeast: 0.5 },
    { kind: 'libraries', of: OURS, atLeast: 1 },
  ],
  input: () => undefined,
};

const values = fewInvalidations();
const bytes = expectedBytes(values);

/** Number of values, used in turn. */
export const VALUES = values.length;

/** The current value. */
export function valueOf(turn: number): Invalidation {
  const value = values[turn % VALUES];
  if (value === undefined) throw new RangeError(`there is no turn ${turn}`);
  return value;
}

/** The bytes of the current value. */
export function bytesOf(turn: number): Uint8Array {
  const at = (turn % VALUES) * INVALIDATION_BYTES;
  return bytes.subarray(at, at + INVALIDATION_BYTES);
}
