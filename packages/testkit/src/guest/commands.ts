import { encode, encodeZeroFilled, smmuv3_command, type ZeroFillable } from '@iommufd/uapi';
import { array, type Encodable, u64 } from '@iommufd/uapi/struct';

/** A command; omitted fields are zero. */
export type Command = ZeroFillable<Encodable<typeof smmuv3_command>>;
/** An entry of a command queue: a command, or its two words. */
export type CommandEntry = Command | readonly [bigint, bigint];

const words = array(u64, 2);

export const commandBytes = (entry: CommandEntry): Uint8Array<ArrayBuffer> =>
  'Opcode' in entry ? encodeZeroFilled(smmuv3_command, entry) : encode(words, entry);

const { cases } = smmuv3_command;

export const SYNC = { Opcode: cases.CMD_SYNC.tag } as const;
/** A CMD_SYNC that raises an interrupt. */
export const syncIrq = (MSIAddress = 0n, MSIData = 0): Command => ({ ...SYNC, CS: 1, MSIAddress, MSIData });
export const cfgiSte = (StreamID: number, Leaf = 1): Command => ({
  Opcode: cases.CMD_CFGI_STE.tag,
  StreamID,
  Leaf,
});
export const cfgiRange = (StreamID: number, Range: number): Command => ({
  Opcode: cases.CMD_CFGI_STE_RANGE.tag,
  StreamID,
  Range,
});
export const cfgiCd = (StreamID: number, SubstreamID = 0, Leaf = 1): Command => ({
  Opcode: cases.CMD_CFGI_CD.tag,
  SubstreamID,
  StreamID,
  Leaf,
});
export const cfgiCdAll = (StreamID: number): Command => ({ Opcode: cases.CMD_CFGI_CD_ALL.tag, StreamID });
export const tlbiAsid = (ASID: number, VMID = 0): Command => ({
  Opcode: cases.CMD_TLBI_NH_ASID.tag,
  VMID,
  ASID,
});
export const NSNH_ALL = { Opcode: cases.CMD_TLBI_NSNH_ALL.tag } as const;
/** A command with a reserved opcode. */
export const BAD: readonly [bigint, bigint] = [0xffn, 0n];
