import type { Implementation } from '../implementation.js';
import {
  ATC_INV,
  CFGI_CD,
  type Command,
  COMMAND_BYTES,
  TLBI_NH_ASID,
  TLBI_NH_VA,
  TLBI_NSNH_ALL,
} from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';

/** The lower 64 bits of a command. */
function lowerWord(command: Command): bigint {
  switch (command.Opcode) {
    case TLBI_NH_VA:
      return (
        BigInt(TLBI_NH_VA) |
        (BigInt(command.NUM) << 12n) |
        (BigInt(command.SCALE) << 20n) |
        (BigInt(command.VMID) << 32n) |
        (BigInt(command.ASID) << 48n)
      );
    case TLBI_NH_ASID:
      return BigInt(TLBI_NH_ASID) | (BigInt(command.VMID) << 32n) | (BigInt(command.ASID) << 48n);
    case CFGI_CD:
      return (
        BigInt(CFGI_CD) |
        (BigInt(command.SSec) << 10n) |
        (BigInt(command.SubstreamID) << 12n) |
        (BigInt(command.StreamID) << 32n)
      );
    case ATC_INV:
      return (
        BigInt(ATC_INV) |
        (BigInt(command.Global) << 9n) |
        (BigInt(command.SSV) << 11n) |
        (BigInt(command.SubstreamID) << 12n) |
        (BigInt(command.StreamID) << 32n)
      );
    case TLBI_NSNH_ALL:
      return BigInt(TLBI_NSNH_ALL);
  }
}

/** The upper 64 bits. */
function upperWord(command: Command): bigint {
  switch (command.Opcode) {
    case TLBI_NH_VA:
      return (
        command.Address |
        BigInt(command.Leaf) |
        (BigInt(command.TTL128) << 7n) |
        (BigInt(command.TTL) << 8n) |
        (BigInt(command.TG) << 10n)
      );
    case CFGI_CD:
      return BigInt(command.Leaf);
    case ATC_INV:
      return command.Address | BigInt(command.Size);
    case TLBI_NH_ASID:
    case TLBI_NSNH_ALL:
      return 0n;
  }
}

const byHand: Implementation = {
  form: 'main',
  name: 'DataView, BigInt',
  version: '',
  module: import.meta.url,
  kind: 'by hand',
  note: 'every word of 64 bits is a bigint, as the specification has it, and fields are shifted out of it; nothing is checked',
  workloads: {
    W1a: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const events: EventFields[] = [];
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const word0 = view.getBigUint64(at + 8, true);
        events.push({
          sequence: view.getUint32(at + 4, true),
          flags: view.getUint32(at, true),
          EventNumber: Number(word0 & 0xffn),
          SSV: Number((word0 >> 11n) & 1n),
          SubstreamID: Number((word0 >> 12n) & 0xf_ffffn),
          StreamID: Number(word0 >> 32n),
          InputAddr: view.getBigUint64(at + 24, true),
        });
      }
      return events;
    },
    W1b: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let sum = 0;
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
        const word0 = view.getBigUint64(at + 8, true);
        const address = view.getBigUint64(at + 24, true);
        sum = (sum + view.getUint32(at + 4, true)) | 0;
        sum = (sum + view.getUint32(at, true)) | 0;
        sum = (sum + Number(word0 & 0xffn)) | 0;
        sum = (sum + Number((word0 >> 11n) & 1n)) | 0;
        sum = (sum + Number((word0 >> 12n) & 0xf_ffffn)) | 0;
        sum = (sum + Number(word0 >> 32n)) | 0;
        sum = (sum + Number(address & 0xffff_ffffn)) | 0;
        sum = (sum + Number(address >> 32n)) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const view = new DataView(bytes.buffer);
      let at = 0;
      for (const command of commands) {
        view.setBigUint64(at, lowerWord(command), true);
        view.setBigUint64(at + 8, upperWord(command), true);
        at += COMMAND_BYTES;
      }
      return bytes;
    },
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
        const bytes = new Uint8Array(INVALIDATION_BYTES);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, BigInt(size) | (BigInt(hwpt_id) << 32n), true);
        view.setBigUint64(8, data_uptr, true);
        view.setBigUint64(16, BigInt(data_type) | (BigInt(entry_len) << 32n), true);
        view.setBigUint64(24, BigInt(entry_num) | (BigInt(__reserved) << 32n), true);
        return bytes;
      },
      decode: (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const word0 = view.getBigUint64(0, true);
        const word2 = view.getBigUint64(16, true);
        const word3 = view.getBigUint64(24, true);
        return {
          size: Number(word0 & 0xffff_ffffn),
          hwpt_id: Number(word0 >> 32n),
          data_uptr: view.getBigUint64(8, true),
          data_type: Number(word2 & 0xffff_ffffn),
          entry_len: Number(word2 >> 32n),
          entry_num: Number(word3 & 0xffff_ffffn),
          __reserved: Number(word3 >> 32n),
        };
      },
    },
  },
};

export const implementations = [byHand];
