import { ATC_INV, CFGI_CD, type Command, TLBI_NH_ASID, TLBI_NH_VA, TLBI_NSNH_ALL } from '../data/commands.js';
import type { EventFields } from '../data/events.js';

/**
 * What most libraries leave to those who use them: fields of a few bits. They read and write words of 32 bits, and an
 * address as a bigint; this takes words apart and puts them together, the same for all of them.
 */
export function fieldsOf(
  sequence: number,
  flags: number,
  word0: number,
  StreamID: number,
  InputAddr: bigint,
): EventFields {
  return {
    sequence,
    flags,
    EventNumber: word0 & 0xff,
    SSV: (word0 >>> 11) & 1,
    SubstreamID: word0 >>> 12,
    StreamID,
    InputAddr,
  };
}

/** A command as words: two of 32 bits, and one of 64 of which the lower 12 bits are apart. */
export interface CommandWords {
  low: number;
  high: number;
  /** The upper word. */
  upper: bigint;
}

/** The first 32 bits of a command. */
export function lowWordOf(command: Command): number {
  switch (command.Opcode) {
    case TLBI_NH_VA:
      return (TLBI_NH_VA | (command.NUM << 12) | (command.SCALE << 20)) >>> 0;
    case TLBI_NH_ASID:
      return TLBI_NH_ASID;
    case CFGI_CD:
      return (CFGI_CD | (command.SSec << 10) | (command.SubstreamID << 12)) >>> 0;
    case ATC_INV:
      return (ATC_INV | (command.Global << 9) | (command.SSV << 11) | (command.SubstreamID << 12)) >>> 0;
    case TLBI_NSNH_ALL:
      return TLBI_NSNH_ALL;
  }
}

/** The next 32 bits. */
export function highWordOf(command: Command): number {
  switch (command.Opcode) {
    case TLBI_NH_VA:
    case TLBI_NH_ASID:
      return (command.VMID | (command.ASID << 16)) >>> 0;
    case CFGI_CD:
    case ATC_INV:
      return command.StreamID;
    case TLBI_NSNH_ALL:
      return 0;
  }
}

/** What is beside the address in the upper word: its lower 12 bits. */
export function attributesOf(command: Command): number {
  switch (command.Opcode) {
    case TLBI_NH_VA:
      return command.Leaf | (command.TTL128 << 7) | (command.TTL << 8) | (command.TG << 10);
    case CFGI_CD:
      return command.Leaf;
    case ATC_INV:
      return command.Size;
    case TLBI_NH_ASID:
    case TLBI_NSNH_ALL:
      return 0;
  }
}

/** The address in the upper word, whose lower 12 bits are zero. */
export function addressOf(command: Command): bigint {
  return command.Opcode === TLBI_NH_VA || command.Opcode === ATC_INV ? command.Address : 0n;
}

/** A whole command as words. */
export function wordsOf(command: Command): CommandWords {
  return {
    low: lowWordOf(command),
    high: highWordOf(command),
    upper: addressOf(command) | BigInt(attributesOf(command)),
  };
}
