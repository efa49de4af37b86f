/**
 * Kinds of arguments: numbers in a range, flags, names, arrays and option objects. A kind has a description of the expected value, and
 * creates a check that throws a TypeError or RangeError with the call, the argument, and the value found. `objects.ts` adds
 * kinds for the SDK's own objects.
 */
import type { Context } from '../context.js';
import { found } from './found.js';
import { suggestion } from './nearest.js';
import { labelOf, type Where, within, wrong } from './where.js';

/**
 * Checks a value.
 * @param context the `/dev/iommu` of the object that the call is made on; undefined for a call without an object
 * @throws TypeError | RangeError | IommufdError if the value is invalid
 */
export type Check = (value: unknown, context: Context | undefined) => void;

/** A kind of argument. */
export interface Kind<T> {
  /** A description of the expected value, with an article. */
  readonly expected: string;
  /** True if the argument may be omitted. */
  readonly isOptional?: boolean;
  /** Creates the check of one argument. Called once for each declared parameter; the check is cheap if it passes. */
  at(where: Where): Check;
  /** Type only; never set. */
  readonly T?: T;
}

/** A kind of optional argument. */
export interface Optional<T> extends Kind<T> {
  readonly isOptional: true;
}

/** Makes a kind optional. */
export const optional = <T>(kind: Kind<T>): Optional<T> => ({
  ...kind,
  isOptional: true,
  at: (where) => {
    const check = kind.at(where);
    return (value, context) => {
      if (value === undefined) return;
      if (value === null) throw wrong(where, { expected: kind.expected, value, advice: 'Omit it instead.' });
      check(value, context);
    };
  },
});

/** Values of a primitive type that satisfy `fits`. */
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
      // `isOfType` guarantees T.
      if (isOfType && fits(value as T)) return;
      throw wrong(where, { expected, value, isOfType, advice: advise(value) });
    },
  };
}

/** Advice for an integer where a bigint is expected. */
export const asBigint = (value: unknown): string | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? `Write ${found(BigInt(value))}.` : undefined;

/** Advice for a bigint where a number is expected. */
export const asNumber = (value: unknown): string | undefined =>
  typeof value === 'bigint' ? `Write ${value}.` : undefined;

const U64_MAX = (1n << 64n) - 1n;

/** An address, an IOVA or a length of 64 bits. */
export const u64: Kind<bigint> = primitive(
  'bigint',
  'a bigint from 0 to 2^64-1',
  (value) => value >= 0n && value <= U64_MAX,
  asBigint,
);

/** An integer in an inclusive range. */
export const integer = (min: number, max: number): Kind<number> =>
  primitive(
    'number',
    `an integer from ${min} to ${max}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
    asNumber,
  );

/** An unsigned 32-bit integer. */
export const u32: Kind<number> = integer(0, 0xffff_ffff);

/** A number of bytes in this process. */
export const byteCount = (min: number): Kind<number> =>
  primitive(
    'number',
    min === 0 ? 'a number of bytes' : `a number of bytes of ${min} or more`,
    (value) => Number.isSafeInteger(value) && value >= min,
    asNumber,
  );

/** A timeout. */
export const milliseconds: Kind<number> = primitive(
  'number',
  'milliseconds of 0 or more',
  (value) => value >= 0,
  asNumber,
);

export const flag: Kind<boolean> = primitive('boolean', 'true or false');

/** A string. @param what a description of the string, with an article */
export const text = (what: string): Kind<string> => primitive('string', what);

/** One of some names. */
export const oneOf = <N extends string>(names: readonly N[]): Kind<N> => {
  const expected = names.length === 1 ? JSON.stringify(names[0]) : `one of ${names.join(', ')}`;
  return primitive(
    'string',
    expected,
    (value: N) => names.includes(value),
    // The message already lists the names, so only a similar name is added.
    (value) => {
      const near = typeof value === 'string' ? suggestion(value, names) : '';
      return near.startsWith('Did') ? near : undefined;
    },
  );
};

/** One of some numbers. */
export const oneOfNumbers = <N extends number>(numbers: readonly N[]): Kind<N> =>
  primitive('number', `one of ${numbers.join(', ')}`, (value: N) => numbers.includes(value), asNumber);

/** Values that satisfy a type guard. */
export const guarded = <T>(
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

/** The kind of each field of `O`; optional fields have optional kinds. */
export type KindsOf<O> = {
  readonly [K in keyof O]-?: undefined extends O[K] ? Optional<Exclude<O[K], undefined>> : Kind<O[K]>;
};

/**
 * An object with certain fields: the options of a call, or an element of an array. Errors name an option without its
 * argument. A plain object must have no other fields; an instance of a class may, but must have one of these.
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
      // Options are named without their argument.
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

/** True if it is a plain object. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Checks for unknown names. */
function checkNames(value: object, names: readonly string[], where: Where): void {
  for (const name in value) if (!names.includes(name)) throw unknownName(within(where, name), name, names);
}

/** The error for an unknown option. */
export const unknownName = (
  where: Where,
  name: string,
  names: readonly string[],
  options?: ErrorOptions,
): Error => new TypeError(`${labelOf(where)}: there is no such option. ${suggestion(name, names)}`, options);

/** `a`, `a and b`, `a, b and c`. */
const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
