/** Strict decoding, with errors that say what to do. Records before an invalid one are still printed. */
import { type AnyType, decode, Struct, StructError, Variants } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';

/** Returns true if the type has a fixed size, so that records can follow each other. */
export function isRecord(type: AnyType): boolean {
  return !type.open && !(type instanceof Struct && type.sized !== undefined);
}

/** The bytes with the byte order of each word reversed. */
function turned(bytes: Uint8Array, size: number): Uint8Array {
  const result = bytes.slice();
  for (let at = 0; at + size <= bytes.length; at += size) result.subarray(at, at + size).reverse();
  return result;
}

/** The name of a record's form; undefined if the specification does not define it. */
function formOf(type: AnyType, bytes: Uint8Array): string | undefined {
  if (!(type instanceof Variants)) return type.name;
  const value: unknown = decode(type as AnyType, bytes, { lenient: true });
  const tag = typeof value === 'object' && value !== null ? Reflect.get(value, type.tagName) : undefined;
  return typeof tag === 'number' ? type.nameOf(tag) : undefined;
}

/** Returns true if the bytes decode strictly, as a form that the specification defines. */
function fits(type: AnyType, bytes: Uint8Array): boolean {
  try {
    decode(type, bytes);
    return formOf(type, bytes) !== undefined;
  } catch (error) {
    if (error instanceof StructError) return false;
    throw error;
  }
}

/** A hint if the bytes fit the type with the byte order of their words reversed; otherwise an empty text. */
function turnedHint(type: AnyType, bytes: Uint8Array): string {
  const isTelling = type instanceof Variants || (type instanceof Struct && type.sized !== undefined);
  if (!isTelling) return '';
  const size = ([8, 4] as const).find((bytesAWord) => {
    const round = turned(bytes, bytesAWord);
    return bytes.length % bytesAWord === 0 && fits(type, round) && sizeIsRight(type, round);
  });
  if (size === undefined) return '';
  const form = formOf(type, turned(bytes, size)) ?? type.name;
  return `; with the bytes of each word reversed it is ${form}: give --words ${size * 8}`;
}

function sizeIsRight(type: AnyType, bytes: Uint8Array): boolean {
  if (!(type instanceof Struct) || type.sized === undefined) return true;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === bytes.length;
}

/** Why a record cannot be decoded, and what to do. */
export interface Problem {
  /** Path of the field within the record; empty for the record itself. */
  readonly path: string;
  /** Offset in the record, in bytes. */
  readonly offset: number;
  readonly what: string;
}

/**
 * Decodes bytes strictly as one value of a type.
 * @returns why they do not decode; undefined if they do
 */
export function problemOf(type: AnyType, bytes: Uint8Array): Problem | undefined {
  try {
    decode(type, bytes);
  } catch (error) {
    if (!(error instanceof StructError)) throw error;
    const { path, offset, expected, found } = error;
    return { path, offset, what: `expected ${expected}, found ${found}${remedy(type, bytes)}` };
  }
  if (!(type instanceof Variants) || formOf(type, bytes) !== undefined) return undefined;
  const value: unknown = decode(type as AnyType, bytes);
  const tag = typeof value === 'object' && value !== null ? Number(Reflect.get(value, type.tagName)) : 0;
  const number = `0x${tag.toString(16).padStart(2, '0')}`;
  return { path: type.tagName, offset: 0, what: `the specification has no ${number}${remedy(type, bytes)}` };
}

function remedy(type: AnyType, bytes: Uint8Array): string {
  const hint = turnedHint(type, bytes);
  if (hint !== '') return hint;
  try {
    decode(type, bytes, { lenient: true });
    return '; --lenient shows it';
  } catch (error) {
    if (error instanceof StructError) return '';
    throw error;
  }
}

/** The problem as one line. @param at offset of the record in the input */
export function complaint(name: string, { path, offset, what }: Problem, at = 0): Failure {
  const where = path === '' ? name : path.startsWith('[') ? `${name}${path}` : `${name}.${path}`;
  return new Failure(`${where} at offset ${at + offset}: ${what}`);
}
