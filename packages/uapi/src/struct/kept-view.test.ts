import { expect, jest, test } from '@jest/globals';
import { iommu_ioas_alloc } from '../iommufd/ioas.js';
import { decode, encodeInto } from './index.js';
import { KeptView } from './kept-view.js';

/** Provided by Node and browsers. The package itself does not use it. */
declare function structuredClone(value: unknown, options: { transfer: unknown[] }): unknown;

/** More uses than it takes until a buffer is cached. */
const OFTEN = 200;

const valueOf = (out_ioas_id: number) => ({ size: 12, flags: 0, out_ioas_id });

/** Uses the bytes until a view of them is cached. */
function use(bytes: Uint8Array): void {
  for (let i = 0; i < OFTEN; i++) encodeInto(iommu_ioas_alloc, valueOf(i), bytes);
  for (let i = 0; i < OFTEN; i++) decode(iommu_ioas_alloc, bytes.subarray(0, 12));
  for (let i = 0; i < OFTEN; i++) if (bytes.length === 12) decode(iommu_ioas_alloc, bytes);
}

test('a buffer that is used repeatedly has one view, and so has the next such buffer', () => {
  const kept = new KeptView();
  const [first, second] = [new Uint8Array(16), new Uint8Array(new ArrayBuffer(32), 8, 16)];
  const viewsOf = (bytes: Uint8Array) => new Set(Array.from({ length: OFTEN }, () => kept.of(bytes)));
  const [none, view, ...others] = viewsOf(first);
  expect([none, view?.byteLength, others]).toEqual([undefined, 16, []]);
  expect(view?.buffer).toBe(first.buffer);
  const [stillNone, own] = viewsOf(second);
  expect([stillNone, own?.byteOffset, own?.buffer]).toEqual([undefined, 8, second.buffer]);
});

test('a buffer beyond 64 KiB, or a part of one, is not cached', () => {
  const kept = new KeptView();
  const part = new Uint8Array(new ArrayBuffer(65_537), 0, 16);
  for (let i = 0; i < OFTEN; i++) expect(kept.of(part)).toBeUndefined();
});

test('values are those of the current buffer, however often another one was used', () => {
  const [often, once] = [new Uint8Array(12), new Uint8Array(12)];
  use(often);
  expect(encodeInto(iommu_ioas_alloc, valueOf(7), once)).toBe(12);
  expect(encodeInto(iommu_ioas_alloc, valueOf(8), often)).toBe(12);
  expect([once, often].map((bytes) => decode(iommu_ioas_alloc, bytes).out_ioas_id)).toEqual([7, 8]);
});

/** Replaces a global class by one that counts its instances. */
function countMade(name: 'DataView' | 'Uint8Array'): { readonly made: () => number; restore(): void } {
  const original: object = globalThis[name];
  let made = 0;
  const construct: ProxyHandler<object>['construct'] = (target, args) => {
    made++;
    return Reflect.construct(target as new () => object, args) as object;
  };
  const place = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { ...place, value: new Proxy(original, { construct }) });
  return { made: () => made, restore: () => Object.defineProperty(globalThis, name, place ?? {}) };
}

test('encoding into one buffer repeatedly creates no view, no copy and no subarray', () => {
  const bytes = new Uint8Array(12);
  use(bytes);
  const arrays: Pick<Uint8Array, 'subarray' | 'slice'> = Object.getPrototypeOf(Uint8Array.prototype);
  const spies = [jest.spyOn(arrays, 'subarray'), jest.spyOn(arrays, 'slice')];
  const classes = (['DataView', 'Uint8Array'] as const).map(countMade);
  try {
    for (let i = 0; i < OFTEN; i++) encodeInto(iommu_ioas_alloc, valueOf(i), bytes);
    for (let i = 0; i < OFTEN; i++) decode(iommu_ioas_alloc, bytes);
    expect(classes.map(({ made }) => made())).toEqual([0, 0]);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    // The counters work.
    const view = new DataView(new Uint8Array(1).buffer);
    expect([view.byteLength, ...classes.map(({ made }) => made())]).toEqual([1, 1, 1]);
  } finally {
    for (const each of classes) each.restore();
    jest.restoreAllMocks();
  }
});

test('an object that only inherits from Uint8Array.prototype is not a buffer', () => {
  const bytes = Object.create(Uint8Array.prototype) as Uint8Array;
  expect(() => encodeInto(iommu_ioas_alloc, valueOf(1), bytes)).toThrow('expected a Uint8Array');
  expect(() => decode(iommu_ioas_alloc, bytes)).toThrow('expected a Uint8Array');
});

// Provided by Node and browsers. The codecs are compiled without the types of a host.
declare function structuredClone(value: unknown, options: { transfer: unknown[] }): unknown;

test('a transferred buffer has no bytes', () => {
  const bytes = new Uint8Array(12);
  use(bytes);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  const empty = 'iommu_ioas_alloc at offset 0: expected room for 12 bytes, found 0';
  expect(() => encodeInto(iommu_ioas_alloc, valueOf(1), bytes)).toThrow(empty);
  expect(() => decode(iommu_ioas_alloc, bytes)).toThrow('iommu_ioas_alloc.size at offset 0');
});

test('nothing is written outside of the given part of a buffer, and nothing for an invalid value', () => {
  const memory = new Uint8Array(32).fill(0xee);
  const part = memory.subarray(8, 20);
  use(part);
  expect(() => encodeInto(iommu_ioas_alloc, valueOf(-1), part)).toThrow('iommu_ioas_alloc.out_ioas_id');
  expect(() => encodeInto(iommu_ioas_alloc, valueOf(1), part, 1)).toThrow('room for 12 bytes, found 11');
  expect(decode(iommu_ioas_alloc, part).out_ioas_id).toBe(OFTEN - 1);
  expect([...memory.subarray(0, 8), ...memory.subarray(20)]).toEqual(new Array(20).fill(0xee));
});
