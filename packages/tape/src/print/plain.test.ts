/** Structs that hold nothing but numbers are printed without `annotate()`: as it would have them. */
import { expect, test } from '@jest/globals';
import { allStructs } from '@iommufd/uapi/registry';
import { annotate } from '@iommufd/uapi/struct';
import { shownFields } from './plain.js';

/** Bytes that differ from one place to the next, and from one seed to the next. */
const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed === 0 ? 0 : (i * 37 + seed * 11) & 0xff));

/** What is printed of fields: of those that are there, and of bytes that are no field. */
const printed = (fields: ReturnType<typeof shownFields>): unknown[] =>
  fields
    .filter(({ kind, problem }) => kind === 'field' || problem !== undefined)
    .map(({ kind, path, text, direction, problem }) => ({ kind, path, text, direction, problem }));

test.each([...allStructs.values()])('$name', (type) => {
  for (const seed of [0, 1, 2, 1, 0])
    for (const length of [type.byteLength, type.byteLength - 4, type.byteLength + 8]) {
      const bytes = bytesOf(Math.max(0, length), seed);
      expect(printed(shownFields(type, bytes))).toEqual(printed(annotate(type, bytes)));
    }
});
