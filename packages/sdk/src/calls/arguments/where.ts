/**
 * Error messages for wrong arguments: the call, the argument, what was expected, what was found, and what to do.
 *
 *     Ioas.map: length: expected a bigint from 0 to 18446744073709551615, found 4096. Write 4096n.
 */
import { found } from './found.js';

/** An argument of a call. */
export interface Where {
  /** `Device.attach`. */
  readonly call: string;
  /** `pasid`, `ranges[1].start`; empty for the value assigned to a property. */
  readonly path: string;
}

/** Part of an argument: a field, or an element by its index. */
export const within = ({ call, path }: Where, part: string | number): Where => ({
  call,
  path: typeof part === 'number' ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`,
});

/** The argument in words: `Device.attach: pasid`. */
export const placeOf = ({ call, path }: Where): string => (path === '' ? call : `${call}: ${path}`);

/** A wrong value. */
export interface Mistake {
  /** The expected value, in words. */
  readonly expected: string;
  /** The value found. */
  readonly value: unknown;
  /** Does it have the right type but an invalid value? */
  readonly isOfType?: boolean;
  /** What to do, as a sentence. */
  readonly advice?: string | undefined;
}

/** The error for a wrong argument: a RangeError if only the value is wrong, a TypeError otherwise. */
export function wrong(where: Where, { expected, value, isOfType = false, advice }: Mistake): Error {
  const problem = `${placeOf(where)}: expected ${expected}, found ${found(value)}`;
  const message = advice === undefined ? problem : `${problem}. ${advice}`;
  return isOfType ? new RangeError(message) : new TypeError(message);
}
