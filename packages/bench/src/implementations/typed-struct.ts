import { Struct } from 'typed-struct';
import type { Implementation } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';
import { versionOf } from '../version-of.js';
import { RecordWindow } from './window.js';
import { addressOf, attributesOf, fieldsOf, highWordOf, lowWordOf } from './words.js';

const EventRecord = new Struct('EventRecord')
  .UInt32LE('flags')
  .UInt32LE('sequence')
  .UInt32LE('word0')
  .UInt32LE('StreamID')
  .seek(8)
  .BigUInt64LE('InputAddr')
  .seek(8)
  .compile();

/** For W1b: the address as two halves. */
const RecordOfNumbers = new Struct('RecordOfNumbers')
  .UInt32LE('flags')
  .UInt32LE('sequence')
  .UInt32LE('word0')
  .UInt32LE('StreamID')
  .seek(8)
  .UInt32LE('low')
  .UInt32LE('high')
  .seek(8)
  .compile();

const CommandStruct = new Struct('Command').UInt32LE('low').UInt32LE('high').BigUInt64LE('upper').compile();

const InvalidationStruct = new Struct('iommu_hwpt_invalidate')
  .UInt32LE('size')
  .UInt32LE('hwpt_id')
  .BigUInt64LE('data_uptr')
  .UInt32LE('data_type')
  .UInt32LE('entry_len')
  .UInt32LE('entry_num')
  .UInt32LE('__reserved')
  .compile();

/** W3's window: an object over it, and its bytes. */
const buffer = new ArrayBuffer(INVALIDATION_BYTES);
const one = new InvalidationStruct(Buffer.from(buffer));
const oneBytes = new Uint8Array(buffer);

const implementation: Implementation = {
  form: 'main',
  name: 'typed-struct',
  version: versionOf('typed-struct'),
  module: import.meta.url,
  kind: 'library',
  note: 'one object, whose buffer each record is copied into; an object for each record takes 10 times as long. Its bit fields are big-endian',
  workloads: {
    W1a: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = new EventRecord(Buffer.from(window.buffer));
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        window.load(at);
        events.push(fieldsOf(view.sequence, view.flags, view.word0, view.StreamID, view.InputAddr));
      }
      return events;
    },
    W1b: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = new RecordOfNumbers(Buffer.from(window.buffer));
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        window.load(at);
        const { word0 } = view;
        sum = (sum + view.sequence) | 0;
        sum = (sum + view.flags) | 0;
        sum = (sum + (word0 & 0xff)) | 0;
        sum = (sum + ((word0 >>> 11) & 1)) | 0;
        sum = (sum + (word0 >>> 12)) | 0;
        sum = (sum + view.StreamID) | 0;
        sum = (sum + view.low) | 0;
        sum = (sum + view.high) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const window = new RecordWindow(bytes, COMMAND_BYTES);
      const view = new CommandStruct(Buffer.from(window.buffer));
      let at = 0;
      for (const next of commands) {
        view.low = lowWordOf(next);
        view.high = highWordOf(next);
        view.upper = addressOf(next) | BigInt(attributesOf(next));
        window.store(at);
        at += COMMAND_BYTES;
      }
      return bytes;
    },
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
        one.size = size;
        one.hwpt_id = hwpt_id;
        one.data_uptr = data_uptr;
        one.data_type = data_type;
        one.entry_len = entry_len;
        one.entry_num = entry_num;
        one.__reserved = __reserved;
        return oneBytes.slice();
      },
      decode: (bytes) => {
        oneBytes.set(bytes);
        const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } = one;
        return { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved };
      },
    },
  },
};

export const implementations = [implementation];
