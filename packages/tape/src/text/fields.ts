/**
 * Structs from their printed form. The declarations that print a field say where it is: so what is printed of the result must be the
 * text again.
 */

import { allConstants } from '@iommufd/uapi/registry';
import { annotate, type Annotation, type AnyType, fromHex, Struct } from '@iommufd/uapi/struct';
import { shownLength } from '../calls/pointers.js';
import { fields, type Shown } from '../print/fields.js';

/** Where one field ends, and the next begins. */
const BETWEEN = /, (?=[\w.[\]:/]+=|\.\.\. )/;
const FIELD = /^([\w.[\]:/]+)=(.*)$/;
/** What is known of a value besides: `8 (nested on viommu 6)`. */
const WORDS = / \([^()]*\)/g;

/** A text without what is known of its values besides. */
export const withoutWords = (text: string): string => text.replace(WORDS, '');

/** The number that a text stands for: of digits, of hex digits, of names; undefined for anything else. */
export function numberOf(text: string): bigint | undefined {
  if (text === 'NULL') return 0n;
  let value = 0n;
  for (const part of text.split('|')) {
    const number = /^(?:-?\d+|0x[0-9a-f]+)$/.test(part) ? part : allConstants.get(part);
    if (number === undefined) return undefined;
    value |= BigInt(number);
  }
  return value;
}

/** Sets the fields of a struct that a text names. @throws SyntaxError for a field that it does not have, or a value that is none */
export function setFields(type: AnyType, bytes: Uint8Array, text: string): void {
  let from = 0;
  for (const part of text === '' ? [] : text.split(BETWEEN)) {
    // The bytes that are missing at the end of a short struct.
    if (part.startsWith('... ')) continue;
    const [, path = '', value = ''] = FIELD.exec(part) ?? [];
    const place = placeOf(type, bytes, path, from);
    if (place === undefined) throw new SyntaxError(`${type.name} has no field ${part}`);
    from = place.offset;
    bytes.set(bytesOf(place, withoutWords(value), `${type.name}.${path}`), place.offset);
  }
}

/** A field before it may say what a later one is: it is asked for again each time. */
function placeOf(type: AnyType, bytes: Uint8Array, path: string, from: number): Annotation | undefined {
  return annotate(type, bytes).find(
    (each) =>
      (each.path === path && each.kind !== 'missing') ||
      (each.kind === path && each.offset >= from && (path === 'padding' || path === 'rest')),
  );
}

function bytesOf({ bytes: { length }, kind, type }: Annotation, text: string, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  if (kind === 'padding' || kind === 'rest' || type.startsWith('__u8[')) {
    const given = fromHex(text);
    if (given.length !== length) throw new SyntaxError(`${path}: ${length} bytes expected, found ${text}`);
    return given;
  }
  const value = numberOf(text);
  if (value === undefined) throw new SyntaxError(`${path}: ${text} is no number`);
  for (let i = 0; i < length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

/** How many bytes there are of a struct, as its first field says that the caller knows. */
function lengthOf(type: AnyType, text: string): number {
  const [, digits] = /^\w+=(\d+)/.exec(text) ?? [];
  if (!(type instanceof Struct) || type.sized === undefined || digits === undefined) return type.byteLength;
  return shownLength(type, Number(digits));
}

/** A struct that is passed to an ioctl. @throws SyntaxError for a text that is not what is printed of one */
export function structOf(type: AnyType, text: string, wanted?: (field: Shown) => boolean): Uint8Array {
  return checkedBytes(type, lengthOf(type, text), text, wanted);
}

/** Bytes of which all fields are printed. @throws SyntaxError */
export function checkedBytes(
  type: AnyType,
  length: number,
  text: string,
  wanted?: (field: Shown) => boolean,
): Uint8Array {
  const bytes = new Uint8Array(length);
  setFields(type, bytes, text);
  const printed = fields(type, bytes, wanted);
  if (withoutWords(printed) !== withoutWords(text))
    throw new SyntaxError(`${type.name}: {${text}} is not how it is printed: {${printed}}`);
  return bytes;
}
