/**
 * Numbers and booleans that a program writes as text to a file of sysfs, debugfs or procfs: Linux's `lib/kstrtox.c`, with base 0.
 * Each function is named after Linux's. A NUL ends the text, and one newline may follow the number.
 */
import { fail } from '../errno.js';

const U64_MAX = (1n << 64n) - 1n;

/** The part of the text that a C string contains. */
const cString = (text: string): string => text.split('\0', 1)[0] ?? '';

/** `_kstrtoull()`: decimal; octal after `0`; hexadecimal after `0x`. A number that is too large is refused before the text after it. */
function digitsOf(text: string): bigint {
  const [digits = '', hex, octal, decimal] = /^(?:0x([\da-f]+)|(0[0-7]*)|([1-9]\d*))/i.exec(text) ?? [];
  let value: bigint;
  if (hex !== undefined) value = BigInt(`0x${hex}`);
  else if (octal !== undefined) value = BigInt(`0o${octal}`);
  else if (decimal !== undefined) value = BigInt(decimal);
  else throw fail('EINVAL');
  if (value > U64_MAX) throw fail('ERANGE');
  if (!/^\n?$/.test(text.slice(digits.length))) throw fail('EINVAL');
  return value;
}

/** An unsigned number of 64 bits. A plus sign may precede it. @throws EINVAL | ERANGE */
export const kstrtoull = (text: string): bigint => digitsOf(cString(text).replace(/^\+/, ''));

/** A signed number of 64 bits. @throws EINVAL | ERANGE */
export function kstrtoll(text: string): bigint {
  const value = text.startsWith('-') ? -digitsOf(cString(text).slice(1)) : kstrtoull(text);
  return within(value, BigInt.asIntN(64, value));
}

/** An unsigned number of 16 bits. @throws EINVAL | ERANGE */
export const kstrtou16 = (text: string): number => unsigned(16, text);

/** An unsigned number of 32 bits. @throws EINVAL | ERANGE */
export const kstrtouint = (text: string): number => unsigned(32, text);

/** A signed number of 32 bits. @throws EINVAL | ERANGE */
export function kstrtoint(text: string): number {
  const value = kstrtoll(text);
  return Number(within(value, BigInt.asIntN(32, value)));
}

function unsigned(bits: number, text: string): number {
  const value = kstrtoull(text);
  return Number(within(value, BigInt.asUintN(bits, value)));
}

/** @param truncated the value in the bits of its type @throws ERANGE if they differ */
function within(value: bigint, truncated: bigint): bigint {
  if (value !== truncated) throw fail('ERANGE');
  return value;
}

/**
 * A boolean: only the first character decides, or the first two for `on` and `off`. `e` and `d` (enabled, disabled) came after Linux 6.12,
 * and are accepted for all versions. @returns undefined for any other text
 */
export function booleanOf(text: string): boolean | undefined {
  if (/^(?:[eyt1]|on)/i.test(text)) return true;
  return /^(?:[dnf0]|of)/i.test(text) ? false : undefined;
}

/** The same with an errno. @throws EINVAL */
export function kstrtobool(text: string): boolean {
  const value = booleanOf(text);
  if (value === undefined) throw fail('EINVAL');
  return value;
}
