import type { Json } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';
import { textBytes, type WordSize } from './hex/hex.js';
import type { Io } from './io.js';

/** Input of a command: a text, or bytes that are not text. */
export interface Input {
  /** The text; undefined if the input is not text. */
  readonly text: string | undefined;
  /** The bytes that were read; undefined if the input is an argument of the command. */
  readonly bytes: Uint8Array | undefined;
}

/** Matches a text without control characters other than white space and escape. */
const TEXT = /^[^\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]*$/;

/** Decodes text; undefined if the bytes are not text. Some editors begin a file with a byte order mark. */
function decodeText(bytes: Uint8Array): string | undefined {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    const text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
    return TEXT.test(text) ? text : undefined;
  } catch {
    // Not text in that encoding: the input is bytes.
    return undefined;
  }
}

/** Reads the input: an argument, a file, or standard input. @throws Failure if it is missing or cannot be read */
export function readInput(io: Io, given: string | undefined, file: string | undefined): Input {
  if (given !== undefined && file !== undefined) throw new Failure('give the input or --file, not both');
  if (given !== undefined && given !== '-') return { text: given, bytes: undefined };
  if (file === undefined && given !== '-' && !io.piped)
    throw new Failure('give the input as an argument, with --file, or on standard input');
  const path = file ?? '-';
  try {
    const bytes = io.read(path);
    return { bytes, text: decodeText(bytes) };
  } catch (error) {
    const what = path === '-' ? 'standard input' : path;
    throw new Failure(`cannot read ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The bytes of an input: those that a text describes, in any form of {@link textBytes}, or the bytes that were read.
 * @param words width of words in a text
 * @throws Failure if the text has no such form
 */
export function inputBytes({ text, bytes }: Input, words: WordSize | undefined): Uint8Array {
  if (text !== undefined) return textBytes(text, words);
  if (words !== undefined)
    throw new Failure('--words is about digits, and the input is bytes: leave --words out');
  return bytes ?? new Uint8Array(0);
}

/** Parses JSON. @throws Failure if the input is not JSON */
export function inputJson({ text }: Input): Json {
  if (text === undefined) throw new Failure('not JSON: the input is no text');
  if (text.trim() === '') throw new Failure('not JSON: the input is empty');
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Failure(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
