import { View } from 'structurae';
import type { Implementation, OtherForm } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { type Invalidation, INVALIDATION_BYTES } from '../data/invalidations.js';
import { versionOf } from '../version-of.js';
import { RecordWindow } from './window.js';
import { addressOf, attributesOf, type CommandWords, fieldsOf, highWordOf, lowWordOf } from './words.js';

const protocol = new View();
const u32 = { type: 'integer', btype: 'uint32' } as const;
const u64 = { type: 'integer', btype: 'biguint64' } as const;

const RecordView = protocol.create<{
  flags: number;
  sequence: number;
  word0: number;
  StreamID: number;
  word1: bigint;
  InputAddr: bigint;
  word3: bigint;
}>({
  $id: 'record',
  type: 'object',
  properties: {
    flags: u32,
    sequence: u32,
    word0: u32,
    StreamID: u32,
    word1: u64,
    InputAddr: u64,
    word3: u64,
  },
});

/** For W1b: the address as two halves. */
const NumbersView = protocol.create<{
  flags: number;
  sequence: number;
  word0: number;
  StreamID: number;
  word1: bigint;
  low: number;
  high: number;
  word3: bigint;
}>({
  $id: 'recordOfNumbers',
  type: 'object',
  properties: {
    flags: u32,
    sequence: u32,
    word0: u32,
    StreamID: u32,
    word1: u64,
    low: u32,
    high: u32,
    word3: u64,
  },
});

const CommandView = protocol.create<CommandWords>({
  $id: 'command',
  type: 'object',
  properties: { low: u32, high: u32, upper: u64 },
});

const InvalidationView = protocol.create<Invalidation>({
  $id: 'iommu_hwpt_invalidate',
  type: 'object',
  properties: {
    size: u32,
    hwpt_id: u32,
    data_uptr: u64,
    data_type: u32,
    entry_len: u32,
    entry_num: u32,
    __reserved: u32,
  },
});

const implementation: Implementation = {
  form: 'main',
  name: 'structurae',
  version: versionOf('structurae'),
  module: import.meta.url,
  kind: 'library',
  note: 'one view, whose buffer each record is copied into; a view for each record, or decoding whole objects, takes longer',
  workloads: {
    W1a: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = new RecordView(window.buffer);
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        window.load(at);
        events.push(
          fieldsOf(
            view.get('sequence') ?? 0,
            view.get('flags') ?? 0,
            view.get('word0') ?? 0,
            view.get('StreamID') ?? 0,
            view.get('InputAddr') ?? 0n,
          ),
        );
      }
      return events;
    },
    W1b: (bytes) => {
      const window = new RecordWindow(bytes, RECORD_BYTES);
      const view = new NumbersView(window.buffer);
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        window.load(at);
        const word0 = view.get('word0') ?? 0;
        sum = (sum + (view.get('sequence') ?? 0)) | 0;
        sum = (sum + (view.get('flags') ?? 0)) | 0;
        sum = (sum + (word0 & 0xff)) | 0;
        sum = (sum + ((word0 >>> 11) & 1)) | 0;
        sum = (sum + (word0 >>> 12)) | 0;
        sum = (sum + (view.get('StreamID') ?? 0)) | 0;
        sum = (sum + (view.get('low') ?? 0)) | 0;
        sum = (sum + (view.get('high') ?? 0)) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const window = new RecordWindow(bytes, COMMAND_BYTES);
      const view = new CommandView(window.buffer);
      let at = 0;
      for (const next of commands) {
        view.set('low', lowWordOf(next));
        view.set('high', highWordOf(next));
        view.set('upper', addressOf(next) | BigInt(attributesOf(next)));
        window.store(at);
        at += COMMAND_BYTES;
      }
      return bytes;
    },
    W3: {
      encode: (value) => new Uint8Array(InvalidationView.from(value).buffer),
      decode: (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } =
          InvalidationView.decode(view);
        return { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved };
      },
    },
  },
};

/** What a class has of its fields. Classes of structs have it, as their declaration in the library does not say. */
function layoutOf<L>({ layout }: { readonly layout?: L }): L {
  if (layout === undefined) throw new TypeError('a struct without a layout');
  return layout;
}

const record = layoutOf(RecordView);
const numbers = layoutOf(NumbersView);
const command = layoutOf(CommandView);
const invalidation = layoutOf(InvalidationView);

const decodeInvalidation = (view: DataView): Invalidation => ({
  size: invalidation.size.View.decode(view, invalidation.size.start),
  hwpt_id: invalidation.hwpt_id.View.decode(view, invalidation.hwpt_id.start),
  data_uptr: invalidation.data_uptr.View.decode(view, invalidation.data_uptr.start),
  data_type: invalidation.data_type.View.decode(view, invalidation.data_type.start),
  entry_len: invalidation.entry_len.View.decode(view, invalidation.entry_len.start),
  entry_num: invalidation.entry_num.View.decode(view, invalidation.entry_num.start),
  __reserved: invalidation.__reserved.View.decode(view, invalidation.__reserved.start),
});

const encodeInvalidation = (value: Invalidation, view: DataView): void => {
  invalidation.size.View.encode(value.size, view, invalidation.size.start);
  invalidation.hwpt_id.View.encode(value.hwpt_id, view, invalidation.hwpt_id.start);
  invalidation.data_uptr.View.encode(value.data_uptr, view, invalidation.data_uptr.start);
  invalidation.data_type.View.encode(value.data_type, view, invalidation.data_type.start);
  invalidation.entry_len.View.encode(value.entry_len, view, invalidation.entry_len.start);
  invalidation.entry_num.View.encode(value.entry_num, view, invalidation.entry_num.start);
  invalidation.__reserved.View.encode(value.__reserved, view, invalidation.__reserved.start);
};

/** The fastest form: each field by the class of its layout, at its place in the one view of the program's buffer. */
const byField: OtherForm = {
  form: 'other',
  name: 'structurae, field by field',
  version: versionOf('structurae'),
  module: import.meta.url,
  kind: 'library',
  note: '`Class.layout.field.View.decode(view, offset)` for each field, and an object by a literal: not in its documentation, and its fastest form',
  workloads: {
    W1a: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const word0 = record.word0.View.decode(view, at + record.word0.start);
        events.push({
          sequence: record.sequence.View.decode(view, at + record.sequence.start),
          flags: record.flags.View.decode(view, at + record.flags.start),
          EventNumber: word0 & 0xff,
          SSV: (word0 >>> 11) & 1,
          SubstreamID: word0 >>> 12,
          StreamID: record.StreamID.View.decode(view, at + record.StreamID.start),
          InputAddr: record.InputAddr.View.decode(view, at + record.InputAddr.start),
        });
      }
      return events;
    },
    W1b: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const word0 = numbers.word0.View.decode(view, at + numbers.word0.start);
        sum = (sum + numbers.sequence.View.decode(view, at + numbers.sequence.start)) | 0;
        sum = (sum + numbers.flags.View.decode(view, at + numbers.flags.start)) | 0;
        sum = (sum + (word0 & 0xff)) | 0;
        sum = (sum + ((word0 >>> 11) & 1)) | 0;
        sum = (sum + (word0 >>> 12)) | 0;
        sum = (sum + numbers.StreamID.View.decode(view, at + numbers.StreamID.start)) | 0;
        sum = (sum + numbers.low.View.decode(view, at + numbers.low.start)) | 0;
        sum = (sum + numbers.high.View.decode(view, at + numbers.high.start)) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const view = new DataView(bytes.buffer);
      let at = 0;
      for (const next of commands) {
        command.low.View.encode(lowWordOf(next), view, at + command.low.start);
        command.high.View.encode(highWordOf(next), view, at + command.high.start);
        const upper = addressOf(next) | BigInt(attributesOf(next));
        command.upper.View.encode(upper, view, at + command.upper.start);
        at += COMMAND_BYTES;
      }
      return bytes;
    },
    W3: {
      encode: (value) => {
        const bytes = new Uint8Array(INVALIDATION_BYTES);
        encodeInvalidation(value, new DataView(bytes.buffer));
        return bytes;
      },
      decode: (bytes) => decodeInvalidation(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    },
    S2: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        sum = (sum + (record.word0.View.decode(view, at + record.word0.start) & 0xff)) | 0;
        sum = (sum + record.StreamID.View.decode(view, at + record.StreamID.start)) | 0;
      }
      return sum >>> 0;
    },
    S4a: (buffer) => {
      const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      return (value) => encodeInvalidation(value, view);
    },
    S4b: (value) => {
      const bytes = new Uint8Array(INVALIDATION_BYTES);
      encodeInvalidation(value, new DataView(bytes.buffer));
      return bytes;
    },
    S4c: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return () => decodeInvalidation(view);
    },
  },
};

export const implementations = [implementation, byField];
