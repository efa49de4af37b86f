/**
 * The legality of commands of the Non-secure queue: the features that each command requires, and the reserved field
 * values (Arm IHI 0070, chapter 4). An illegal command stops the queue with CERROR_ILL. Both consumers of the queue use
 * it: `commands.ts`, which executes commands, and the SDK's, which passes them to the host kernel.
 */
import { smmuv3_command, smmuv3_stall_model } from '@iommufd/uapi';
import { maskOf } from '@iommufd/uapi/struct';
import type { Features } from '../registers/features.js';
import { field32 } from '../registers/fields.js';
import type { CommandEntries } from './command-entries.js';

/** The name of a command. */
export type CommandName = keyof typeof smmuv3_command.cases;

/**
 * Returns true if an SMMU has the feature that a command requires. Otherwise the command is illegal in the Non-secure
 * queue.
 */
export type CommandRequirement = (features: Pick<Features, 'idr0' | 'idr3'>) => boolean;

const nothing: CommandRequirement = () => true;
/** Legal only in the Secure queue. */
const secure: CommandRequirement = () => false;
const stage1: CommandRequirement = ({ idr0 }) => idr0.S1P === 1;
const stage2: CommandRequirement = ({ idr0 }) => idr0.S2P === 1;
const hyp: CommandRequirement = ({ idr0 }) => idr0.Hyp === 1;
const ats: CommandRequirement = ({ idr0 }) => idr0.ATS === 1;
const pri: CommandRequirement = ({ idr0 }) => idr0.PRI === 1;
/** Requires support of stalls. */
const stalls: CommandRequirement = ({ idr0 }) => idr0.STALL_MODEL !== smmuv3_stall_model.TERMINATE;
const mpam: CommandRequirement = ({ idr3 }) => idr3.MPAM === 1;
const dpt: CommandRequirement = ({ idr3 }) => idr3.DPT === 1;

/**
 * Every command and its requirement. Any other opcode is illegal, including IMPLEMENTATION DEFINED ones.
 * Source: Arm IHI 0070, chapter 4.
 */
export const commandRequirements: { readonly [C in CommandName]: CommandRequirement } = {
  CMD_PREFETCH_CONFIG: nothing,
  CMD_PREFETCH_ADDR: nothing,
  CMD_CFGI_STE: nothing,
  CMD_CFGI_STE_RANGE: nothing,
  CMD_CFGI_CD: stage1,
  CMD_CFGI_CD_ALL: stage1,
  CMD_CFGI_VMS_PIDM: mpam,
  CMD_TLBI_NH_ALL: stage1,
  CMD_TLBI_NH_ASID: stage1,
  CMD_TLBI_NH_VA: stage1,
  CMD_TLBI_NH_VAA: stage1,
  CMD_TLBI_EL3_ALL: secure,
  CMD_TLBI_EL3_VA: secure,
  CMD_TLBI_EL2_ALL: hyp,
  CMD_TLBI_EL2_ASID: hyp,
  CMD_TLBI_EL2_VA: hyp,
  CMD_TLBI_EL2_VAA: hyp,
  CMD_TLBI_S12_VMALL: stage2,
  CMD_TLBI_S2_IPA: stage2,
  CMD_TLBI_NSNH_ALL: nothing,
  CMD_ATC_INV: ats,
  CMD_PRI_RESP: pri,
  CMD_RESUME: stalls,
  CMD_STALL_TERM: stalls,
  CMD_SYNC: nothing,
  CMD_TLBI_S_EL2_ALL: secure,
  CMD_TLBI_S_EL2_ASID: secure,
  CMD_TLBI_S_EL2_VA: secure,
  CMD_TLBI_S_EL2_VAA: secure,
  CMD_TLBI_S_S12_VMALL: secure,
  CMD_TLBI_S_S2_IPA: secure,
  CMD_TLBI_SNH_ALL: secure,
  CMD_DPTI_ALL: dpt,
  CMD_DPTI_PA: dpt,
};

/** The mask of SSec in bits 31 to 0: the command is for Secure streams. */
const SSEC = Number(maskOf(smmuv3_command.form('CMD_CFGI_STE'), 'SSec'));
const CS = field32(smmuv3_command.form('CMD_SYNC'), 'CS');
/** Fields of bits 95 to 64. */
const SIZE = field32(smmuv3_command.form('CMD_ATC_INV'), 'Size');
const RESP = field32(smmuv3_command.form('CMD_PRI_RESP'), 'Resp');
const { CMD_ATC_INV, CMD_PRI_RESP, CMD_SYNC } = smmuv3_command.cases;
/** 2^52 pages of 4 KiB are all addresses (Arm IHI 0070, 4.5.1). */
const LARGEST_ATC_SIZE = 52;
/** The reserved value of CMD_SYNC's CS and CMD_PRI_RESP's Resp. */
const RESERVED = 3;

/** The commands that `Departures.acceptsForeignCommands` accepts without the feature. */
export const foreignCommands: ReadonlySet<CommandName> = new Set([
  'CMD_TLBI_EL3_ALL',
  'CMD_TLBI_EL3_VA',
  'CMD_TLBI_EL2_ALL',
  'CMD_TLBI_EL2_ASID',
  'CMD_TLBI_EL2_VA',
  'CMD_TLBI_EL2_VAA',
  'CMD_ATC_INV',
  'CMD_PRI_RESP',
  'CMD_RESUME',
  'CMD_STALL_TERM',
]);

/**
 * Finds illegal commands by opcode, features and reserved values. The range fields of TLB invalidations are checked in
 * `translation/tlb-range.ts`. Source: Arm IHI 0070, chapter 4; 4.1.2 for SSec.
 */
export class CommandLegality {
  private readonly known = new Uint8Array(256);
  /** For each opcode, 1 if the command has no effect: its fields are not checked. */
  private readonly foreign = new Uint8Array(256);
  /** For each opcode, the mask of the bits in the lowest 32 that must be zero. */
  private readonly forbidden = new Uint32Array(256);

  private readonly largestCs: number;

  /** @param features the features of the SMMU */
  constructor(features: Pick<Features, 'idr0' | 'idr3' | 'departures'>) {
    const { acceptsForeignCommands = false } = features.departures;
    for (const [name, isMet] of Object.entries(commandRequirements)) {
      if (!isCommandName(name)) continue;
      const { tag, fields } = smmuv3_command.cases[name];
      this.known[tag] = isMet(features) ? 1 : 0;
      if (acceptsForeignCommands && !isMet(features) && foreignCommands.has(name)) this.foreign[tag] = 1;
      if ('SSec' in fields && !(acceptsForeignCommands && !name.startsWith('CMD_CFGI')))
        this.forbidden[tag] = SSEC;
    }
    this.largestCs = acceptsForeignCommands ? RESERVED : RESERVED - 1;
  }

  /** True if the nth command is legal. */
  isLegal(entries: CommandEntries, at: number): boolean {
    const low = entries.low(at);
    const opcode = low & 0xff;
    if (this.foreign[opcode] === 1) return true;
    if (this.known[opcode] !== 1 || (low & (this.forbidden[opcode] ?? 0)) !== 0) return false;
    switch (opcode) {
      case CMD_ATC_INV.tag:
        return SIZE.get(entries.third(at)) <= LARGEST_ATC_SIZE;
      case CMD_PRI_RESP.tag:
        return RESP.get(entries.third(at)) !== RESERVED;
      case CMD_SYNC.tag:
        return CS.get(low) <= this.largestCs;
      default:
        return true;
    }
  }
}

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandRequirements, name);
