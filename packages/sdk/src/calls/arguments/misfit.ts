import { StructError } from '@iommufd/uapi/struct';
import { unknownName } from './kinds.js';
import { labelOf, type Where, within } from './where.js';

const BIGINT = /^-?\d+n$/;
const NUMBER = /^-?\d/;

/**
 * Runs an encoder on fields that the caller passed, and turns a codec's error into one that names the argument.
 * @param names the fields of the struct
 * @throws TypeError if a field is missing, unknown or of the wrong type; RangeError if it is out of range. The codec's
 *   error is its cause
 */
export function fitting<T>(where: Where, names: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof StructError)) throw cause;
    throw misfit(where, names, cause);
  }
}

function misfit(where: Where, names: readonly string[], cause: StructError): Error {
  const { path, expected, found } = cause;
  // An element of an array begins with its index.
  const at = path.startsWith('[') ? { ...where, path: where.path + path } : within(where, path);
  if (found === 'no such field') return unknownName(at, path.replace(/^\[\d+\]\./, ''), names, { cause });
  const advice = adviceFor(expected, found);
  const message = `${labelOf(at)}: expected ${expected}, found ${found}${advice}`;
  return isOfType(expected, found) ? new RangeError(message, { cause }) : new TypeError(message, { cause });
}

const wantsBigint = (expected: string): boolean => expected.startsWith('a bigint');
const wantsNumber = (expected: string): boolean => expected.startsWith('an integer');

function isOfType(expected: string, found: string): boolean {
  if (wantsBigint(expected)) return BIGINT.test(found);
  return wantsNumber(expected) && NUMBER.test(found) && !BIGINT.test(found);
}

function adviceFor(expected: string, found: string): string {
  if (wantsBigint(expected) && /^-?\d+$/.test(found)) return `. Write ${found}n.`;
  if (wantsNumber(expected) && BIGINT.test(found)) return `. Write ${found.slice(0, -1)}.`;
  return '';
}
