import type { Implementation } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import type { EventFields } from '../data/events.js';
import { versionOf } from '../version-of.js';
import { fieldsOf, wordsOf } from './words.js';

interface DecodeStream {
  readonly view: DataView;
  pos: number;
}
interface EncodeStream {
  readonly view: DataView;
  pos: number;
}
/** What a type of one's own has to have. */
interface Codec<T> {
  size(): number;
  decode(stream: DecodeStream): T;
  encode(stream: EncodeStream, value: T): void;
}
interface Skipped {
  readonly count: number;
}
type Fields = Readonly<Record<string, Codec<number> | Codec<bigint> | Skipped>>;
type ValuesOf<F extends Fields> = {
  [K in keyof F as F[K] extends Skipped ? never : K]: F[K] extends Codec<infer T> ? T : never;
};
interface Struct<F extends Fields> {
  decode(stream: DecodeStream): ValuesOf<F>;
  encode(stream: EncodeStream, value: ValuesOf<F>): void;
  fromBuffer(buffer: Uint8Array): ValuesOf<F>;
  toBuffer(value: ValuesOf<F>): Uint8Array<ArrayBuffer>;
}
/** The part of restructure that is measured; it ships no types. */
interface Restructure {
  readonly DecodeStream: new (buffer: Uint8Array) => DecodeStream;
  readonly EncodeStream: new (buffer: Uint8Array) => EncodeStream;
  readonly Struct: new <F extends Fields>(fields: F) => Struct<F>;
  readonly Reserved: new (type: Codec<number>, count: number) => Skipped;
  readonly uint8: Codec<number>;
  readonly uint32le: Codec<number>;
}

// A name that the compiler does not follow: it would find what another package declares for its own use.
const name: string = 'restructure';
const r: Restructure = await import(name);

/** restructure has no 64-bit type: this is the one that every user of it writes. */
const uint64le: Codec<bigint> = {
  size: () => 8,
  decode(stream) {
    const value = stream.view.getBigUint64(stream.pos, true);
    stream.pos += 8;
    return value;
  },
  encode(stream, value) {
    stream.view.setBigUint64(stream.pos, value, true);
    stream.pos += 8;
  },
};

const record = new r.Struct({
  flags: r.uint32le,
  sequence: r.uint32le,
  word0: r.uint32le,
  StreamID: r.uint32le,
  word1: new r.Reserved(r.uint8, 8),
  InputAddr: uint64le,
  word3: new r.Reserved(r.uint8, 8),
});

/** For W1b: the address as two halves. */
const recordOfNumbers = new r.Struct({
  flags: r.uint32le,
  sequence: r.uint32le,
  word0: r.uint32le,
  StreamID: r.uint32le,
  word1: new r.Reserved(r.uint8, 8),
  low: r.uint32le,
  high: r.uint32le,
  word3: new r.Reserved(r.uint8, 8),
});

const command = new r.Struct({ low: r.uint32le, high: r.uint32le, upper: uint64le });

const invalidation = new r.Struct({
  size: r.uint32le,
  hwpt_id: r.uint32le,
  data_uptr: uint64le,
  data_type: r.uint32le,
  entry_len: r.uint32le,
  entry_num: r.uint32le,
  __reserved: r.uint32le,
});

const implementation: Implementation = {
  form: 'main',
  name,
  version: versionOf(name),
  module: import.meta.url,
  kind: 'library',
  note: 'its Struct, with a 64-bit type of its user; two thirds of the time go into the four hidden properties that it defines on each object',
  workloads: {
    W1a: (bytes) => {
      const stream = new r.DecodeStream(bytes);
      const events: EventFields[] = [];
      while (stream.pos < bytes.length) {
        const { flags, sequence, word0, StreamID, InputAddr } = record.decode(stream);
        events.push(fieldsOf(sequence, flags, word0, StreamID, InputAddr));
      }
      return events;
    },
    W1b: (bytes) => {
      const stream = new r.DecodeStream(bytes);
      let sum = 0;
      while (stream.pos < bytes.length) {
        const { flags, sequence, word0, StreamID, low, high } = recordOfNumbers.decode(stream);
        sum = (sum + sequence) | 0;
        sum = (sum + flags) | 0;
        sum = (sum + (word0 & 0xff)) | 0;
        sum = (sum + ((word0 >>> 11) & 1)) | 0;
        sum = (sum + (word0 >>> 12)) | 0;
        sum = (sum + StreamID) | 0;
        sum = (sum + low) | 0;
        sum = (sum + high) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const stream = new r.EncodeStream(bytes);
      for (const one of commands) command.encode(stream, wordsOf(one));
      return bytes;
    },
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) =>
        invalidation.toBuffer({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }),
      decode: (bytes) => {
        const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } =
          invalidation.fromBuffer(bytes);
        return { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved };
      },
    },
  },
};

export const implementations = [implementation];
