import * as P from 'micro-packed';
import type { Implementation } from '../implementation.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { versionOf } from '../version-of.js';
import { fieldsOf, wordsOf } from './words.js';

// Unused words are read as halves: its 64-bit integers take longer.
const record = P.struct({
  flags: P.U32LE,
  sequence: P.U32LE,
  word0: P.U32LE,
  StreamID: P.U32LE,
  word1: P.U32LE,
  word1High: P.U32LE,
  InputAddr: P.U64LE,
  word3: P.U32LE,
  word3High: P.U32LE,
});

/** For W1b: the address as two halves. */
const recordOfNumbers = P.struct({
  flags: P.U32LE,
  sequence: P.U32LE,
  word0: P.U32LE,
  StreamID: P.U32LE,
  word1: P.U32LE,
  word1High: P.U32LE,
  low: P.U32LE,
  high: P.U32LE,
  word3: P.U32LE,
  word3High: P.U32LE,
});

const commands = P.array(null, P.struct({ low: P.U32LE, high: P.U32LE, upper: P.U64LE }));

const invalidation = P.struct({
  size: P.U32LE,
  hwpt_id: P.U32LE,
  data_uptr: P.U64LE,
  data_type: P.U32LE,
  entry_len: P.U32LE,
  entry_num: P.U32LE,
  __reserved: P.U32LE,
});

const implementation: Implementation = {
  form: 'main',
  name: 'micro-packed',
  version: versionOf('micro-packed'),
  module: import.meta.url,
  kind: 'library',
  note: 'a record at a time, which is faster than its array. Its bit fields are big-endian. It checks ranges and that all bytes are read',
  workloads: {
    W1a: (bytes) => {
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const { flags, sequence, word0, StreamID, InputAddr } = record.decode(
          bytes.subarray(at, at + RECORD_BYTES),
        );
        events.push(fieldsOf(sequence, flags, word0, StreamID, InputAddr));
      }
      return events;
    },
    W1b: (bytes) => {
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const one = recordOfNumbers.decode(bytes.subarray(at, at + RECORD_BYTES));
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
      return sum >>> 0;
    },
    W2: (values) => commands.encode(values.map(wordsOf)),
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) =>
        invalidation.encode({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }),
      decode: (bytes) => {
        const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } =
          invalidation.decode(bytes);
        return { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved };
      },
    },
  },
};

export const implementations = [implementation];
