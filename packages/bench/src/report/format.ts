import type { Unit } from '../workload.js';

/** Nanoseconds of each unit. */
export const NANOSECONDS: Readonly<Record<Unit, number>> = { ns: 1, us: 1e3, ms: 1e6 };

/** The signs of the units: `ns`, `µs`, `ms`. */
export const SIGNS: Readonly<Record<Unit, string>> = { ns: 'ns', us: 'µs', ms: 'ms' };

/** A number with three significant digits and thousands separators. */
export function digits(value: number): string {
  const fraction = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

/** A time in a unit, without its sign. */
export function time(nanoseconds: number, unit: Unit): string {
  return digits(nanoseconds / NANOSECONDS[unit]);
}

/** Operations per second, with thousands separators. @param nanoseconds per operation */
export function aSecond(nanoseconds: number): string {
  return Math.round(1e9 / nanoseconds).toLocaleString('en-US');
}

/** `per record`: the first part of an operation's name. */
export function per(operation: string): string {
  const [name = ''] = operation.split(',');
  return `per ${name}`;
}

/** The plural of an operation: `ioctls`, `accesses`. */
export const plural = (operation: string): string => `${operation}${operation.endsWith('s') ? 'es' : 's'}`;
