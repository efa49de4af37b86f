import type { Cannot, Implementation } from '../implementation.js';
import { RECORD_BYTES } from '../data/events.js';
import { versionOf } from '../version-of.js';

interface Options {
  /** Makes of what was read what is wanted. */
  readonly formatter: (value: number) => number;
}
interface ParserOf<T> {
  endianness(endianness: 'little' | 'big'): ParserOf<T>;
  uint8<K extends string>(name: K): ParserOf<T & { readonly [P in K]: number }>;
  uint32<K extends string>(name: K, options?: Options): ParserOf<T & { readonly [P in K]: number }>;
  uint64<K extends string>(name: K): ParserOf<T & { readonly [P in K]: bigint }>;
  seek(bytes: number): ParserOf<T>;
  array<K extends string, E>(
    name: K,
    options: { readonly type: ParserOf<E>; readonly readUntil: 'eof' },
  ): ParserOf<T & { readonly [P in K]: readonly E[] }>;
  parse(buffer: Uint8Array): T;
}

// The types that it ships are not where those of an ES module are looked for, so the compiler must not follow the name.
const name: string = 'binary-parser';
const { Parser }: { readonly Parser: new () => ParserOf<unknown> } = await import(name);

const cannot: Cannot = { cannot: 'it parses and does not encode' };

// Its bit fields are cut from words that it reads as big-endian, whatever the endianness, and these are little-endian: so the
// first word is read again for each of its fields, which is a third of the time that objects made of words would take.
const record = new Parser()
  .endianness('little')
  .uint32('flags')
  .uint32('sequence')
  .uint8('EventNumber')
  .seek(-1)
  .uint32('SSV', { formatter: (word0) => (word0 >>> 11) & 1 })
  .seek(-4)
  .uint32('SubstreamID', { formatter: (word0) => word0 >>> 12 })
  .uint32('StreamID')
  .seek(8)
  .uint64('InputAddr')
  .seek(8);
const records = new Parser().array('records', { type: record, readUntil: 'eof' });

/** For W1b: the address as two halves. */
const recordOfNumbers = new Parser()
  .endianness('little')
  .uint32('flags')
  .uint32('sequence')
  .uint32('word0')
  .uint32('StreamID')
  .seek(8)
  .uint32('low')
  .uint32('high')
  .seek(8);
const recordsOfNumbers = new Parser().array('records', { type: recordOfNumbers, readUntil: 'eof' });

/** W1b in parts of 1,024 records: their objects are gone before the next come, which is several times faster than all at once. */
const PART = 1024 * RECORD_BYTES;

const implementation: Implementation = {
  form: 'main',
  name,
  version: versionOf(name),
  module: import.meta.url,
  kind: 'library',
  note: 'compiles its parsers with `new Function`, which a strict content security policy forbids',
  workloads: {
    W1a: (bytes) => records.parse(bytes).records,
    W1b: (bytes) => {
      let sum = 0;
      for (let at = 0; at < bytes.length; at += PART) {
        for (const one of recordsOfNumbers.parse(bytes.subarray(at, at + PART)).records) {
          const { word0 } = one;
          sum = (sum + one.sequence) | 0;
          sum = (sum + one.flags) | 0;
          sum = (sum + (word0 & 0xff)) | 0;
          sum = (sum + ((word0 >>> 11) & 1)) | 0;
          sum = (sum + (word0 >>> 12)) | 0;
          sum = (sum + one.StreamID) | 0;
          sum = (sum + one.low) | 0;
          sum = (sum + one.high) | 0;
        }
      }
      return sum >>> 0;
    },
    W2: cannot,
    W3: { cannot: 'it parses and does not encode; half of the work is to encode' },
  },
};

export const implementations = [implementation];
