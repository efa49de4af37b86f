/** Kinds of arguments that are objects of this SDK. They must be open and on the same `/dev/iommu`; ids are refused. */
import type { Context } from '../context.js';
import type { Kind } from './kinds.js';
import { type Where, wrong } from './where.js';

/** An object that can be an argument. */
export interface Usable {
  /**
   * Checks that it can be used in a call.
   * @throws IommufdError EBADF if it is closed; RangeError if it belongs to another `/dev/iommu`
   */
  use(on: Context | undefined, where: Where): unknown;
}

/**
 * An object of a class.
 * @param expected the class, with an article
 * @param makes a call that returns one, for advice
 * @param is the type guard
 */
export const objectOf = <T extends Usable>(
  expected: string,
  makes: string,
  is: (value: unknown) => value is T,
): Kind<T> => ({
  expected,
  at: (where) => (value, context) => {
    if (!is(value)) throw wrong(where, { expected, value, advice: adviceFor(value, makes) });
    value.use(context, where);
  },
});

function adviceFor(value: unknown, makes: string): string {
  if (typeof value === 'number') return `Pass the object itself, not its id: ${makes} returns one.`;
  if (value instanceof Promise) return 'Await it first.';
  return `${makes} returns one.`;
}
