import { View } from 'structurae';
import type { Implementation } from '../implementation.js';
import { COMMAND_BYTES } from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import type { Invalidation } from '../data/invalidations.js';
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
  note: 'one view, under which the records pass; a view for each, or decoding whole objects, takes longer',
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

export const implementations = [implementation];
