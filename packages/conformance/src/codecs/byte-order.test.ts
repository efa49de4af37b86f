import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allRecords, allStructs } from '@iommufd/uapi/registry';
import { annotate, decode, encode, toHex, view } from '@iommufd/uapi/struct';

/**
 * The byte order can go wrong in two ways: by a DataView access without an explicit order, which is big-endian on every
 * host, and by typed arrays of wide elements, which use the host's order. Both throw here.
 */
const WIDE = /^[gs]et(Big)?(Uint|Int|Float)(16|32|64)$/;
const ARRAYS = [
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'BigUint64Array',
  'BigInt64Array',
] as const;
type Access = (at: number, ...rest: unknown[]) => unknown;

const prototype = DataView.prototype as unknown as Record<string, Access>;
const originals = new Map<string, Access>();
const arrays = ARRAYS.map((name) => [name, globalThis[name]] as const);
let accesses = 0;

beforeAll(() => {
  for (const name of Object.getOwnPropertyNames(DataView.prototype).filter((name) => WIDE.test(name))) {
    const original = prototype[name];
    if (original === undefined) continue;
    originals.set(name, original);
    prototype[name] = function (this: unknown, at: number, ...rest: unknown[]) {
      if (rest.at(-1) !== true) throw new Error(`${name} without an order`);
      accesses++;
      return original.call(this, at, ...rest);
    };
  }
  for (const [name] of arrays) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        throw new Error(`${name} has the host's order`);
      },
    });
  }
});

afterAll(() => {
  for (const [name, original] of originals) prototype[name] = original;
  for (const [name, value] of arrays) {
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  }
});

test('every access of more than one byte is explicitly little-endian', () => {
  for (const type of [...allStructs.values(), ...allRecords.values()]) {
    const bytes = new Uint8Array(type.byteLength + type.lengthRead(type.byteLength + 16) - type.byteLength);
    const value = decode(type, bytes, { lenient: true });
    if (value !== undefined)
      expect(toHex(encode(type, decode(type, encode(type, value as never)) as never))).toBe(toHex(bytes));
    annotate(type, bytes);
    const place = view(type, bytes) as Record<string, unknown>;
    for (const name of Object.keys(Object.getPrototypeOf(place) as object)) void place[name];
  }
  expect(accesses).toBeGreaterThan(2000);
});
