/**
 * Error messages for invalid arguments: the call, the argument, the expected value, the value found, and advice.
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

/** The argument as text: `Device.attach: pasid`. */
export const labelOf = ({ call, path }: Where): string => (path === '' ? call : `${call}: ${path}`);

/** An invalid value. */
export interface Mistake {
  /** A description of the expected value. */
  readonly expected: string;
  /** The value found. */
  readonly value: unknown;
  /** True if only the value is invalid, not its type. */
  readonly isOfType?: boolean;
  /** Advice, as a sentence. */
  readonly advice?: string | undefined;
}

/** The error for an invalid argument: a RangeError if its type is right, a TypeError otherwise. */
export function wrong(where: Where, { expected, value, isOfType = false, advice }: Mistake): Error {
  const problem = `${labelOf(where)}: expected ${expected}, found ${found(value)}`;
  const message = advice === undefined ? problem : `${problem}. ${advice}`;
  return isOfType ? new RangeError(message) : new TypeError(message);
}
