/**
 * `expect` for loops of many thousands. Jest's own takes tens of microseconds also where all is well; here it is asked only about
 * what differs, and so has the last word and tells what is wrong.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

/** `expect(found).toBe(expected)` */
export function expectToBe<T>(found: T, expected: T): void {
  if (!Object.is(found, expected)) expect(found).toBe(expected);
}

/** `expect(found).toEqual(expected)` */
export function expectToEqual(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
}
