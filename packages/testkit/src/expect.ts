/**
 * `expect` for loops of many thousand iterations. Jest's own takes tens of microseconds even if the values are equal. Here it is called
 * only if they differ, to report the difference.
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
