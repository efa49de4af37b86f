/**
 * Parses bytes in the forms in which people have them: digits, words of a kernel log, `xxd`, `hexdump -C`, `od`, an array of C
 * (`xxd -i`), a string with escapes, the output of strace. {@link textBytes} recognizes the form, and throws an error that says why a
 * text has none.
 */
import { Failure } from '../failure.js';
import { dumpBytes } from './dump.js';
import { isString, stringBytes } from './strings.js';
import { bytesOfNumbers, type WordSize } from './words.js';

export type { WordSize } from './words.js';

/** The initializer of an array: the text between its braces, without comments. */
function initializer(text: string): string {
  const [, inner] = /=\s*(?:new\s+\w+\s*\(?\s*)?[{[]([^}\]]*)[}\]]/s.exec(text) ?? [];
  return (inner ?? text).replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, ' ');
}

/** A Buffer, as Node prints it. */
const buffer = (text: string): string => text.replace(/^\s*<Buffer ([^>]*)>\s*$/s, '$1');

/** Parses a text into bytes. @param words width of words without `0x` @throws Failure if the text has none of the forms */
export function textBytes(text: string, words: WordSize | undefined): Uint8Array {
  if (text.trim() === '') return new Uint8Array(0);
  if (isString(text)) return stringBytes(text);
  const plain = initializer(buffer(text));
  if (/<Buffer .*\.\.\. \d+ more bytes/.test(text))
    throw new Failure('Node has left bytes out: print buffer.toString("hex")');
  return dumpBytes(plain, words) ?? bytesOfNumbers(plain, words);
}
