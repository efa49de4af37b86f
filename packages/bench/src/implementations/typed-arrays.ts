import type { Implementation } from '../implementation.js';
import {
  ATC_INV,
  CFGI_CD,
  COMMAND_BYTES,
  TLBI_NH_ASID,
  TLBI_NH_VA,
  TLBI_NSNH_ALL,
} from '../data/commands.js';
import { type EventFields, RECORD_BYTES } from '../data/events.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';

/** Words of 32 bits in a record. */
const RECORD = RECORD_BYTES / 4;

const byHand: Implementation = {
  form: 'main',
  name: 'typed arrays',
  version: '',
  module: import.meta.url,
  kind: 'by hand',
  note: 'a Uint32Array and a BigUint64Array over the buffer, which must be aligned, on a little-endian machine; nothing is checked',
  workloads: {
    W1a: (bytes) => {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      const wide = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
      const events: EventFields[] = [];
      for (let at = 0; at < words.length; at += RECORD) {
        const word0 = words[at + 2] ?? 0;
        events.push({
          sequence: words[at + 1] ?? 0,
          flags: words[at] ?? 0,
          EventNumber: word0 & 0xff,
          SSV: (word0 >>> 11) & 1,
          SubstreamID: word0 >>> 12,
          StreamID: words[at + 3] ?? 0,
          InputAddr: wide[(at + 6) / 2] ?? 0n,
        });
      }
      return events;
    },
    W1b: (bytes) => {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      let sum = 0;
      for (let at = 0; at < words.length; at += RECORD) {
        const word0 = words[at + 2] ?? 0;
        sum = (sum + (words[at + 1] ?? 0)) | 0;
        sum = (sum + (words[at] ?? 0)) | 0;
        sum = (sum + (word0 & 0xff)) | 0;
        sum = (sum + ((word0 >>> 11) & 1)) | 0;
        sum = (sum + (word0 >>> 12)) | 0;
        sum = (sum + (words[at + 3] ?? 0)) | 0;
        sum = (sum + (words[at + 6] ?? 0)) | 0;
        sum = (sum + (words[at + 7] ?? 0)) | 0;
      }
      return sum >>> 0;
    },
    W2: (commands) => {
      const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
      const words = new Uint32Array(bytes.buffer);
      const wide = new BigUint64Array(bytes.buffer);
      let at = 0;
      for (const command of commands) {
        switch (command.Opcode) {
          case TLBI_NH_VA:
            words[at] = TLBI_NH_VA | (command.NUM << 12) | (command.SCALE << 20);
            words[at + 1] = command.VMID | (command.ASID << 16);
            wide[(at + 2) / 2] = command.Address;
            words[at + 2] =
              (words[at + 2] ?? 0) |
              command.Leaf |
              (command.TTL128 << 7) |
              (command.TTL << 8) |
              (command.TG << 10);
            break;
          case TLBI_NH_ASID:
            words[at] = TLBI_NH_ASID;
            words[at + 1] = command.VMID | (command.ASID << 16);
            break;
          case CFGI_CD:
            words[at] = CFGI_CD | (command.SSec << 10) | (command.SubstreamID << 12);
            words[at + 1] = command.StreamID;
            words[at + 2] = command.Leaf;
            break;
          case ATC_INV:
            words[at] = ATC_INV | (command.Global << 9) | (command.SSV << 11) | (command.SubstreamID << 12);
            words[at + 1] = command.StreamID;
            wide[(at + 2) / 2] = command.Address;
            words[at + 2] = (words[at + 2] ?? 0) | command.Size;
            break;
          case TLBI_NSNH_ALL:
            words[at] = TLBI_NSNH_ALL;
            break;
        }
        at += COMMAND_BYTES / 4;
      }
      return bytes;
    },
    W3: {
      encode: ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
        const bytes = new Uint8Array(INVALIDATION_BYTES);
        const words = new Uint32Array(bytes.buffer);
        words[0] = size;
        words[1] = hwpt_id;
        new BigUint64Array(bytes.buffer)[1] = data_uptr;
        words[4] = data_type;
        words[5] = entry_len;
        words[6] = entry_num;
        words[7] = __reserved;
        return bytes;
      },
      decode: (bytes) => {
        const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
        const wide = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
        return {
          size: words[0] ?? 0,
          hwpt_id: words[1] ?? 0,
          data_uptr: wide[1] ?? 0n,
          data_type: words[4] ?? 0,
          entry_len: words[5] ?? 0,
          entry_num: words[6] ?? 0,
          __reserved: words[7] ?? 0,
        };
      },
    },
    S4a: (buffer) => {
      const words = new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 4);
      const wide = new BigUint64Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 8);
      return ({ size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved }) => {
        words[0] = size;
        words[1] = hwpt_id;
        wide[1] = data_uptr;
        words[4] = data_type;
        words[5] = entry_len;
        words[6] = entry_num;
        words[7] = __reserved;
      };
    },
    S4c: (bytes) => {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      const wide = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
      return () => ({
        size: words[0] ?? 0,
        hwpt_id: words[1] ?? 0,
        data_uptr: wide[1] ?? 0n,
        data_type: words[4] ?? 0,
        entry_len: words[5] ?? 0,
        entry_num: words[6] ?? 0,
        __reserved: words[7] ?? 0,
      });
    },
  },
};

export const implementations = [byHand];
