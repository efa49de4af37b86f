import { expect, test } from '@jest/globals';
import { array } from '../struct/array.js';
import { annotate, decode, encode } from '../struct/codec.js';
import { u64 } from '../struct/integer.js';
import type { Decoded } from '../struct/type.js';
import {
  CMD_CFGI_ALL,
  isCfgiAll,
  smmuv3_command,
  smmuv3_pri_response,
  smmuv3_resume_action,
  smmuv3_sync_signal,
  smmuv3_tlbi_granule,
} from './command.js';
import { smmuv3_mem_attr, smmuv3_shareability } from './attributes.js';

type Command = Decoded<typeof smmuv3_command>;

/** Commands as a driver issues them. */
const issued: [name: string, command: Command, word0: bigint, word1: bigint][] = [
  ['CMD_CFGI_STE', { Opcode: 0x03, SSec: 0, StreamID: 0x123, Leaf: 1 }, 0x0000_0123_0000_0003n, 1n],
  ['CMD_CFGI_STE_RANGE', { ...CMD_CFGI_ALL }, 0x4n, 0x1fn],
  [
    'CMD_CFGI_CD',
    { Opcode: 0x05, SSec: 0, SubstreamID: 0xabcde, StreamID: 0x8000_0001, Leaf: 1 },
    0x8000_0001_abcd_e005n,
    1n,
  ],
  [
    'CMD_TLBI_NH_VA',
    {
      Opcode: 0x12,
      NUM: 0,
      SCALE: 0,
      Leaf: 1,
      TTL128: 0,
      TTL: 0,
      TG: 0,
      VMID: 1,
      ASID: 5,
      Address: 0x7f00_0000_1000n,
    },
    0x0005_0001_0000_0012n,
    0x7f00_0000_1001n,
  ],
  [
    'CMD_TLBI_S2_IPA',
    {
      Opcode: 0x2a,
      NUM: 31,
      SCALE: 1,
      Leaf: 0,
      TTL128: 0,
      TTL: 3,
      TG: smmuv3_tlbi_granule.GRANULE_64KB,
      VMID: 0x102,
      Address: 0xff_0000_4000_0000n,
    },
    0x0000_0102_0011_f02an,
    0x00ff_0000_4000_0f00n,
  ],
  [
    'CMD_ATC_INV',
    { Opcode: 0x40, Global: 0, SSV: 1, SubstreamID: 3, StreamID: 0x10, Size: 52, Address: 0n },
    0x0000_0010_0000_3840n,
    0x34n,
  ],
  [
    'CMD_PRI_RESP',
    {
      Opcode: 0x41,
      SSV: 0,
      SubstreamID: 0,
      StreamID: 0x10,
      PRGIndex: 0x101,
      Resp: smmuv3_pri_response.Success,
    },
    0x0000_0010_0000_0041n,
    0x2101n,
  ],
  [
    'CMD_RESUME',
    {
      Opcode: 0x44,
      SSec: 0,
      Action: smmuv3_resume_action.Retry,
      Abort: 0,
      StreamID: 0x123,
      STAG: 0x42,
    },
    0x0000_0123_0000_1044n,
    0x42n,
  ],
  [
    'CMD_SYNC',
    {
      Opcode: 0x46,
      CS: smmuv3_sync_signal.SIG_IRQ,
      MSH: smmuv3_shareability.ISH,
      MSIAttr: smmuv3_mem_attr.OWB_IWB,
      MSIData: 0,
      MSIAddress: 0x8_1234_5670n,
      MSI_NS: 0,
    },
    0x0fc0_1046n,
    0x8_1234_5670n,
  ],
];

test.each(issued)('%s', (name, command, word0, word1) => {
  const bytes = encode(array(u64, 2), [word0, word1]);
  expect(encode(smmuv3_command, command)).toEqual(bytes);
  expect(decode(smmuv3_command, bytes)).toEqual(command);
  expect(smmuv3_command.nameOf(command.Opcode)).toBe(name);
});

test('CMD_CFGI_ALL is the range of all streams', () => {
  expect(isCfgiAll(CMD_CFGI_ALL)).toBe(true);
  expect(isCfgiAll({ ...CMD_CFGI_ALL, StreamID: 7 })).toBe(true);
  expect(isCfgiAll({ ...CMD_CFGI_ALL, Range: 30 })).toBe(false);
  expect(isCfgiAll({ Opcode: 0x06, SSec: 0, StreamID: 0 })).toBe(false);
});

test('the printed form names encodings', () => {
  const sync = encode(array(u64, 2), [0x0fc0_1046n, 0n]);
  const fields = annotate(smmuv3_command, sync).flatMap(({ bits = [] }) => bits);
  const text = Object.fromEntries(fields.map(({ name, text }) => [name, text]));
  expect(text).toMatchObject({ CS: 'SIG_IRQ', MSH: 'ISH', MSIAttr: 'OWB_IWB', MSIAddress: '0x0' });
});

test('opcodes without a form keep their bytes', () => {
  const own = encode(array(u64, 2), [0x1234_0080n, 5n]);
  const command = decode(smmuv3_command, own);
  expect(command).toEqual({ Opcode: 0x80, raw: own });
  expect(encode(smmuv3_command, command)).toEqual(own);
});

test('a command has the fields of its opcode and no others', () => {
  // @ts-expect-error CMD_TLBI_NH_VAA has no ASID
  ({ Opcode: 0x13, ASID: 1 }) satisfies Command;
  const nothing: Command = { Opcode: 0x30 };
  expect(encode(smmuv3_command, nothing)).toEqual(encode(array(u64, 2), [0x30n, 0n]));
  expect(() => decode(smmuv3_command, encode(array(u64, 2), [0x0001_0000_0000_0030n, 0n]))).toThrow('48');
});

/** This compiles only while Opcode tells the forms apart. */
function tagsOf(command: Command): number[] {
  switch (command.Opcode) {
    case 0x12:
      return [command.VMID, command.ASID];
    case smmuv3_command.cases.CMD_TLBI_NH_VAA.tag:
      // @ts-expect-error it is for every ASID
      command.ASID;
      return [command.VMID];
    default:
      // @ts-expect-error not all commands have a VMID
      command.VMID;
      return [];
  }
}

test('Opcode tells the fields apart', () => {
  expect(issued.map(([, command]) => tagsOf(command)).flat()).toEqual([1, 5]);
});
