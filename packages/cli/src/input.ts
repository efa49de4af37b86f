import { fromHex, type Json } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';
import type { Io } from './io.js';

const PRINTABLE = /^[\t\n\r\x20-\x7e]*$/;

function readText(io: Io, path: string): { bytes: Uint8Array; text: string } {
  try {
    const bytes = io.read(path);
    // Some editors begin a text with a byte order mark.
    const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    const text = Buffer.from(isMarked ? bytes.subarray(3) : bytes).toString('latin1');
    return { bytes, text };
  } catch (error) {
    throw new Failure(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Where the input is: given as an argument, in a file, or piped in. */
function source(
  io: Io,
  given: string | undefined,
  file: string | undefined,
): { text: string } | { path: string } {
  if (given !== undefined && file !== undefined) throw new Failure('give the input or --file, not both');
  if (given !== undefined && given !== '-') return { text: given };
  if (file !== undefined) return { path: file };
  if (given === '-' || io.piped) return { path: '-' };
  throw new Failure('give the input as an argument, with --file, or on standard input');
}

/** Bytes as hex digits, or from a file or pipe that holds hex digits or the bytes themselves. */
export function inputBytes(io: Io, given: string | undefined, file: string | undefined): Uint8Array {
  const from = source(io, given, file);
  const { text, bytes } = 'path' in from ? readText(io, from.path) : { ...from, bytes: undefined };
  // What has bytes that no text has is no text.
  if (bytes !== undefined && !PRINTABLE.test(text)) return bytes;
  try {
    return fromHex(text);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

/** JSON as an argument, from a file or a pipe. */
export function inputJson(io: Io, given: string | undefined, file: string | undefined): Json {
  const from = source(io, given, file);
  const text = 'path' in from ? new TextDecoder().decode(readText(io, from.path).bytes) : from.text;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Failure(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
