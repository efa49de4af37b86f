/**
 * Parses structs from their printed fields. The declarations that print a field also define its offset. As a check, the parsed struct
 * is printed again and must give the same text.
 */

import { allConstants } from '@iommufd/uapi/registry';
import { annotate, type Annotation, type AnyType, fromHex, Struct } from '@iommufd/uapi/struct';
import { shownLength } from '../calls/pointers.js';
import { fields, type Shown } from '../print/fields.js';

/** The separator between two fields. */
const BETWEEN = /, (?=[\w.[\]:/]+=|\.\.\. )/;
const FIELD = /^([\w.[\]:/]+)=(.*)$/;
/** A remark on a value: ` (nested on viommu 6)` after `8`. */
const REMARK = / \([^()]*\)/g;

/** Removes the remarks on values. */
export const withoutRemarks = (text: string): string => text.replace(REMARK, '');

/** Parses a number: decimal, hexadecimal with `0x`, or names of constants with `|` between them; undefined for other text. */
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

/** Sets the fields of a struct from a text. @throws SyntaxError if the struct does not have a field, or a value is invalid */
export function setFields(type: AnyType, bytes: Uint8Array, text: string): void {
  let from = 0;
  for (const part of text === '' ? [] : text.split(BETWEEN)) {
    // The remark on bytes that are missing at the end of a short struct.
    if (part.startsWith('... ')) continue;
    const [, path = '', value = ''] = FIELD.exec(part) ?? [];
    const place = placeOf(type, bytes, path, from);
    if (place === undefined) throw new SyntaxError(`${type.name} has no field ${part}`);
    from = place.offset;
    bytes.set(bytesOf(place, withoutRemarks(value), `${type.name}.${path}`), place.offset);
  }
}

/** Finds a field. Called for each field again, because the value of one field can determine the type of a later one. */
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
  if (value === undefined) throw new SyntaxError(`${path}: ${text} is not a number`);
  for (let i = 0; i < length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

/** The length of a printed struct in bytes, by the size in its first field. */
function lengthOf(type: AnyType, text: string): number {
  const [, digits] = /^\w+=(\d+)/.exec(text) ?? [];
  if (!(type instanceof Struct) || type.sized === undefined || digits === undefined) return type.byteLength;
  return shownLength(type, Number(digits));
}

/** Parses a struct that is passed to an ioctl. @throws SyntaxError if the text is not the printed form of such a struct */
export function structOf(type: AnyType, text: string, wanted?: (field: Shown) => boolean): Uint8Array {
  return checkedBytes(type, lengthOf(type, text), text, wanted);
}

/** Parses a struct of which all fields are printed. @throws SyntaxError if the text is not its printed form */
export function checkedBytes(
  type: AnyType,
  length: number,
  text: string,
  wanted?: (field: Shown) => boolean,
): Uint8Array {
  const bytes = new Uint8Array(length);
  setFields(type, bytes, text);
  const printed = fields(type, bytes, wanted);
  if (withoutRemarks(printed) !== withoutRemarks(text))
    throw new SyntaxError(`${type.name}: {${text}} differs from its printed form, {${printed}}`);
  return bytes;
}
