/** Structs and results in words, for all that print calls: tapes, and programs that run. */

import { errnoMeaning, errnoName, type Ioctl } from '@iommufd/uapi';
import { type AnyType, toHex } from '@iommufd/uapi/struct';
import { type ShownField, shownFields } from './plain.js';

/** What a field is chosen by. */
export type Shown = Pick<ShownField, 'direction' | 'path' | 'text'>;

/** What is known of the values of fields, by their paths: `hwpt_id` of 8 is `nested on viommu 6`. */
export type Words = ReadonlyMap<string, string>;

const NONE: Words = new Map();

/** Fields as `name=value`; reserved ones only where they are not zero. */
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

/** Bytes that are spelled out. */
const MOST_BYTES = 256;

/** Bytes in hex: the first of many. */
export const bytesText = (bytes: Uint8Array): string =>
  bytes.length <= MOST_BYTES
    ? toHex(bytes)
    : `${toHex(bytes.subarray(0, MOST_BYTES))}... of ${bytes.length} bytes`;

/** A value in words; bytes without an inner form as they are. */
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

/** The fields that a caller gives: all but those that the kernel alone writes. */
export const givenFields = (struct: AnyType, before: Uint8Array): string => fields(struct, before, isGiven);

/** Is a field given by the caller? */
export const isGiven = ({ direction }: Shown): boolean => direction !== 'out';

/** The fields that the kernel wrote: all that are its to write after success, what changed after failure. */
export function returnedFields(struct: AnyType, before: Uint8Array, after: Uint8Array, ret: number): string {
  return callFields(struct, before, after, ret).returned;
}

/** Both, with what is known of the values that are given. */
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

/** What a call returned: `0`, `-1 EBUSY (...)`. @param ioctl knows what an errno means for it */
export function resultText(ret: number | bigint, ioctl?: Ioctl): string {
  const name = ret < 0 ? errnoName(Number(ret)) : undefined;
  if (name === undefined) return String(ret);
  const meaning = ioctl?.errors[name] ?? errnoMeaning(name);
  return `-1 ${name} (${meaning.replace(/\.$/, '')})`;
}
