import type { Unit } from '../workload.js';

/** Nanoseconds of each unit. */
export const NANOSECONDS: Readonly<Record<Unit, number>> = { ns: 1, us: 1e3, ms: 1e6 };

/** What people read: `ns`, `µs`, `ms`. */
export const SIGNS: Readonly<Record<Unit, string>> = { ns: 'ns', us: 'µs', ms: 'ms' };

/** A number with three digits that say something, and thousands marked. */
export function digits(value: number): string {
  const fraction = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

/** A time in a unit, without its sign. */
export function time(nanoseconds: number, unit: Unit): string {
  return digits(nanoseconds / NANOSECONDS[unit]);
}

/** How many a second there are of what takes so long, with thousands marked. */
export function aSecond(nanoseconds: number): string {
  return Math.round(1e9 / nanoseconds).toLocaleString('en-US');
}

/** `a record`, `an ioctl`: the first part of what an operation is. */
export function one(operation: string): string {
  const [name = ''] = operation.split(',');
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
