import type { Implementation } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { INVALIDATION_BYTES, type Invalidation } from '../data/invalidations.js';
import { loadKoffi } from '../load-koffi.js';
import { versionOf } from '../version-of.js';
import { fieldsOf, wordsOf } from './words.js';

type Koffi = Extract<Awaited<ReturnType<typeof loadKoffi>>, { readonly types: unknown }>;

const koffi = await loadKoffi();

function workloadsOf({ decode, encode, struct }: Koffi): Implementation['workloads'] {
  const header = struct({ flags: 'uint32', sequence: 'uint32', word0: 'uint32', StreamID: 'uint32' });
  /** For W1b: the address as two halves. A double for the unused word takes less than an integer. */
  const recordOfNumbers = struct({
    flags: 'uint32',
    sequence: 'uint32',
    word0: 'uint32',
    StreamID: 'uint32',
    word1: 'double',
    low: 'uint32',
    high: 'uint32',
  });
  const command = struct({ low: 'uint32', high: 'uint32', upper: 'uint64' });
  const invalidation = struct({
    size: 'uint32',
    hwpt_id: 'uint32',
    data_uptr: 'uint64',
    data_type: 'uint32',
    entry_len: 'uint32',
    entry_num: 'uint32',
    __reserved: 'uint32',
  });
  interface Header {
    readonly flags: number;
    readonly sequence: number;
    readonly word0: number;
    readonly StreamID: number;
  }
  // A number of 64 bits comes as a bigint only if it is too large for a number.
  type Wide = number | bigint;
  return {
    W1a: (bytes) => {
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const { flags, sequence, word0, StreamID }: Header = decode(bytes, at, header);
        const address: Wide = decode(bytes, at + 24, 'uint64');
        events.push(fieldsOf(sequence, flags, word0, StreamID, BigInt(address)));
      }
      return events;
    },
    W1b: (bytes) => {
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const one: Header & { readonly low: number; readonly high: number } = decode(
          bytes,
          at,
          recordOfNumbers,
        );
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
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      // All at once is faster than one by one.
      encode(bytes, command, commands.map(wordsOf), commands.length);
      return bytes;
    },
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
        const bytes = new Uint8Array(INVALIDATION_BYTES);
        encode(bytes, invalidation, {
          size,
          hwpt_id,
          data_uptr,
          data_type,
          entry_len,
          entry_num,
          __reserved,
        });
        return bytes;
      },
      decode: (bytes) => {
        const one: Omit<Invalidation, 'data_uptr'> & { readonly data_uptr: Wide } = decode(
          bytes,
          invalidation,
        );
        const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } = one;
        return { size, hwpt_id, data_uptr: BigInt(data_uptr), data_type, entry_len, entry_num, __reserved };
      },
    },
  };
}

const implementation: Implementation = {
  form: 'main',
  name: 'koffi',
  version: versionOf('koffi'),
  module: import.meta.url,
  kind: 'library',
  note: 'made for calling C: each value crosses from native code',
  workloads: 'cannot' in koffi ? { W1a: koffi, W1b: koffi, W2: koffi, W3: koffi } : workloadsOf(koffi),
};

export const implementations = [implementation];
