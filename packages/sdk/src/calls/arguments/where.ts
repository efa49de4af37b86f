/**
 * What is said of a wrong argument: the call, the argument, what was expected, what was found, and what to do.
 *
 *     Ioas.map: length: expected a bigint from 0 to 18446744073709551615, found 4096. Write 4096n.
 */
import { found } from './found.js';

/** Which argument of which call. */
export interface Where {
  /** `Device.attach`. */
  readonly call: string;
  /** `pasid`, `ranges[1].start`; empty for the value of a property. */
  readonly path: string;
}

/** Part of an argument: a field, or an element by its index. */
export const within = ({ call, path }: Where, part: string | number): Where => ({
  call,
  path: typeof part === 'number' ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`,
});

/** The argument in words: `Device.attach: pasid`. */
export const placeOf = ({ call, path }: Where): string => (path === '' ? call : `${call}: ${path}`);

/** How a value fails. */
export interface Mistake {
  /** What would have been right. */
  readonly expected: string;
  /** What was given. */
  readonly value: unknown;
  /** Is it of the right type, and only its value is wrong? */
  readonly isOfType?: boolean;
  /** What to do: a sentence. */
  readonly advice?: string | undefined;
}

/** The error for a wrong argument: a RangeError if only the value is wrong, a TypeError otherwise. */
export function wrong(where: Where, { expected, value, isOfType = false, advice }: Mistake): Error {
  const problem = `${placeOf(where)}: expected ${expected}, found ${found(value)}`;
  const message = advice === undefined ? problem : `${problem}. ${advice}`;
  return isOfType ? new RangeError(message) : new TypeError(message);
}
