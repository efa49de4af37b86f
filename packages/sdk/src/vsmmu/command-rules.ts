import { smmuv3_command, type SMMU_IDR0 } from '@iommufd/uapi';
import { maskOf } from '@iommufd/uapi/struct';
import { type Shown } from './id-registers.js';
import { field32 } from './masks.js';

/** The name of a command. */
export type CommandName = keyof typeof smmuv3_command.cases;

/**
 * What is done with a command:
 * - `forward`: the kernel does it. Neighbours go together.
 * - `forward-of-stream`: the same, if its StreamID has a device; else there is nothing to do.
 * - `nothing`: a hint, that is taken and has no effect.
 * - `configure`: the stream gets what its stream table entry says now.
 * - `configure-range`: all streams of the range do.
 * - `respond`: the answer goes to whoever asked for pages.
 * - `sync`: all before it is done; that is told.
 * - `illegal`: the queue stops with CERROR_ILL.
 */
export type Handling =
  | 'forward'
  | 'forward-of-stream'
  | 'nothing'
  | 'configure'
  | 'configure-range'
  | 'respond'
  | 'sync'
  | 'illegal';

/** What is done with a command, and without which feature it is illegal. */
export interface CommandRule {
  readonly then: Handling;
  /** The field of SMMU_IDR0 that must be 1. */
  readonly needs?: keyof typeof SMMU_IDR0.fields & ('ATS' | 'PRI' | 'S1P');
  /** Why it is illegal. */
  readonly why?: string;
}

const secure: CommandRule = { then: 'illegal', why: 'Only in the Secure command queue.' };
const hyp: CommandRule = { then: 'illegal', why: 'SMMU_IDR0.Hyp is 0.' };
const stage2: CommandRule = { then: 'illegal', why: 'SMMU_IDR0.S2P is 0.' };
const stall: CommandRule = { then: 'illegal', why: 'SMMU_IDR0.STALL_MODEL is 1: nothing stalls.' };
const dpt: CommandRule = { then: 'illegal', why: 'SMMU_IDR3.DPT is 0.' };

/**
 * Every command. What is not here, opcodes of the implementation too, is illegal; so is one that has SSec and sets it,
 * since this is the Non-secure queue. Which bits of a forwarded command must be zero is the kernel's to say: it refuses
 * what the architecture lets an SMMU find illegal. Source: Arm IHI 0070, chapter 4; 4.1.2 for SSec.
 */
export const commandRules: { readonly [C in CommandName]: CommandRule } = {
  CMD_PREFETCH_CONFIG: { then: 'nothing' },
  CMD_PREFETCH_ADDR: { then: 'nothing' },
  CMD_CFGI_STE: { then: 'configure' },
  CMD_CFGI_STE_RANGE: { then: 'configure-range' },
  CMD_CFGI_CD: { then: 'forward-of-stream' },
  CMD_CFGI_CD_ALL: { then: 'forward-of-stream' },
  CMD_CFGI_VMS_PIDM: { then: 'illegal', why: 'SMMU_IDR3.MPAM is 0.' },
  CMD_TLBI_NH_ALL: { then: 'forward', needs: 'S1P' },
  CMD_TLBI_NH_ASID: { then: 'forward', needs: 'S1P' },
  CMD_TLBI_NH_VA: { then: 'forward', needs: 'S1P' },
  CMD_TLBI_NH_VAA: { then: 'forward', needs: 'S1P' },
  CMD_TLBI_EL3_ALL: secure,
  CMD_TLBI_EL3_VA: secure,
  CMD_TLBI_EL2_ALL: hyp,
  CMD_TLBI_EL2_ASID: hyp,
  CMD_TLBI_EL2_VA: hyp,
  CMD_TLBI_EL2_VAA: hyp,
  CMD_TLBI_S12_VMALL: stage2,
  CMD_TLBI_S2_IPA: stage2,
  CMD_TLBI_NSNH_ALL: { then: 'forward' },
  CMD_ATC_INV: { then: 'forward-of-stream', needs: 'ATS' },
  CMD_PRI_RESP: { then: 'respond', needs: 'PRI' },
  CMD_RESUME: stall,
  CMD_STALL_TERM: stall,
  CMD_SYNC: { then: 'sync' },
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

/** Within bits 95 to 64. */
const SIZE = field32(smmuv3_command.form('CMD_ATC_INV'), 'Size');
const ATC_INV = smmuv3_command.cases.CMD_ATC_INV.tag;
/** 2^52 pages of 4 KiB are all addresses; beyond it hardware may stop its own queue. Arm IHI 0070, 4.5.1. */
const LARGEST_ATC_SIZE = 52;

/** Decides by the bits of a command that its opcode makes count, for the features that a guest is shown. */
export class CommandDecoder {
  private readonly byOpcode = new Array<Handling>(256).fill('illegal');
  /** For each opcode, the bits that must be zero here. */
  private readonly forbidden = new Uint32Array(256);

  constructor({ idr0 }: Pick<Shown, 'idr0'>) {
    for (const [name, { tag, fields }] of Object.entries(smmuv3_command.cases)) {
      if (!isCommand(name)) continue;
      const { then, needs } = commandRules[name];
      this.byOpcode[tag] = needs === undefined || idr0[needs] === 1 ? then : 'illegal';
      if ('SSec' in fields) this.forbidden[tag] = SSEC;
    }
  }

  /**
   * @param low bits 31 to 0 of the command
   * @param third bits 95 to 64
   */
  handlingOf(low: number, third: number): Handling {
    const opcode = low & 0xff;
    if ((low & (this.forbidden[opcode] ?? 0)) !== 0) return 'illegal';
    if (opcode === ATC_INV && SIZE.get(third) > LARGEST_ATC_SIZE) return 'illegal';
    return this.byOpcode[opcode] ?? 'illegal';
  }
}

const SSEC = Number(maskOf(smmuv3_command.form('CMD_CFGI_STE'), 'SSec'));

const isCommand = (name: string): name is CommandName => Object.hasOwn(commandRules, name);
