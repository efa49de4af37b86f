import { expect, test } from '@jest/globals';
import { fromHex, toHex } from './index.js';

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const digits = Array.from(every, (byte) => byte.toString(16).padStart(2, '0')).join('');

test('every byte has two digits, which are read in both cases', () => {
  expect(toHex(every)).toBe(digits);
  expect(fromHex(digits)).toEqual(every);
  expect(fromHex(digits.toUpperCase())).toEqual(every);
});

test('white space, colons and a leading 0x are skipped', () => {
  expect(fromHex(' 0x0A:fF\n 10\t')).toEqual(Uint8Array.of(10, 255, 16));
  expect(fromHex('')).toEqual(new Uint8Array());
});

test.each([
  ['0g', 'not hex: "g" at digit 1'],
  ['00/0', 'not hex: "/" at digit 2'],
  ['@0', 'not hex: "@" at digit 0'],
  ['000x', 'not hex: "x" at digit 3'],
  ['\u0130\u0131', 'not hex: "\u0130" at digit 0'],
  ['012', 'not hex: 3 digits, and a byte has two'],
])('%j is refused', (text, message) => {
  expect(() => fromHex(text)).toThrow(new SyntaxError(message));
});
