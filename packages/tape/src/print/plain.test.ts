/** `shownFields()` prints structs of integers without `annotate()`. Its output must equal that of `annotate()`. */
import { expect, test } from '@jest/globals';
import { allStructs } from '@iommufd/uapi/registry';
import { annotate } from '@iommufd/uapi/struct';
import { shownFields } from './plain.js';

/** Bytes that differ from offset to offset and from seed to seed; all zero for seed 0. */
const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed === 0 ? 0 : (i * 37 + seed * 11) & 0xff));

/** The printed properties of fields, and of bytes with a problem. */
const printed = (fields: ReturnType<typeof shownFields>): unknown[] =>
  fields
    .filter(({ kind, problem }) => kind === 'field' || problem !== undefined)
    .map(({ kind, path, text, direction, problem }) => ({ kind, path, text, direction, problem }));

test.each([...allStructs.values()])('shownFields() prints $name as annotate() does', (type) => {
  for (const seed of [0, 1, 2, 1, 0])
    for (const length of [type.byteLength, type.byteLength - 4, type.byteLength + 8]) {
      const bytes = bytesOf(Math.max(0, length), seed);
      expect(printed(shownFields(type, bytes))).toEqual(printed(annotate(type, bytes)));
    }
});
