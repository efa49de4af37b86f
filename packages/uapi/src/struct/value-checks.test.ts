import { expect, test } from '@jest/globals';
import { iommu_destroy } from '../iommufd/destroy.js';
import { encode, struct, u32 } from './index.js';
import { hasOnly } from './value-checks.js';

const NAMES = ['a', 'b', 'c'];

test.each([
  [{ a: 1, b: 2, c: 3 }, true],
  [{ c: 3, a: 1, b: 2 }, true],
  [{ b: 2 }, true],
  [{}, true],
  [{ a: 1, b: 2, c: 3, d: 4 }, false],
  [{ d: 4, a: 1 }, false],
  [Object.assign([], { a: 1 }), false],
  [Object.create({ a: 1, d: 4 }) as object, false],
  [Object.defineProperty({ a: 1, d: 4 }, 'b', { value: 2 }), false],
])('%j has only a, b and c: %s', (value, isSo) => {
  expect(hasOnly(value, NAMES)).toBe(isSo);
});

test('an unknown field fails beside a non-enumerable field, with compiled code and without', () => {
  const named = struct('named', '', { size: u32.in(''), id: u32.in('') });
  const value = Object.defineProperty({ size: 8, other: 1 }, 'id', { value: 3 }) as unknown as {
    size: 8;
    id: 3;
  };
  expect(() => encode(named, value)).toThrow('named.other at offset 0: expected a field of named');
  expect(() => encode(iommu_destroy, value)).toThrow('iommu_destroy.other at offset 0');
});
