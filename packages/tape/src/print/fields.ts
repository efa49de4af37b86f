/** Prints structs and results as text. Used for the calls of tapes and for those of running programs. */

import { errnoMeaning, errnoName, type Ioctl } from '@iommufd/uapi';
import { type AnyType, toHex } from '@iommufd/uapi/struct';
import { type ShownField, shownFields } from './plain.js';

/** The properties by which the fields to print are selected. */
export type Shown = Pick<ShownField, 'direction' | 'path' | 'text'>;

/** Remarks on values, by the path of the field: `nested on viommu 6` for an `hwpt_id`. */
export type Words = ReadonlyMap<string, string>;

const NONE: Words = new Map();

/** Prints fields as `name=value`; reserved fields only if they are not zero. */
export function fields(
  type: AnyType,
  bytes: Uint8Array,
  wanted: (field: Shown) => boolean = () => true,
  words: Words = NONE,
): string {
  return textOf(shownFields(type, bytes), wanted, words);
}

function textOf(shown: readonly ShownField[], wanted: (field: ShownField) => boolean, words: Words): string {
  let result = '';
  for (const field of shown) {
    if ((field.kind === 'field' || field.problem !== undefined) && wanted(field))
      result += `${result === '' ? '' : ', '}${fieldText(field, words)}`;
  }
  return result;
}

/** Bytes that are printed at most. */
const MOST_BYTES = 256;

/** Prints bytes in hex: at most the first 256, with the length. */
export const bytesText = (bytes: Uint8Array): string =>
  bytes.length <= MOST_BYTES
    ? toHex(bytes)
    : `${toHex(bytes.subarray(0, MOST_BYTES))}... of ${bytes.length} bytes`;

/** Prints a value; byte arrays in hex. */
const valueText = ({ type, bytes, text }: ShownField): string =>
  bytes !== undefined && type?.startsWith('__u8[') === true ? bytesText(bytes) : text;

function fieldText(field: ShownField, words: Words): string {
  const { kind, path, problem, bytes } = field;
  if (kind === 'missing') return `... ${problem ?? ''}`;
  if (bytes !== undefined && (kind === 'padding' || kind === 'rest')) return `${kind}=${toHex(bytes)}`;
  const text = valueText(field);
  const more = words.get(path);
  return more === undefined ? `${path}=${text}` : `${path}=${text} (${more})`;
}

/** Prints the fields that the caller sets: all except those that only the kernel writes. */
export const givenFields = (struct: AnyType, before: Uint8Array): string => fields(struct, before, isGiven);

/** Returns true if the caller sets the field. */
export const isGiven = ({ direction }: Shown): boolean => direction !== 'out';

/** Prints the fields that the kernel wrote: after success, its output fields; after success or failure, other fields that changed. */
export function returnedFields(struct: AnyType, before: Uint8Array, after: Uint8Array, ret: number): string {
  return callFields(struct, before, after, ret).returned;
}

/** Prints both, with remarks on the values that the caller sets. */
export function callFields(
  struct: AnyType,
  before: Uint8Array,
  after: Uint8Array,
  ret: number,
  words: Words = NONE,
): { readonly given: string; readonly returned: string } {
  const old = shownFields(struct, before);
  const isSame = before.length === after.length && before.every((byte, i) => byte === after[i]);
  const now = isSame ? old : shownFields(struct, after);
  const texts = isSame ? undefined : new Map(old.map((field) => [field.path, valueText(field)]));
  const isReturned = (field: ShownField): boolean =>
    (field.direction === 'out' && ret >= 0) ||
    (field.direction !== 'in' && texts !== undefined && texts.get(field.path) !== valueText(field));
  return {
    given: textOf(old, isGiven, words),
    returned: isSame && ret < 0 ? '' : textOf(now, isReturned, NONE),
  };
}

/** Prints the result of a call: `0`, `-1 EBUSY (...)`. @param ioctl the ioctl, which has the meanings of its errnos */
export function resultText(ret: number | bigint, ioctl?: Ioctl): string {
  const name = ret < 0 ? errnoName(Number(ret)) : undefined;
  if (name === undefined) return String(ret);
  const meaning = ioctl?.errors[name] ?? errnoMeaning(name);
  return `-1 ${name} (${meaning.replace(/\.$/, '')})`;
}
