/**
 * What S4a to S4c share: a struct of an ioctl as a program has it that makes the same ioctl again and again, with few values
 * and one buffer. W3 has thousands of values and bytes of their own for each; there a view of each costs code by hand more
 * than the rest.
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

/** What S4a to S4c have in common. */
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

/** How many values take turns. */
export const VALUES = values.length;

/** The value whose turn it is. */
export function valueOf(turn: number): Invalidation {
  const value = values[turn % VALUES];
  if (value === undefined) throw new RangeError(`there is no turn ${turn}`);
  return value;
}

/** The bytes of that value. */
export function bytesOf(turn: number): Uint8Array {
  const at = (turn % VALUES) * INVALIDATION_BYTES;
  return bytes.subarray(at, at + INVALIDATION_BYTES);
}
