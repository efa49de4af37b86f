/**
 * Bytes as people have them: digits, words of a kernel log, `xxd`, `hexdump -C`, `od`, an array of C (`xxd -i`), a string with
 * escapes, what strace prints. {@link textBytes} finds the form, and says what is wrong with a text that has none of them.
 */
import { Failure } from '../failure.js';
import { dumpBytes } from './dump.js';
import { isString, stringBytes } from './strings.js';
import { bytesOfNumbers, type WordSize } from './words.js';

export type { WordSize } from './words.js';

/** An initializer: what is between the braces of an array, without comments. */
function initializer(text: string): string {
  const [, inner] = /=\s*(?:new\s+\w+\s*\(?\s*)?[{[]([^}\]]*)[}\]]/s.exec(text) ?? [];
  return (inner ?? text).replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, ' ');
}

/** What Node prints of a Buffer. */
const buffer = (text: string): string => text.replace(/^\s*<Buffer ([^>]*)>\s*$/s, '$1');

/** The bytes that a text names. @param words width of words without `0x` @throws Failure if it names none */
export function textBytes(text: string, words: WordSize | undefined): Uint8Array {
  if (text.trim() === '') return new Uint8Array(0);
  if (isString(text)) return stringBytes(text);
  const plain = initializer(buffer(text));
  if (/<Buffer .*\.\.\. \d+ more bytes/.test(text))
    throw new Failure('Node has left bytes out: print buffer.toString("hex")');
  return dumpBytes(plain, words) ?? bytesOfNumbers(plain, words);
}
