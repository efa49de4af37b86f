import { VEVENT_SEQUENCE_MAX } from '@iommufd/uapi';
import type { Implementation, Implementations, OtherForm } from '../implementation.js';
import {
  ATC_INV,
  CFGI_CD,
  type Command,
  COMMAND_BYTES,
  TLBI_NH_ASID,
  TLBI_NH_VA,
  TLBI_NSNH_ALL,
} from '../data/commands.js';
import type { EventFields } from '../data/events.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';
import { WORDS, reservedBits } from './reserved-bits.js';

const HEADER = 8;
const EVENT = 32;
/** IOMMU_VEVENTQ_FLAG_LOST_EVENTS: no event follows the header. */
const LOST_EVENTS = 1;
const module = import.meta.url;

const masks = reservedBits();

/** Not where it is found: a text with numbers in it, in a loop, makes the whole loop take three times as long. */
function refuse(what: string, at: number): never {
  throw new RangeError(`byte ${at}: ${what}`);
}

/** Is a bit set of an event that must be zero? */
function hasReservedBits(view: DataView, at: number): boolean {
  const mask = view.getUint8(at) * WORDS;
  const wrong =
    (view.getInt32(at, true) & (masks[mask] ?? 0)) |
    (view.getInt32(at + 4, true) & (masks[mask + 1] ?? 0)) |
    (view.getInt32(at + 8, true) & (masks[mask + 2] ?? 0)) |
    (view.getInt32(at + 12, true) & (masks[mask + 3] ?? 0)) |
    (view.getInt32(at + 16, true) & (masks[mask + 4] ?? 0)) |
    (view.getInt32(at + 20, true) & (masks[mask + 5] ?? 0)) |
    (view.getInt32(at + 24, true) & (masks[mask + 6] ?? 0)) |
    (view.getInt32(at + 28, true) & (masks[mask + 7] ?? 0));
  return wrong !== 0;
}

const decodeChecked: Implementations['W1a'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  const events: EventFields[] = [];
  for (let at = 0; at < length;) {
    if (length - at < HEADER) refuse('the header is cut off', at);
    const flags = view.getUint32(at, true);
    const sequence = view.getUint32(at + 4, true);
    if (sequence > VEVENT_SEQUENCE_MAX) refuse('no such sequence number', at);
    at += HEADER;
    if ((flags & LOST_EVENTS) !== 0) continue;
    if (length - at < EVENT) refuse('the event is cut off', at);
    if (hasReservedBits(view, at)) refuse('a reserved bit is set', at);
    const word0 = view.getUint32(at, true);
    events.push({
      sequence,
      flags,
      EventNumber: word0 & 0xff,
      SSV: (word0 >>> 11) & 1,
      SubstreamID: word0 >>> 12,
      StreamID: view.getUint32(at + 4, true),
      InputAddr: view.getBigUint64(at + 16, true),
    });
    at += EVENT;
  }
  return events;
};

const decodePlain: Implementations['W1a'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  const events: EventFields[] = [];
  for (let at = 0; at < length;) {
    const flags = view.getUint32(at, true);
    const sequence = view.getUint32(at + 4, true);
    at += HEADER;
    if ((flags & LOST_EVENTS) !== 0) continue;
    const word0 = view.getUint32(at, true);
    events.push({
      sequence,
      flags,
      EventNumber: word0 & 0xff,
      SSV: (word0 >>> 11) & 1,
      SubstreamID: word0 >>> 12,
      StreamID: view.getUint32(at + 4, true),
      InputAddr: view.getBigUint64(at + 16, true),
    });
    at += EVENT;
  }
  return events;
};

const addChecked: Implementations['W1b'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let sum = 0;
  for (let at = 0; at < length;) {
    if (length - at < HEADER) refuse('the header is cut off', at);
    const flags = view.getUint32(at, true);
    const sequence = view.getUint32(at + 4, true);
    if (sequence > VEVENT_SEQUENCE_MAX) refuse('no such sequence number', at);
    at += HEADER;
    if ((flags & LOST_EVENTS) !== 0) continue;
    if (length - at < EVENT) refuse('the event is cut off', at);
    if (hasReservedBits(view, at)) refuse('a reserved bit is set', at);
    const word0 = view.getUint32(at, true);
    sum = (sum + sequence) | 0;
    sum = (sum + flags) | 0;
    sum = (sum + (word0 & 0xff)) | 0;
    sum = (sum + ((word0 >>> 11) & 1)) | 0;
    sum = (sum + (word0 >>> 12)) | 0;
    sum = (sum + view.getUint32(at + 4, true)) | 0;
    sum = (sum + view.getUint32(at + 16, true)) | 0;
    sum = (sum + view.getUint32(at + 20, true)) | 0;
    at += EVENT;
  }
  return sum >>> 0;
};

const addPlain: Implementations['W1b'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let sum = 0;
  for (let at = 0; at < length;) {
    const flags = view.getUint32(at, true);
    sum = (sum + flags) | 0;
    sum = (sum + view.getUint32(at + 4, true)) | 0;
    at += HEADER;
    if ((flags & LOST_EVENTS) !== 0) continue;
    const word0 = view.getUint32(at, true);
    sum = (sum + (word0 & 0xff)) | 0;
    sum = (sum + ((word0 >>> 11) & 1)) | 0;
    sum = (sum + (word0 >>> 12)) | 0;
    sum = (sum + view.getUint32(at + 4, true)) | 0;
    sum = (sum + view.getUint32(at + 16, true)) | 0;
    sum = (sum + view.getUint32(at + 20, true)) | 0;
    at += EVENT;
  }
  return sum >>> 0;
};

const encodeCommands: Implementations['W2'] = (commands) => {
  const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const command of commands) {
    // The buffer is zero where nothing is written.
    switch (command.Opcode) {
      case TLBI_NH_VA: {
        view.setUint32(at, TLBI_NH_VA | (command.NUM << 12) | (command.SCALE << 20), true);
        view.setUint32(at + 4, command.VMID | (command.ASID << 16), true);
        // The address goes as it is; the fields below it follow as a number.
        view.setBigUint64(at + 8, command.Address, true);
        const low = view.getUint32(at + 8, true);
        const attributes = command.Leaf | (command.TTL128 << 7) | (command.TTL << 8) | (command.TG << 10);
        view.setUint32(at + 8, low | attributes, true);
        break;
      }
      case TLBI_NH_ASID:
        view.setUint32(at, TLBI_NH_ASID, true);
        view.setUint32(at + 4, command.VMID | (command.ASID << 16), true);
        break;
      case CFGI_CD:
        view.setUint32(at, CFGI_CD | (command.SSec << 10) | (command.SubstreamID << 12), true);
        view.setUint32(at + 4, command.StreamID, true);
        view.setUint32(at + 8, command.Leaf, true);
        break;
      case ATC_INV:
        view.setUint32(
          at,
          ATC_INV | (command.Global << 9) | (command.SSV << 11) | (command.SubstreamID << 12),
          true,
        );
        view.setUint32(at + 4, command.StreamID, true);
        view.setBigUint64(at + 8, command.Address, true);
        view.setUint32(at + 8, view.getUint32(at + 8, true) | command.Size, true);
        break;
      case TLBI_NSNH_ALL:
        view.setUint32(at, TLBI_NSNH_ALL, true);
        break;
    }
    at += COMMAND_BYTES;
  }
  return bytes;
};

/** Is it a number that so many bits hold? */
function isBits(value: unknown, mask: number): boolean {
  return typeof value === 'number' && (value & mask) === value;
}

function isU32(value: unknown): boolean {
  return typeof value === 'number' && value >>> 0 === value;
}

/** Is it the address of a page? */
function isPage(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 0n && value <= U64_MAX && (value & PAGE_OFFSET) === 0n;
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const PAGE_OFFSET = 0xfffn;

/** Has an object unexpected properties, or too few? */
function hasKeys(command: Command, count: number): boolean {
  return Object.keys(command).length === count;
}

function refuseCommand(index: number): never {
  throw new RangeError(`command ${index}: a field is missing, unknown or out of range`);
}

const encodeChecked: Implementations['W2'] = (commands) => {
  const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i];
    if (command === undefined) throw new RangeError(`there is no command ${i}`);
    const at = i * COMMAND_BYTES;
    switch (command.Opcode) {
      case TLBI_NH_VA: {
        const { NUM, SCALE, VMID, ASID, Leaf, TTL128, TTL, TG, Address } = command;
        if (!isBits(NUM, 0x1f) || !isBits(SCALE, 0x3f) || !isBits(VMID, 0xffff)) refuseCommand(i);
        if (!isBits(ASID, 0xffff) || !isBits(Leaf, 1) || !isBits(TTL128, 1)) refuseCommand(i);
        if (!isBits(TTL, 3) || !isBits(TG, 3) || !isPage(Address) || !hasKeys(command, 10)) refuseCommand(i);
        view.setUint32(at, TLBI_NH_VA | (NUM << 12) | (SCALE << 20), true);
        view.setUint32(at + 4, VMID | (ASID << 16), true);
        view.setBigUint64(at + 8, Address, true);
        const low = view.getUint32(at + 8, true);
        view.setUint32(at + 8, low | Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10), true);
        break;
      }
      case TLBI_NH_ASID: {
        const { VMID, ASID } = command;
        if (!isBits(VMID, 0xffff) || !isBits(ASID, 0xffff) || !hasKeys(command, 3)) refuseCommand(i);
        view.setUint32(at, TLBI_NH_ASID, true);
        view.setUint32(at + 4, VMID | (ASID << 16), true);
        break;
      }
      case CFGI_CD: {
        const { SSec, SubstreamID, StreamID, Leaf } = command;
        if (!isBits(SSec, 1) || !isBits(SubstreamID, 0xfffff) || !isU32(StreamID)) refuseCommand(i);
        if (!isBits(Leaf, 1) || !hasKeys(command, 5)) refuseCommand(i);
        view.setUint32(at, CFGI_CD | (SSec << 10) | (SubstreamID << 12), true);
        view.setUint32(at + 4, StreamID, true);
        view.setUint32(at + 8, Leaf, true);
        break;
      }
      case ATC_INV: {
        const { Global, SSV, SubstreamID, StreamID, Size, Address } = command;
        if (!isBits(Global, 1) || !isBits(SSV, 1) || !isBits(SubstreamID, 0xfffff)) refuseCommand(i);
        if (!isU32(StreamID) || !isBits(Size, 0x3f) || !isPage(Address)) refuseCommand(i);
        if (!hasKeys(command, 7)) refuseCommand(i);
        view.setUint32(at, ATC_INV | (Global << 9) | (SSV << 11) | (SubstreamID << 12), true);
        view.setUint32(at + 4, StreamID, true);
        view.setBigUint64(at + 8, Address, true);
        view.setUint32(at + 8, view.getUint32(at + 8, true) | Size, true);
        break;
      }
      case TLBI_NSNH_ALL:
        if (!hasKeys(command, 1)) refuseCommand(i);
        view.setUint32(at, TLBI_NSNH_ALL, true);
        break;
      default:
        refuseCommand(i);
    }
  }
  return bytes;
};

const struct: Implementations['W3'] = {
  encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
    const bytes = new Uint8Array(INVALIDATION_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, size, true);
    view.setUint32(4, hwpt_id, true);
    view.setBigUint64(8, data_uptr, true);
    view.setUint32(16, data_type, true);
    view.setUint32(20, entry_len, true);
    view.setUint32(24, entry_num, true);
    view.setUint32(28, __reserved, true);
    return bytes;
  },
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      size: view.getUint32(0, true),
      hwpt_id: view.getUint32(4, true),
      data_uptr: view.getBigUint64(8, true),
      data_type: view.getUint32(16, true),
      entry_len: view.getUint32(20, true),
      entry_num: view.getUint32(24, true),
      __reserved: view.getUint32(28, true),
    };
  },
};

/** One for all calls. */
const scratch = new Uint8Array(new ArrayBuffer(INVALIDATION_BYTES));
const scratchView = new DataView(scratch.buffer);

const structByScratch: Implementations['W3'] = {
  encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
    scratchView.setUint32(0, size, true);
    scratchView.setUint32(4, hwpt_id, true);
    scratchView.setBigUint64(8, data_uptr, true);
    scratchView.setUint32(16, data_type, true);
    scratchView.setUint32(20, entry_len, true);
    scratchView.setUint32(24, entry_num, true);
    scratchView.setUint32(28, __reserved, true);
    return new Uint8Array(scratch);
  },
  decode: (bytes) => {
    scratch.set(bytes);
    return {
      size: scratchView.getUint32(0, true),
      hwpt_id: scratchView.getUint32(4, true),
      data_uptr: scratchView.getBigUint64(8, true),
      data_type: scratchView.getUint32(16, true),
      entry_len: scratchView.getUint32(20, true),
      entry_num: scratchView.getUint32(24, true),
      __reserved: scratchView.getUint32(28, true),
    };
  },
};

const addTwo: Implementations['S2'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let sum = 0;
  for (let at = 0; at < length;) {
    const flags = view.getUint32(at, true);
    at += HEADER;
    if ((flags & LOST_EVENTS) !== 0) continue;
    sum = (sum + view.getUint8(at) + view.getUint32(at + 4, true)) | 0;
    at += EVENT;
  }
  return sum >>> 0;
};

const plain: Implementation = {
  form: 'main',
  name: 'DataView, two u32',
  version: '',
  module,
  kind: 'by hand',
  note: 'a 64-bit word is read as two 32-bit words, and only the address as a bigint; nothing is checked',
  workloads: {
    W1a: decodePlain,
    W1b: addPlain,
    W2: encodeCommands,
    W3: struct,
    S2: addTwo,
    S4b: struct.encode,
  },
};

const checked: OtherForm = {
  form: 'other',
  name: 'DataView, two u32, same checks',
  version: '',
  module,
  kind: 'by hand',
  note: 'makes the checks of the strict codec: room, sequence numbers and reserved bits when reading; kind, range and name of each field when writing',
  workloads: { W1a: decodeChecked, W1b: addChecked, W2: encodeChecked },
};

const encodeIntoKept: Implementations['S4a'] = (buffer) => {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
    view.setUint32(0, size, true);
    view.setUint32(4, hwpt_id, true);
    view.setBigUint64(8, data_uptr, true);
    view.setUint32(16, data_type, true);
    view.setUint32(20, entry_len, true);
    view.setUint32(24, entry_num, true);
    view.setUint32(28, __reserved, true);
  };
};

const decodeFromKept: Implementations['S4c'] = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return () => ({
    size: view.getUint32(0, true),
    hwpt_id: view.getUint32(4, true),
    data_uptr: view.getBigUint64(8, true),
    data_type: view.getUint32(16, true),
    entry_len: view.getUint32(20, true),
    entry_num: view.getUint32(24, true),
    __reserved: view.getUint32(28, true),
  });
};

const byScratch: OtherForm = {
  form: 'other',
  name: 'DataView, one for all',
  version: '',
  module,
  kind: 'by hand',
  note: 'one DataView of the program for all structs; bytes that differ from struct to struct are copied to and from it',
  workloads: {
    W3: structByScratch,
    S4a: encodeIntoKept,
    S4b: structByScratch.encode,
    S4c: decodeFromKept,
  },
};

export const implementations = [plain, checked, byScratch];
