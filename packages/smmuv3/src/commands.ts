/**
 * The commands of the Non-secure queue (Arm IHI 0070, chapter 4): they invalidate cached structures and translations, resume
 * stalled transactions, send ATC invalidations and PRI responses to devices, and complete CMD_SYNC. `CommandQueue` reads the
 * commands and keeps the indexes; `queues/command-requirements.ts` defines which commands are illegal.
 */
import { SMMU_CR0, SMMU_CR2, smmuv3_cmdq_error, smmuv3_command, smmuv3_resume_action } from '@iommufd/uapi';
import { type Decoded, decode } from '@iommufd/uapi/struct';
import type { CommandEntries } from './queues/command-entries.js';
import type { CommandConsumer, Consumed } from './queues/command-queue.js';
import { CommandLegality } from './queues/command-requirements.js';
import type { Features } from './registers/features.js';
import { field32, mask32 } from './registers/fields.js';
import type { Interrupts } from './registers/interrupts.js';
import type { Registers } from './registers/registers.js';
import type { Stalls } from './stalls.js';
import type { AtcInvalidation, PriResponse, Resumption } from './stream-transaction.js';
import { isRangeLegal, rangeScope } from './translation/tlb-range.js';
import type { Regime, TlbScope } from './translation/tlb.js';
import type { Translator } from './translator.js';

const { cases } = smmuv3_command;
const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const VMW = field32(SMMU_CR0, 'VMW');
const E2H = mask32(SMMU_CR2, 'E2H');

/** A command. */
type Command = Decoded<typeof smmuv3_command>;
/** The commands of some forms. */
type Of<N extends keyof typeof cases> = Extract<Command, { readonly Opcode: (typeof cases)[N]['tag'] }>;

const DONE: Consumed = { count: 1 };
const ILLEGAL: Consumed = { count: 0, error: smmuv3_cmdq_error.CERROR_ILL };
const TIMED_OUT: Consumed = { count: 0, error: smmuv3_cmdq_error.CERROR_ATC_INV_SYNC };

/** The devices to which commands are sent. */
export interface CommandHost {
  /** Responds to a page request group. */
  respond(response: PriResponse): void;
  /** @returns false if the device did not answer */
  invalidateAtc(invalidation: AtcInvalidation): boolean;
}

/** The parts of an SMMU that commands act on. */
export interface CommandParts {
  /** The registers: SMMU_CR0.SMMUEN and VMW, SMMU_CR2.E2H. */
  readonly registers: Registers;
  /** The features of the SMMU. */
  readonly features: Features;
  /** Signals the completion of a CMD_SYNC. */
  readonly interrupts: Interrupts;
  /** The caches that commands invalidate. */
  readonly translator: Pick<Translator<unknown>, 'streams' | 'contexts' | 'tlb'>;
  /** The stalled transactions that CMD_RESUME and CMD_STALL_TERM end. */
  readonly stalls: Stalls;
  /** The devices. */
  readonly host: CommandHost;
}

const EL1_STAGE_1: readonly Regime[] = ['EL1'];
const EL1_ALL: readonly Regime[] = ['EL1', 'stage 2'];
const EVERYTHING = {
  vmidWildcard: 0,
  vmid: undefined,
  asid: undefined,
  andGlobal: true,
  range: undefined,
  level: undefined,
  granule: undefined,
};

/**
 * Carries out the commands of the Non-secure queue, one at a time, on caches, devices and stalled transactions (Arm IHI 0070,
 * chapter 4). Reserved fields are ignored.
 */
export class Commands implements CommandConsumer {
  readonly most = 1;
  private readonly legality: CommandLegality;
  /** True if a CMD_ATC_INV timed out: the next CMD_SYNC fails. */
  private atcTimedOut = false;

  /** @param parts what the commands act on */
  constructor(private readonly parts: CommandParts) {
    this.legality = new CommandLegality(parts.features);
  }

  consume(entries: CommandEntries, at: number): Consumed {
    if (!this.legality.isLegal(entries, at)) return ILLEGAL;
    return this.execute(decode(smmuv3_command, entries.bytes(at), { lenient: true }));
  }

  private execute(command: Command): Consumed {
    switch (command.Opcode) {
      case cases.CMD_CFGI_STE.tag:
        return this.invalidateSte(command.StreamID, 1, command.Leaf === 1);
      case cases.CMD_CFGI_STE_RANGE.tag: {
        const count = 2 ** (command.Range + 1);
        return this.invalidateSte(command.StreamID - (command.StreamID % count), count, false);
      }
      case cases.CMD_CFGI_CD.tag:
      case cases.CMD_CFGI_CD_ALL.tag:
        return this.invalidateCd(command);
      case cases.CMD_TLBI_NH_ALL.tag:
      case cases.CMD_TLBI_NH_ASID.tag:
      case cases.CMD_TLBI_NH_VA.tag:
      case cases.CMD_TLBI_NH_VAA.tag:
        return this.invalidateEl1(command);
      case cases.CMD_TLBI_EL2_ALL.tag:
      case cases.CMD_TLBI_EL2_ASID.tag:
      case cases.CMD_TLBI_EL2_VA.tag:
      case cases.CMD_TLBI_EL2_VAA.tag:
        return this.invalidateEl2(command);
      case cases.CMD_TLBI_S12_VMALL.tag:
      case cases.CMD_TLBI_S2_IPA.tag:
        return this.invalidateStage2(command);
      case cases.CMD_TLBI_NSNH_ALL.tag:
        return this.drop({ ...EVERYTHING, regimes: EL1_ALL });
      case cases.CMD_ATC_INV.tag:
        return this.invalidateAtc(command);
      case cases.CMD_PRI_RESP.tag:
        return this.respond(command);
      case cases.CMD_RESUME.tag:
      case cases.CMD_STALL_TERM.tag:
        return this.resume(command);
      case cases.CMD_SYNC.tag:
        return this.sync(command);
      default:
        // CMD_PREFETCH_* are hints, which may be ignored (4.2). CMD_CFGI_VMS_PIDM and CMD_DPTI_* invalidate structures that
        // this model does not cache.
        return DONE;
    }
  }

  /** 4.3.1 and 4.3.2: context descriptors reached through the STEs are invalidated too. */
  private invalidateSte(first: number, count: number, leaf: boolean): Consumed {
    const { streams, contexts } = this.parts.translator;
    streams.invalidate(first, count, leaf);
    contexts.invalidateStreams(first, count);
    return DONE;
  }

  /** 4.3.3 and 4.3.4. */
  private invalidateCd(command: Of<'CMD_CFGI_CD' | 'CMD_CFGI_CD_ALL'>): Consumed {
    const { contexts } = this.parts.translator;
    if (command.Opcode === cases.CMD_CFGI_CD_ALL.tag) contexts.invalidateStreams(command.StreamID, 1);
    else contexts.invalidate(command.StreamID, command.SubstreamID, command.Leaf === 1);
    return DONE;
  }

  /** 4.4.2.1 to 4.4.2.4. The VMID is ignored without stage 2. */
  private invalidateEl1(
    command: Of<'CMD_TLBI_NH_ALL' | 'CMD_TLBI_NH_ASID' | 'CMD_TLBI_NH_VA' | 'CMD_TLBI_NH_VAA'>,
  ): Consumed {
    const vmid = this.parts.features.stage2 ? command.VMID : undefined;
    return this.dropSelected(command, { ...EVERYTHING, regimes: EL1_STAGE_1, ...this.wildcard, vmid });
  }

  /** 4.4.2.7 to 4.4.2.10. */
  private invalidateEl2(
    command: Of<'CMD_TLBI_EL2_ALL' | 'CMD_TLBI_EL2_ASID' | 'CMD_TLBI_EL2_VA' | 'CMD_TLBI_EL2_VAA'>,
  ): Consumed {
    const { registers, features } = this.parts;
    const e2h = (registers.SMMU_CR2 & E2H) !== 0;
    if (command.Opcode === cases.CMD_TLBI_EL2_ALL.tag) {
      return this.drop({ ...EVERYTHING, regimes: ['EL2', 'EL2-E2H'] });
    }
    if (command.Opcode === cases.CMD_TLBI_EL2_ASID.tag || e2h) {
      return this.dropSelected(command, { ...EVERYTHING, regimes: ['EL2-E2H'] });
    }
    if (!isRangeLegal(command, features)) return ILLEGAL;
    return this.drop({ ...EVERYTHING, regimes: ['EL2'], ...rangeScope(command, features) });
  }

  /**
   * 4.4.3. An invalidation by IPA applies only to stage-2-only translations: those of both stages are tagged by virtual
   * address.
   */
  private invalidateStage2(command: Of<'CMD_TLBI_S12_VMALL' | 'CMD_TLBI_S2_IPA'>): Consumed {
    const scope = { ...EVERYTHING, ...this.wildcard, vmid: command.VMID };
    if (command.Opcode === cases.CMD_TLBI_S12_VMALL.tag) return this.drop({ ...scope, regimes: EL1_ALL });
    return this.dropSelected(command, { ...scope, regimes: ['stage 2'] });
  }

  /** Invalidates a scope, narrowed by the ASID and the addresses of the command. */
  private dropSelected(command: Command, scope: TlbScope): Consumed {
    const { features } = this.parts;
    const asid = 'ASID' in command ? command.ASID : undefined;
    if (!('NUM' in command)) return this.drop({ ...scope, asid, andGlobal: false });
    if (!isRangeLegal(command, features)) return ILLEGAL;
    return this.drop({ ...scope, asid, ...rangeScope(command, features) });
  }

  private drop(scope: TlbScope): Consumed {
    this.parts.translator.tlb.invalidate(scope);
    return DONE;
  }

  /** SMMU_CR0.VMW (3.17.6): values above 4 act as 0. */
  private get wildcard(): Pick<TlbScope, 'vmidWildcard'> {
    const bits = VMW.get(this.parts.registers.SMMU_CR0);
    return { vmidWildcard: bits > 4 ? 0 : bits };
  }

  /** 4.5.1. With a substream, it has no effect on an SMMU without substreams. */
  private invalidateAtc({ StreamID, SSV, SubstreamID, Global, Address, Size }: Of<'CMD_ATC_INV'>): Consumed {
    if (!this.isOn || (SSV === 1 && this.parts.features.idr1.SSIDSIZE === 0)) return DONE;
    const answered = this.parts.host.invalidateAtc({
      streamId: StreamID,
      substreamId: SSV === 1 ? SubstreamID : undefined,
      global: SSV === 1 && Global === 1,
      address: (Address >> BigInt(12 + Size)) << BigInt(12 + Size),
      size: Size,
    });
    if (!answered) this.atcTimedOut = true;
    return DONE;
  }

  /** 4.5.2. */
  private respond({ StreamID, SSV, SubstreamID, PRGIndex, Resp }: Of<'CMD_PRI_RESP'>): Consumed {
    if (!this.isOn) return DONE;
    const substreamId = SSV === 1 ? SubstreamID : undefined;
    const response = { streamId: StreamID, substreamId, prgIndex: PRGIndex, response: Resp };
    return { count: 1, then: () => this.parts.host.respond(response) };
  }

  /** 4.7.1 and 4.7.2. */
  private resume(command: Of<'CMD_RESUME' | 'CMD_STALL_TERM'>): Consumed {
    const { stalls, features } = this.parts;
    if (command.Opcode === cases.CMD_STALL_TERM.tag) {
      stalls.abort(command.StreamID);
    } else {
      const aborts = command.Abort === 1 || features.idr0.TERM_MODEL === 1;
      const end: Resumption = aborts ? 'abort' : 'terminate';
      const how = command.Action === smmuv3_resume_action.Retry ? 'retry' : end;
      stalls.resume(command.StreamID, command.STAG, how);
    }
    // A STAG is free now: transactions that wait for one are retried.
    stalls.retryUnrecorded();
    return DONE;
  }

  /** 4.7.3. Nothing to wait for: every earlier command has completed already. */
  private sync({ CS, MSIData, MSIAddress }: Of<'CMD_SYNC'>): Consumed {
    if (this.atcTimedOut) {
      this.atcTimedOut = false;
      return TIMED_OUT;
    }
    const then = this.parts.interrupts.syncCompletion(CS, MSIAddress, MSIData);
    return then === undefined ? DONE : { count: 1, then };
  }

  private get isOn(): boolean {
    return (this.parts.registers.SMMU_CR0 & SMMUEN) !== 0;
  }
}
