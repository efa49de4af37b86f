/** Kinds of arguments: what a value must be, and how one is refused that is not. */
import type { Context } from '../context.js';
import { found } from './found.js';
import { suggestion } from './nearest.js';
import { placeOf, type Where, within, wrong } from './where.js';

/**
 * Looks at a value.
 * @param context the `/dev/iommu` of the object that the call is made on, if there is one
 * @throws TypeError | RangeError | IommufdError what is wrong with it
 */
export type Check = (value: unknown, context: Context | undefined) => void;

/** A kind of argument. */
export interface Kind<T> {
  /** In words, with an article. */
  readonly expected: string;
  /** May it be left out? */
  readonly isOptional?: boolean;
  /** The check of one argument. It is made once for each call that there is, and costs little when it passes. */
  at(where: Where): Check;
  /** Never there: the type alone. */
  readonly T?: T;
}

/** A kind that may be left out. */
export interface Optional<T> extends Kind<T> {
  readonly isOptional: true;
}

/** The same kind, but it may be left out. */
export const optional = <T>(kind: Kind<T>): Optional<T> => ({
  ...kind,
  isOptional: true,
  at: (where) => {
    const check = kind.at(where);
    return (value, context) => {
      if (value === undefined) return;
      if (value === null)
        throw wrong(where, { expected: kind.expected, value, advice: 'Leave it out instead.' });
      check(value, context);
    };
  },
});

/** Values of a JavaScript type for which `fits` is true. */
function primitive<T>(
  type: 'bigint' | 'boolean' | 'number' | 'string',
  expected: string,
  fits: (value: T) => boolean = () => true,
  advise: (value: unknown) => string | undefined = () => undefined,
): Kind<T> {
  return {
    expected,
    at: (where) => (value) => {
      const isOfType = typeof value === type;
      // Its type is what `type` says.
      if (isOfType && fits(value as T)) return;
      throw wrong(where, { expected, value, isOfType, advice: advise(value) });
    },
  };
}

/** How a whole number is written as a bigint. */
export const asBigint = (value: unknown): string | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? `Write ${found(BigInt(value))}.` : undefined;

/** How a bigint is written as a number. */
export const asNumber = (value: unknown): string | undefined =>
  typeof value === 'bigint' ? `Write ${value}.` : undefined;

const U64_MAX = (1n << 64n) - 1n;

/** An address, an IOVA or a length: 64 bits. */
export const u64: Kind<bigint> = primitive(
  'bigint',
  'a bigint from 0 to 2^64-1',
  (value) => value >= 0n && value <= U64_MAX,
  asBigint,
);

/** A whole number, both ends included. */
export const integer = (min: number, max: number): Kind<number> =>
  primitive(
    'number',
    `an integer from ${min} to ${max}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
    asNumber,
  );

/** 32 bits, as the structs of ioctls have them. */
export const u32: Kind<number> = integer(0, 0xffff_ffff);

/** Bytes of memory of this process. */
export const byteCount = (min: number): Kind<number> =>
  primitive(
    'number',
    min === 0 ? 'a number of bytes' : `a number of bytes of ${min} or more`,
    (value) => Number.isSafeInteger(value) && value >= min,
    asNumber,
  );

/** A time to wait. */
export const milliseconds: Kind<number> = primitive(
  'number',
  'milliseconds of 0 or more',
  (value) => value >= 0,
  asNumber,
);

export const flag: Kind<boolean> = primitive('boolean', 'true or false');

/** A string; `what` says of what, with an article. */
export const text = (what: string): Kind<string> => primitive('string', what);

/** One of some names. */
export const oneOf = <N extends string>(names: readonly N[]): Kind<N> => {
  const expected = names.length === 1 ? JSON.stringify(names[0]) : `one of ${names.join(', ')}`;
  return primitive(
    'string',
    expected,
    (value: N) => names.includes(value),
    // The message has the names: there is something to add only if one is near.
    (value) => {
      const near = typeof value === 'string' ? suggestion(value, names) : '';
      return near.startsWith('Did') ? near : undefined;
    },
  );
};

/** What `is` says that it is. */
export const thing = <T>(
  expected: string,
  is: (value: unknown) => value is T,
  advise: (value: unknown) => string | undefined = () => undefined,
): Kind<T> => ({
  expected,
  at: (where) => (value) => {
    if (!is(value)) throw wrong(where, { expected, value, advice: advise(value) });
  },
});

/** An array. */
export const arrayOf = <T>(expected: string, element: Kind<T>): Kind<readonly T[]> => ({
  expected,
  at: (where) => (value, context) => {
    if (!Array.isArray(value)) throw wrong(where, { expected, value });
    for (const [index, each] of value.entries()) element.at(within(where, index))(each, context);
  },
});

/** The kind of each field of `O`; those that may be left out there may be here. */
export type KindsOf<O> = {
  readonly [K in keyof O]-?: undefined extends O[K] ? Optional<Exclude<O[K], undefined>> : Kind<O[K]>;
};

/**
 * An object with certain fields: the options of a call, which are named without the argument, or an element of an
 * array. A plain object has no others. One that a class made may, but it has one of these.
 */
export function record<O extends object>(kinds: KindsOf<O>): Kind<O> {
  const fields: readonly (readonly [name: string, kind: Kind<unknown>])[] = Object.entries(kinds);
  const names = fields.map(([name]) => name);
  const required = fields.flatMap(([name, { isOptional = false }]) => (isOptional ? [] : [name]));
  const expected =
    required.length === 0 ? `an object with any of ${names.join(', ')}` : `an object with ${list(required)}`;
  return {
    expected,
    at: (where) => {
      // Options are known by their own names.
      const base = where.path.includes('[') ? where : { ...where, path: '' };
      const checks = fields.map(([name, kind]) => ({ name, check: kind.at(within(base, name)) }));
      return (value, context) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value))
          throw wrong(where, { expected, value });
        if (isPlain(value)) checkNames(value, names, base);
        else if (!names.some((name) => name in value)) throw wrong(where, { expected, value });
        for (const { name, check } of checks) check(Reflect.get(value, name), context);
      };
    },
  };
}

/** Is it written as `{ ... }`, or spread into one? */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** No name is misspelt. */
function checkNames(value: object, names: readonly string[], where: Where): void {
  for (const name in value) if (!names.includes(name)) throw unknownName(within(where, name), name, names);
}

/** There is no such option. */
export const unknownName = (
  where: Where,
  name: string,
  names: readonly string[],
  options?: ErrorOptions,
): Error => new TypeError(`${placeOf(where)}: there is no such option. ${suggestion(name, names)}`, options);

/** `a`, `a and b`, `a, b and c`. */
const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
