import { expect, test } from '@jest/globals';
import { checkBytes, checkSame } from './check.js';
import { WrongResult } from './workload.js';

test('objects are the same if their fields are, in any order and of any class', () => {
  class Event {
    b = 2n;
    a = 1;
  }
  expect(() => checkSame('it', new Event(), { a: 1, b: 2n })).not.toThrow();
});

test.each([
  ['a value', { a: 1, b: 3n }],
  ['a number for a bigint', { a: 1, b: 2 }],
  ['a field less', { a: 1 }],
  ['a field more', { a: 1, b: 2n, c: 0 }],
  ['another field', { a: 1, c: 2n }],
  ['nothing', undefined],
])('%s is a difference', (_, found) => {
  expect(() => checkSame('record 7', found, { a: 1, b: 2n })).toThrow(WrongResult);
  expect(() => checkSame('record 7', found, { a: 1, b: 2n })).toThrow(
    /^record 7 is .*, and not \{ a: 1, b: 2n \}$/,
  );
});

test('bytes', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  expect(() => checkBytes('it', bytes.slice(), bytes)).not.toThrow();
  expect(() => checkBytes('it', Uint8Array.of(1, 9, 3), bytes)).toThrow('it: byte 1 is 9, and not 2');
  expect(() => checkBytes('it', Uint8Array.of(1, 2), bytes)).toThrow('it has 2 bytes, and not 3');
});
