import type { CommandEntries } from '@iommufd/smmuv3';
import {
  CommandLegality,
  type CommandName,
  type Features,
  field32,
  foreignCommands,
  mask32,
} from '@iommufd/smmuv3';
import { smmuv3_command } from '@iommufd/uapi';

const { CMD_ATC_INV, CMD_CFGI_CD } = smmuv3_command.cases;
const CD_INDEX = field32(smmuv3_command.form('CMD_CFGI_CD'), 'SubstreamID');
const ATC_INV = smmuv3_command.form('CMD_ATC_INV');
const SSV = mask32(ATC_INV, 'SSV');
/** Fields that are used only if SSV is 1. */
const OF_SUBSTREAM = BigInt((mask32(ATC_INV, 'SubstreamID') | mask32(ATC_INV, 'Global')) >>> 0);

/**
 * How a command is handled:
 * - `forward`: the kernel executes it. Adjacent ones are passed in one call.
 * - `forward-of-stream`: the same if its StreamID has a device; otherwise it has no effect.
 * - `nothing`: a hint without effect.
 * - `configure`: the stream is configured from its STE.
 * - `configure-range`: all streams of the range are configured.
 * - `respond`: the response is passed to the device that sent the page request.
 * - `sync`: all commands before it have completed; it signals completion if requested.
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

/**
 * How each command is handled if it is legal for the guest's features (`commandRequirements`). Commands of features that no guest has
 * are `illegal`. The kernel checks the reserved bits of forwarded commands; it refuses only commands that the architecture permits an
 * SMMU to treat as illegal.
 */
export const commandRules: { readonly [C in CommandName]: Handling } = {
  CMD_PREFETCH_CONFIG: 'nothing',
  CMD_PREFETCH_ADDR: 'nothing',
  CMD_CFGI_STE: 'configure',
  CMD_CFGI_STE_RANGE: 'configure-range',
  CMD_CFGI_CD: 'forward-of-stream',
  CMD_CFGI_CD_ALL: 'forward-of-stream',
  CMD_CFGI_VMS_PIDM: 'illegal',
  CMD_TLBI_NH_ALL: 'forward',
  CMD_TLBI_NH_ASID: 'forward',
  CMD_TLBI_NH_VA: 'forward',
  CMD_TLBI_NH_VAA: 'forward',
  CMD_TLBI_EL3_ALL: 'illegal',
  CMD_TLBI_EL3_VA: 'illegal',
  CMD_TLBI_EL2_ALL: 'illegal',
  CMD_TLBI_EL2_ASID: 'illegal',
  CMD_TLBI_EL2_VA: 'illegal',
  CMD_TLBI_EL2_VAA: 'illegal',
  CMD_TLBI_S12_VMALL: 'illegal',
  CMD_TLBI_S2_IPA: 'illegal',
  CMD_TLBI_NSNH_ALL: 'forward',
  CMD_ATC_INV: 'forward-of-stream',
  CMD_PRI_RESP: 'respond',
  CMD_RESUME: 'illegal',
  CMD_STALL_TERM: 'illegal',
  CMD_SYNC: 'sync',
  CMD_TLBI_S_EL2_ALL: 'illegal',
  CMD_TLBI_S_EL2_ASID: 'illegal',
  CMD_TLBI_S_EL2_VA: 'illegal',
  CMD_TLBI_S_EL2_VAA: 'illegal',
  CMD_TLBI_S_S12_VMALL: 'illegal',
  CMD_TLBI_S_S2_IPA: 'illegal',
  CMD_TLBI_SNH_ALL: 'illegal',
  CMD_DPTI_ALL: 'illegal',
  CMD_DPTI_PA: 'illegal',
};

/** Decides how a guest's commands are handled. */
export class CommandDecoder {
  private readonly byOpcode = new Array<Handling>(256).fill('illegal');
  private readonly legality: CommandLegality;
  private readonly hasSubstreams: boolean;

  /** @param features the guest's features */
  constructor(features: Pick<Features, 'idr0' | 'idr1' | 'idr3' | 'departures'>) {
    this.legality = new CommandLegality(features);
    this.hasSubstreams = features.idr1.SSIDSIZE > 0;
    for (const [name, { tag }] of Object.entries(smmuv3_command.cases))
      if (isCommandName(name)) this.byOpcode[tag] = commandRules[name];
    if (features.departures.acceptsForeignCommands === true)
      for (const name of foreignCommands) this.byOpcode[smmuv3_command.cases[name].tag] = 'nothing';
  }

  /** How the nth command is handled. */
  handlingOf(entries: CommandEntries, at: number): Handling {
    if (!this.legality.isLegal(entries, at)) return 'illegal';
    const low = entries.low(at);
    if (!this.hasSubstreams && isOfSubstream(low)) return 'nothing';
    return this.byOpcode[low & 0xff] ?? 'illegal';
  }

  /**
   * The nth command for the host. If the guest has no substreams, the fields of CMD_ATC_INV that are ignored then (4.5.1) are cleared,
   * because a kernel whose SMMU has no substreams either would refuse them.
   */
  wordsOf(entries: CommandEntries, at: number): [bigint, bigint] {
    const [word0, word1] = entries.words(at);
    const ignored = this.hasSubstreams || (entries.low(at) & 0xff) !== CMD_ATC_INV.tag ? 0n : OF_SUBSTREAM;
    return [word0 & ~ignored, word1];
  }
}

/**
 * True if the command is about a substream. If the guest has no substreams, the architecture permits it to have no effect, but not to
 * be illegal: the index of a CMD_CFGI_CD is out of range (4.1.7, 4.3.3), and so is SSV of a CMD_ATC_INV (4.5.1).
 */
function isOfSubstream(low: number): boolean {
  switch (low & 0xff) {
    case CMD_CFGI_CD.tag:
      return CD_INDEX.get(low) !== 0;
    case CMD_ATC_INV.tag:
      return (low & SSV) !== 0;
    default:
      return false;
  }
}

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandRules, name);
