import bbo from 'buffer-backed-object';
import type { Implementation } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';
import { versionOf } from '../version-of.js';
import { RecordWindow } from './window.js';
import { addressOf, attributesOf, fieldsOf, highWordOf, lowWordOf } from './words.js';

const record = {
  flags: bbo.Uint32(),
  sequence: bbo.Uint32(),
  word0: bbo.Uint32(),
  StreamID: bbo.Uint32(),
  word1: bbo.reserved(8),
  InputAddr: bbo.BigUint64(),
  word3: bbo.reserved(8),
};

/** For W1b: the address as two halves. */
const recordOfNumbers = {
  flags: bbo.Uint32(),
  sequence: bbo.Uint32(),
  word0: bbo.Uint32(),
  StreamID: bbo.Uint32(),
  word1: bbo.reserved(8),
  low: bbo.Uint32(),
  high: bbo.Uint32(),
  word3: bbo.reserved(8),
};

const command = { low: bbo.Uint32(), high: bbo.Uint32(), upper: bbo.BigUint64() };

const invalidation = {
  size: bbo.Uint32(),
  hwpt_id: bbo.Uint32(),
  data_uptr: bbo.BigUint64(),
  data_type: bbo.Uint32(),
  entry_len: bbo.Uint32(),
  entry_num: bbo.Uint32(),
  __reserved: bbo.Uint32(),
};

/** W3's window: an object over it, and its bytes. */
const buffer = new ArrayBuffer(INVALIDATION_BYTES);
const one = bbo.BufferBackedObject(buffer, invalidation);
const oneBytes = new Uint8Array(buffer);

const implementation: Implementation = {
  form: 'main',
  name: 'buffer-backed-object',
  version: versionOf('buffer-backed-object'),
  module: import.meta.url,
  kind: 'library',
  note: 'one object, whose buffer each record is copied into; its array creates an object for each record, which takes 20 times as long',
  workloads: {
    W1a: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = bbo.BufferBackedObject(window.buffer, record);
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        window.load(at);
        events.push(fieldsOf(view.sequence, view.flags, view.word0, view.StreamID, view.InputAddr));
      }
      return events;
    },
    W1b: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = bbo.BufferBackedObject(window.buffer, recordOfNumbers);
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
      const view = bbo.BufferBackedObject(window.buffer, command);
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
