import { inspect } from 'node:util';
import { WrongResult } from './workload.js';

/** Compares own keys and values of objects, but not their prototypes. @throws WrongResult if they differ */
export function checkSame(where: string, found: unknown, expected: object): void {
  if (isSame(found, expected)) return;
  throw new WrongResult(`${where} is ${inspect(found)}, and not ${inspect(expected)}`);
}

function isSame(found: unknown, expected: object): boolean {
  if (typeof found !== 'object' || found === null) return false;
  const entries = Object.entries(expected);
  if (Object.keys(found).length !== entries.length) return false;
  return entries.every(([key, value]) => Object.hasOwn(found, key) && Reflect.get(found, key) === value);
}

/** Compares bytes. @throws WrongResult with the first difference */
export function checkBytes(where: string, found: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(found, expected) === 0) return;
  if (found.length !== expected.length)
    throw new WrongResult(`${where} has ${found.length} bytes, and not ${expected.length}`);
  const at = expected.findIndex((byte, i) => byte !== found[i]);
  throw new WrongResult(`${where}: byte ${at} is ${found[at]}, and not ${expected[at]}`);
}
