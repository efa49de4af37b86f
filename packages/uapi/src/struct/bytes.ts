import { Mismatch, show } from './error.js';

/**
 * A `Uint8Array` with its own `ArrayBuffer`: `Uint8Array<ArrayBuffer>`. Compilers before TypeScript 5.7, which have no such
 * type, read this as `Uint8Array`.
 */
export type OwnBytes = ReturnType<Uint8Array['slice']>;

/** The two digits of each byte. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  // By index: an iterator takes three times as long.
  for (let i = 0; i < bytes.length; i++) hex += DIGITS[bytes[i] ?? 0];
  return hex;
}

/** The value of a hex digit. The low four bits of the code of a digit are its value, those of the code of `a` or `A` are 1. */
const valueOf = (code: number): number => (code & 15) + 9 * (code >> 6);

/**
 * Parses hex digits. White space, `:` and a leading `0x` are skipped.
 * @throws SyntaxError if a character is not a hex digit, or the number of digits is odd
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.trim().replace(/^0x/i, '').replace(/[\s:]/g, '');
  const bad = /[^0-9a-f]/i.exec(digits);
  if (bad) throw new SyntaxError(`not hex: ${JSON.stringify(bad[0])} at digit ${bad.index}`);
  if (digits.length % 2) throw new SyntaxError(`not hex: ${digits.length} digits, and a byte has two`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = 16 * valueOf(digits.charCodeAt(2 * i)) + valueOf(digits.charCodeAt(2 * i + 1));
  return bytes;
}

/** @throws Mismatch if `bytes` is not a `Uint8Array` */
export function checkBytes(bytes: Uint8Array): void {
  // The tag also accepts subclasses, and arrays of another realm.
  const isBytes = ArrayBuffer.isView(bytes) && bytes[Symbol.toStringTag] === 'Uint8Array';
  if (!isBytes) throw new Mismatch(0, 'a Uint8Array', show(bytes));
}

/** A `DataView` of exactly these bytes. @throws Mismatch if `bytes` is not a `Uint8Array` */
export function viewOf(bytes: Uint8Array): DataView {
  checkBytes(bytes);
  // A transferred (detached) buffer has length 0, and DataView refuses it.
  return bytes.length === 0 ? EMPTY : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const EMPTY = new DataView(new ArrayBuffer(0));

/** `length` bytes from `at`, in place. @throws RangeError if they are not within the view, whose buffer may be larger */
export function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  if (at < 0 || at + length > view.byteLength) throw new RangeError(`no bytes ${at} to ${at + length}`);
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** The index of the first byte from `from` to `to` that is not zero, or -1. */
export function firstNonZero(view: DataView, from: number, to: number): number {
  for (let at = from; at < to; at++) if (view.getUint8(at) !== 0) return at;
  return -1;
}
