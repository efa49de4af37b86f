/** Kinds of arguments that are objects of this SDK: not their ids, not closed, and of the right `/dev/iommu`. */
import type { Context } from '../context.js';
import type { Kind } from './kinds.js';
import { type Where, wrong } from './where.js';

/** What can be given to a call of another object. */
export interface Usable {
  /**
   * Can it be used there?
   * @throws IommufdError EBADF if it is closed; RangeError if it is of another `/dev/iommu`
   */
  use(on: Context | undefined, where: Where): unknown;
}

/**
 * An object.
 * @param expected its class, with an article
 * @param makes the call that makes one, as a caller writes it
 * @param is is a value one?
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
