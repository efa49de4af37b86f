/**
 * Tests of layouts against tables that are written a second time. A table has the name and bits of each field and, for
 * an address, after `@` the bit of the address that the lowest bit of the field is: `'T1 126, FI 63:12 @12'`. The
 * expected record is composed from it as one large number.
 */
import { expect, test } from '@jest/globals';
import type { BitFields, BitStruct } from './bits.js';
import { fromHex, toHex } from './bytes.js';
import { decode, encode } from './codec.js';
import type { Type } from './type.js';

interface Place {
  readonly name: string;
  readonly hi: number;
  readonly lo: number;
  /** For an address: the number of bits by which the stored value is shifted left. */
  readonly shift: number | undefined;
}

function places(text: string): Place[] {
  if (text === '') return [];
  return text.split(',').map((entry) => {
    const match = /^\s*(\w+) (\d+)(?::(\d+))?(?: @(\d+))?$/.exec(entry);
    if (match === null) throw new SyntaxError(entry);
    const [, name = '', hi = '', lo = hi, shift] = match;
    return { name, hi: Number(hi), lo: Number(lo), shift: shift === undefined ? undefined : Number(shift) };
  });
}

const width = ({ hi, lo }: Place): bigint => BigInt(hi - lo + 1);
const ones = (place: Place): bigint => (1n << width(place)) - 1n;

/** The value of the field if its bits are `stored`. */
function value(place: Place, stored: bigint): number | bigint {
  if (place.shift !== undefined) return stored << BigInt(place.shift);
  return width(place) > 32n ? stored : Number(stored);
}

/** The record as hex bytes, in memory order. */
function hexOf(byteLength: number, tag: bigint, all: readonly Place[], stored: readonly bigint[]): string {
  const sum = all.reduce((sum, { lo }, i) => sum + ((stored[i] ?? 0n) << BigInt(lo)), tag);
  const digits = sum.toString(16).padStart(byteLength * 2, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}

/** Contents of the fields: each one all ones and the others zero, all ones, and all different. */
function contents(all: readonly Place[]): bigint[][] {
  const alone = all.map((_, i) => all.map((place, j) => (i === j ? ones(place) : 0n)));
  const different = all.map((place, i) => ((BigInt(i + 1) * 0x9e37_79b9_7f4a_7c15n) >> 5n) & ones(place));
  return [...alone, all.map(ones), different, all.map(() => 0n)];
}

/**
 * Reads and writes records of `type` that have these fields.
 * @param tag for a form of variants: the field that selects it, and its lowest bit, 0 by default
 */
export function check<T, V>(
  type: Type<T, Readonly<T>, V>,
  text: string,
  tag?: { readonly name: string; readonly value: number; readonly lo?: number },
): void {
  const all = places(text);
  const tagBits = tag === undefined ? 0n : BigInt(tag.value) << BigInt(tag.lo ?? 0);
  for (const stored of contents(all)) {
    const hex = hexOf(type.byteLength, tagBits, all, stored);
    const expected = Object.fromEntries(all.map((place, i) => [place.name, value(place, stored[i] ?? 0n)]));
    const decoded = decode(type, fromHex(hex));
    expect(decoded).toEqual(tag === undefined ? expected : { [tag.name]: tag.value, ...expected });
    expect(toHex(encode(type, decoded))).toBe(hex);
  }
}

/** A test of a record with bits. */
export function layout<B extends BitFields>(
  name: string,
  struct: BitStruct<B>,
  byteLength: number,
  text: string,
): void {
  test(name, () => {
    expect([struct.name, struct.byteLength]).toEqual([name, byteLength]);
    check(struct, text);
  });
}

/** The forms of a record with variants: the number and the table of each. */
export type Forms = Readonly<Record<string, readonly [number: number, table: string]>>;

/** Tests of a record with variants: it has these forms and no other. @param tag the bits of the number */
export function forms<T, V>(
  type: Type<T, Readonly<T>, V> & {
    readonly structs: ReadonlyMap<string, unknown>;
    nameOf(tag: number): string | undefined;
  },
  byteLength: number,
  tag: { readonly name: string; readonly lo: number },
  table: Forms,
): void {
  test('all are in the table', () => {
    expect(type.byteLength).toBe(byteLength);
    expect([...type.structs.keys()].sort()).toEqual(Object.keys(table).sort());
  });
  test.each(Object.entries(table))('%s', (name, [number, text]) => {
    expect(type.nameOf(number)).toBe(name);
    check(type, text, { ...tag, value: number });
  });
}
