/**
 * Parses a list of hexadecimal numbers into bytes. Two digits are a byte, in the order of memory. Eight or sixteen digits after `0x`
 * are a word, as drivers print it: its bytes are reversed in memory.
 */
import { Failure } from '../failure.js';

/** Width of words, in bits: the value of `--words`. */
export type WordSize = 32 | 64;

/** A number of the text. */
interface Token {
  readonly digits: string;
  /** True if it begins with `0x`. */
  readonly marked: boolean;
}

const MARKED = /^0x/i;
/** Separators of numbers in dumps and in the initializers of C, Rust and JavaScript. */
const BETWEEN = /[\s,;:|{}[\]()<>'"`]+|(?<=[0-9a-f])-(?=[0-9a-f])/i;
/** Suffixes of numbers in C, Rust and JavaScript. */
const SUFFIX = /(?:u?ll?u?|u|n|_?u(?:8|16|32|64))$/i;

function tokensOf(text: string): Token[] {
  if (/^\s*\*\s*$/m.test(text)) {
    throw new Failure('lines are left out where the dump has "*": use od -v, or leave its addresses in');
  }
  return text
    .split(BETWEEN)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const marked = MARKED.test(piece);
      const digits = marked ? piece.slice(2).replace(SUFFIX, '').replaceAll('_', '') : piece;
      const bad = /[^0-9a-f]/i.exec(digits);
      if (bad !== null) throw notHex(text, piece, bad[0]);
      if (digits === '') throw notHex(text, piece, piece);
      return { digits, marked };
    });
}

function notHex(text: string, piece: string, bad: string): Failure {
  const at = text.indexOf(piece) + piece.indexOf(bad);
  const shown = piece.length > 24 ? `${piece.slice(0, 24)}...` : piece;
  return new Failure(
    `not hex: ${JSON.stringify(bad)} in ${JSON.stringify(shown)}, character ${at} of the input`,
  );
}

/** The bytes of a number, the lowest first. */
function littleEndian(digits: string, size: number): number[] {
  const padded = digits.padStart(2 * size, '0');
  return Array.from({ length: size }, (_, i) => byteAt(padded, padded.length - 2 * (i + 1)));
}

/** The bytes of digits in the order of the text. */
function inOrder(digits: string): number[] {
  return Array.from({ length: digits.length / 2 }, (_, i) => byteAt(digits, 2 * i));
}

const byteAt = (digits: string, at: number): number => Number.parseInt(digits.slice(at, at + 2), 16);

/** The bytes of one word, or of several without a separator. */
function wordBytes({ digits }: Token, size: WordSize): number[] {
  const most = size / 4;
  if (digits.length <= most) return littleEndian(digits, size / 8);
  if (digits.length % most !== 0) {
    throw new Failure(`"${digits}" has ${digits.length} digits, and a word of ${size} bits has ${most}`);
  }
  return (digits.match(new RegExp(`.{${most}}`, 'g')) ?? []).flatMap((word) => littleEndian(word, size / 8));
}

/** The common width of numbers after `0x`, in digits; undefined if each has its own. */
function commonSize(marked: readonly Token[]): WordSize | undefined {
  const lengths = marked.map(({ digits }) => digits.length);
  const full = (length: number) => length === 8 || length === 16;
  if (lengths.every((length) => full(length) || length > 16)) return undefined;
  // Bytes: `0x20, 0x00`.
  if (lengths.every((length) => length <= 2)) return undefined;
  // `%#llx` does not pad: the longest number gives the width of all.
  if (lengths.some((length) => length > 8 && length <= 16)) return 64;
  if (lengths.some((length) => length === 8)) return 32;
  const odd = marked.find(({ digits }) => digits.length > 2)?.digits ?? '';
  throw new Failure(
    `0x${odd} has ${odd.length} digits: say with --words 32 or --words 64 how wide the words are`,
  );
}

/** The bytes of a list of numbers. @throws Failure if the text is not hexadecimal, or is ambiguous */
export function bytesOfNumbers(text: string, words: WordSize | undefined): Uint8Array {
  const tokens = tokensOf(text);
  if (words !== undefined) return Uint8Array.from(tokens.flatMap((token) => wordBytes(token, words)));
  const marked = tokens.filter((token) => token.marked);
  const size = commonSize(marked);
  // `0x00000180 00000010`: a `0x` is easily lost.
  const areWords =
    size !== undefined || marked.some(({ digits }) => digits.length === 8 || digits.length === 16);
  const bare = tokens.filter((token) => !token.marked).map(({ digits }) => digits);
  if (marked.length === 0) {
    checkPairs(bare);
    return Uint8Array.from(inOrder(bare.join('')));
  }
  const bytes = tokens.flatMap((token) => {
    const { digits } = token;
    if (size !== undefined) return wordBytes(token, size);
    if (areWords && (digits.length === 8 || digits.length === 16))
      return littleEndian(digits, digits.length / 2);
    // A single digit next to `0x20` is a byte.
    if (digits.length > 1 && digits.length % 2 !== 0) throw oddDigits(digits);
    return inOrder(digits.length === 1 ? `0${digits}` : digits);
  });
  return Uint8Array.from(bytes);
}

function oddDigits(digits: string): Failure {
  const count = digits.length === 1 ? 'one digit' : `${digits.length} digits`;
  return new Failure(`"${digits}" has ${count}, and a byte has two: write 0${digits}, or give --words`);
}

/** The bytes of digits without `0x`, in pairs. A long line may have been broken at any digit. */
function checkPairs(bare: readonly string[]): void {
  const total = bare.reduce((sum, digits) => sum + digits.length, 0);
  const odd = bare.find((digits) => digits.length % 2 !== 0);
  if (odd === undefined) return;
  if (total % 2 !== 0) throw new Failure(`not hex: ${total} digits, and a byte has two`);
  if (bare.some((digits, i) => digits.length <= 16 && i < bare.length - 1)) throw oddDigits(odd);
}
