/**
 * Dumps with a column of addresses: `xxd`, `hexdump -C`, `od`, a debugger's `x/4gx`, the kernel's `print_hex_dump`. The addresses, the
 * text on the right, and the lines of `*` that stand for repeated lines are not data.
 */
import { Failure } from '../failure.js';
import type { WordSize } from './words.js';

/** A parsed line. */
interface Row {
  readonly address: string;
  readonly colon: boolean;
  readonly groups: readonly string[];
  /** The text on the right: each byte as a character, a dot if it is not printable. */
  readonly text: string;
  /** True if a line of `*` is before it: lines that repeat the previous one were left out. */
  readonly repeated: boolean;
}

const ROW = /^\s*(?:<?0x)?([0-9a-f]{4,16})(?:\s*<[^>]*>)?(:)?(?:\s+(.*)|)$/i;
/** A line of the kernel's log. The caller of print_hex_dump() chose its prefix. */
const PREFIXED = /^.*?\s([0-9a-f]{8,16})(:) (.*)$/i;
const GROUP = /^(?:0x)?([0-9a-f]+)$/i;

const digitsOf = (group: string): string => group.replace(/^0x/i, '');
const lengthOf = ({ groups }: Row): number =>
  groups.reduce((sum, group) => sum + digitsOf(group).length / 2, 0);

/** The groups of digits, and the text after them. */
function splitData(data: string): Pick<Row, 'groups' | 'text'> {
  const groups: string[] = [];
  const piece = /(\s*)(\S+)/gy;
  for (let match = piece.exec(data); match !== null; match = piece.exec(data)) {
    const [whole, gap = '', word = ''] = match;
    const digits = GROUP.exec(word)?.[1];
    const width = digitsOf(groups[0] ?? word).length;
    // After a gap comes the second half of the line, or the text. Groups have one width; the last may be cut.
    const isText =
      digits === undefined || digits.length > width || (gap.length > 1 && digits.length !== width);
    if (isText) return { groups, text: data.slice(piece.lastIndex - whole.length).trimStart() };
    groups.push(word);
  }
  return { groups, text: '' };
}

function parseRows(text: string): Row[] | undefined {
  const rows: Row[] = [];
  let repeated = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    if (line.trim() === '*') {
      repeated = true;
      continue;
    }
    const [, address, colon, data = ''] = ROW.exec(line) ?? PREFIXED.exec(line) ?? [];
    if (address === undefined) return undefined;
    rows.push({ address, colon: colon !== undefined, ...splitData(data), repeated });
    repeated = false;
  }
  if (repeated)
    throw new Failure('the dump ends in "*": the line after it, with the last address, is missing');
  return rows;
}

/** The base of the addresses: the one in which each address is the previous one plus the bytes of its line. */
function baseOf(rows: readonly Row[]): 8 | 16 | undefined {
  return ([16, 8] as const).find((base) =>
    rows.slice(1).every((row, i) => {
      const before = rows[i];
      if (before === undefined) return false;
      const step = Number.parseInt(row.address, base) - Number.parseInt(before.address, base);
      const length = lengthOf(before);
      if (row.repeated) return length > 0 && step > length && step % length === 0;
      // The last address has no bytes, and may end within a word.
      return row.groups.length === 0 ? step > 0 && step <= length : step === length;
    }),
  );
}

/** Returns true if the first column has addresses: several lines fit, a colon follows, or it is zeros unlike the groups. */
function hasAddresses(rows: readonly Row[]): boolean {
  const [first, second] = rows;
  if (first === undefined || first.groups.length === 0) return false;
  if (first.colon || second !== undefined) return true;
  const width = digitsOf(first.groups[0] ?? '').length;
  return /^0+$/.test(first.address) && first.address.length > 4 && first.address.length !== width;
}

const pairs = (digits: string): number[] =>
  (digits.match(/..?/g) ?? []).map((pair) => Number.parseInt(pair, 16));

/** The bytes of a group. @param turned true if it is a word, whose lowest byte is printed last */
function groupBytes(group: string, width: number, turned: boolean): number[] {
  const digits = digitsOf(group);
  return turned ? pairs(digits.padStart(width, '0')).reverse() : pairs(digits);
}

const printed = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/**
 * Returns true if the groups are words of a little-endian machine, and false if they are bytes in order. The text on the right decides.
 * Without a text, `od -x` and debuggers print words; `xxd` and `tcpdump` print a colon and bytes in order.
 */
function areWords(rows: readonly Row[], width: number): boolean {
  if (width <= 2) return false;
  const looks = (turned: boolean): boolean =>
    rows.every(({ groups, text }) => {
      const bytes = groups.flatMap((group) => groupBytes(group, width, turned));
      return bytes
        .map(printed)
        .join('')
        .trimEnd()
        .startsWith(text.replace(/^[|>](.*)[|<]$/, '$1').trimEnd());
    });
  const hasText = rows.some(({ text }) => text !== '');
  if (hasText && looks(false) !== looks(true)) return looks(true);
  const [first] = rows;
  return first !== undefined && (!first.colon || /^0x/i.test(first.groups[0] ?? ''));
}

/** Reverses the bytes of each word. */
function turnWords(bytes: readonly number[], size: number): number[] {
  if (bytes.length % size !== 0) {
    throw new Failure(`the dump has ${bytes.length} bytes, which is no number of words of ${8 * size} bits`);
  }
  return bytes.map((_, i) => bytes[i - (i % size) + size - 1 - (i % size)] ?? 0);
}

/**
 * The bytes of a dump.
 * @param words width of words that are printed with their highest byte first; ignored if the dump itself prints words
 * @returns undefined if the text has no column of addresses
 */
export function dumpBytes(text: string, words: WordSize | undefined): Uint8Array | undefined {
  const rows = parseRows(text);
  if (rows === undefined || !hasAddresses(rows)) return undefined;
  const [first] = rows;
  // The places that a debugger prints need not be adjacent.
  const base = baseOf(rows) ?? (first?.colon === true ? 16 : undefined);
  if (base === undefined) return undefined;
  const width = digitsOf(first?.groups[0] ?? '').length;
  const turned = areWords(rows, width);
  const bytes: number[] = [];
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    const own = row.groups.flatMap((group) => groupBytes(group, width, turned));
    if (before !== undefined) {
      const step = Number.parseInt(row.address, base) - Number.parseInt(before.address, base);
      const line = before.groups.flatMap((group) => groupBytes(group, width, turned));
      if (row.repeated) for (let at = line.length; at < step; at += line.length) bytes.push(...line);
      // The last address gives the number of bytes.
      else if (row.groups.length === 0) bytes.length -= Math.max(0, line.length - step);
    }
    bytes.push(...own);
  });
  return Uint8Array.from(words === undefined || turned ? bytes : turnWords(bytes, words / 8));
}
