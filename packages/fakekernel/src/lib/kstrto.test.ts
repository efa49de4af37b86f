import { describe, expect, test } from '@jest/globals';
import { Errno } from '../errno.js';
import { kstrtobool, kstrtoint, kstrtoll, kstrtou16, kstrtouint, kstrtoull } from './kstrto.js';

/** The result of a call: its value, or the name of its errno. */
function resultOf<T>(work: () => T): T | string {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Errno) return cause.name;
    throw cause;
  }
}

describe('kstrtoull()', () => {
  test.each([
    ['0', 0n],
    ['7\n', 7n],
    ['+5', 5n],
    ['010', 8n],
    ['0x1F', 31n],
    ['0XfF\n', 255n],
    ['5\0anything', 5n],
    ['18446744073709551615', (1n << 64n) - 1n],
    ['18446744073709551616', 'ERANGE'],
    ['0x10000000000000000', 'ERANGE'],
    // `_kstrtoull()` looks for an overflow first.
    ['18446744073709551616 and more', 'ERANGE'],
    ['020000000000000000000008', 'ERANGE'],
    ['0x1ffffffffffffffffg', 'ERANGE'],
    ['', 'EINVAL'],
    ['\n', 'EINVAL'],
    ['+', 'EINVAL'],
    ['++5', 'EINVAL'],
    ['-1', 'EINVAL'],
    [' 5', 'EINVAL'],
    ['5 ', 'EINVAL'],
    ['5\n\n', 'EINVAL'],
    // `_parse_integer_fixup_radix()`: "0x" without a digit is the octal number 0, and "x" is left.
    ['0x', 'EINVAL'],
    ['08', 'EINVAL'],
    ['1f', 'EINVAL'],
  ])('of %j returns %s', (text, expected) => {
    expect(resultOf(() => kstrtoull(text))).toBe(expected);
  });
});

describe('kstrtoll()', () => {
  test.each([
    ['9223372036854775807', (1n << 63n) - 1n],
    ['9223372036854775808', 'ERANGE'],
    ['-9223372036854775808', -(1n << 63n)],
    ['-9223372036854775809', 'ERANGE'],
    ['-0x10\n', -16n],
    ['-0', 0n],
    ['+-5', 'EINVAL'],
    ['-+5', 'EINVAL'],
    ['-', 'EINVAL'],
  ])('of %j returns %s', (text, expected) => {
    expect(resultOf(() => kstrtoll(text))).toBe(expected);
  });
});

describe('a narrower type', () => {
  test.each([
    [kstrtou16, '65535', 65535],
    [kstrtou16, '65536', 'ERANGE'],
    [kstrtouint, '0xffffffff', 0xffff_ffff],
    [kstrtouint, '0x100000000', 'ERANGE'],
    [kstrtouint, '-1', 'EINVAL'],
    [kstrtoint, '2147483647', 2147483647],
    [kstrtoint, '2147483648', 'ERANGE'],
    [kstrtoint, '-2147483648', -2147483648],
    [kstrtoint, '-2147483649', 'ERANGE'],
  ] as const)('%p of %j returns %s', (parse, text, expected) => {
    expect(resultOf(() => parse(text))).toBe(expected);
  });
});

describe('kstrtobool()', () => {
  test.each([
    ...['1', 'y', 'Y\n', 't', 'TRUE', 'e', 'Enabled', 'on', 'ON', '1x'].map((text) => [text, true] as const),
    ...['0', 'n', 'N\n', 'f', 'FALSE', 'd', 'Disabled', 'of', 'OFF', '0x1'].map(
      (text) => [text, false] as const,
    ),
    ...['', '\n', ' 1', '2', 'o', 'oh', 'maybe'].map((text) => [text, 'EINVAL'] as const),
  ])('of %j returns %s', (text, expected) => {
    expect(resultOf(() => kstrtobool(text))).toBe(expected);
  });
});
