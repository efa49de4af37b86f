/** Bytes written as a string of C, Python or strace: `"\x10\x00"`, `b'\x10\x00'`, `$'\x10'`, `"\20\0#\1"...`. */
import { Failure } from '../failure.js';

const NAMED: Readonly<Record<string, number>> = { a: 7, b: 8, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };
const ESCAPE = /\\(?:x([0-9a-f]{1,2})|([0-7]{1,3})|(\r?\n)|(.))|([^\\])/gsy;
const QUOTED = /(?:^|[\s,(=$bB])(["'])((?:\\.|(?!\1)[^\\])*)\1/gs;

/** Returns true if the text has escapes or begins with a quote. */
export function isString(text: string): boolean {
  return /\\(x[0-9a-f]|[0-7])/i.test(text) || /^\s*[$b]?(["']).*\1(\.\.\.)?\s*$/is.test(text);
}

/** The bytes of a string, or of several adjacent ones, which C concatenates. @throws Failure if strace has cut the string */
export function stringBytes(text: string): Uint8Array {
  if (/["']\.\.\./.test(text))
    throw new Failure('the string ends in "...": run strace with -s 4096 to have all of it');
  const quoted = [...text.matchAll(QUOTED)].map(([, , inner = '']) => inner);
  const inner = quoted.length > 0 ? quoted.join('') : text.replace(/\s+/g, '');
  const bytes: number[] = [];
  for (const [whole, hex, octal, newline, other, plain] of inner.matchAll(ESCAPE)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (newline !== undefined) continue;
    else if (other !== undefined) bytes.push(NAMED[other] ?? other.charCodeAt(0));
    else if (plain !== undefined) bytes.push(plain.charCodeAt(0));
    else throw new Failure(`not an escape: ${JSON.stringify(whole)}`);
  }
  return Uint8Array.from(bytes);
}
