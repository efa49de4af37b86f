import { expect, test } from '@jest/globals';
import { aSecond, digits, per, plural, time } from './format.js';

test.each([
  [0.1234, '0.12'],
  [9.994, '9.99'],
  [12.34, '12.3'],
  [123.4, '123'],
  [12_345.6, '12,346'],
])('%d has as many digits as say something: %s', (value, text) => {
  expect(digits(value)).toBe(text);
});

test('nanoseconds in units', () => {
  expect([time(1234, 'ns'), time(1234, 'us'), time(1_234_000, 'ms')]).toEqual(['1,234', '1.23', '1.23']);
});

test('aSecond gives operations per second', () => {
  expect([aSecond(500), aSecond(27_400)]).toEqual(['2,000,000', '36,496']);
});

test('per names the first part of an operation', () => {
  expect([per('record'), per('ioctl'), per('struct, encoded and decoded')]).toEqual([
    'per record',
    'per ioctl',
    'per struct',
  ]);
});

test('plural of an operation', () => {
  expect(['ioctl', 'access'].map(plural)).toEqual(['ioctls', 'accesses']);
});
