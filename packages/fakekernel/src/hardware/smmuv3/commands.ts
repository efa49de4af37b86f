import { smmuv3_cmdq_error, smmuv3_command, smmuv3_resume_action, smmuv3_stall_model } from '@iommufd/uapi';
import type { Command } from './command-queue.js';
import type { Features } from './features.js';
import { isRangeLegal, rangeScope } from './invalidation.js';
import type { Registers } from './registers.js';
import type { Stalls } from './stalls.js';
import type { AtcInvalidation, PriResponse, Resumption } from './stream-transaction.js';
import type { Regime, TlbScope } from './tlb.js';
import type { Translator } from './translator.js';

const { CERROR_NONE, CERROR_ILL, CERROR_ATC_INV_SYNC } = smmuv3_cmdq_error;
const { cases } = smmuv3_command;

/** The devices that commands reach. */
export interface CommandHost {
  respond(response: PriResponse): void;
  /** @returns false if the device did not answer */
  invalidateAtc(invalidation: AtcInvalidation): boolean;
}

/** The largest Size of CMD_ATC_INV: all addresses. */
const ATC_INV_SIZE_ALL = 52;

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

/** Carries out the commands of the Non-secure queue (Arm IHI 0070, chapter 4). Reserved fields are ignored. */
export class Commands {
  /** A CMD_ATC_INV was not answered: the next CMD_SYNC fails. */
  private atcTimedOut = false;

  constructor(
    private readonly registers: Registers,
    private readonly features: Features,
    private readonly translator: Translator,
    private readonly stalls: Stalls,
    private readonly host: CommandHost,
  ) {}

  /** @returns a number of `smmuv3_cmdq_error` */
  execute(command: Command): number {
    // In this queue there are no Secure streams.
    if ('SSec' in command && command.SSec === 1) return CERROR_ILL;
    switch (command.Opcode) {
      case cases.CMD_PREFETCH_CONFIG.tag:
      case cases.CMD_PREFETCH_ADDR.tag:
        // Hints, which need not be taken (4.2).
        return CERROR_NONE;
      case cases.CMD_CFGI_STE.tag:
        return this.invalidateSte(command.StreamID, 1, command.Leaf === 1);
      case cases.CMD_CFGI_STE_RANGE.tag: {
        const count = 2 ** (command.Range + 1);
        return this.invalidateSte(command.StreamID - (command.StreamID % count), count, false);
      }
      case cases.CMD_CFGI_CD.tag:
      case cases.CMD_CFGI_CD_ALL.tag:
        return this.invalidateCd(command);
      case cases.CMD_CFGI_VMS_PIDM.tag:
        return legalIf(this.features.idr3.MPAM === 1);
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
        return this.sync(command.CS);
      case cases.CMD_DPTI_ALL.tag:
      case cases.CMD_DPTI_PA.tag:
        return legalIf(this.features.idr3.DPT === 1);
      default:
        // Those of EL3 and of the Secure world are not for this queue (4.4.2).
        return CERROR_ILL;
    }
  }

  /** 4.3.1 and 4.3.2: what was reached through the STEs goes too. */
  private invalidateSte(first: number, count: number, leaf: boolean): number {
    this.translator.streams.invalidate(first, count, leaf);
    this.translator.contexts.invalidateStreams(first, count);
    return CERROR_NONE;
  }

  /** 4.3.3 and 4.3.4. */
  private invalidateCd(command: Of<'CMD_CFGI_CD' | 'CMD_CFGI_CD_ALL'>): number {
    if (!this.features.stage1) return CERROR_ILL;
    const { contexts } = this.translator;
    if (command.Opcode === cases.CMD_CFGI_CD_ALL.tag) contexts.invalidateStreams(command.StreamID, 1);
    else contexts.invalidate(command.StreamID, command.SubstreamID, command.Leaf === 1);
    return CERROR_NONE;
  }

  /** 4.4.2.1 to 4.4.2.4. VMIDs count only if there is a stage 2. */
  private invalidateEl1(
    command: Of<'CMD_TLBI_NH_ALL' | 'CMD_TLBI_NH_ASID' | 'CMD_TLBI_NH_VA' | 'CMD_TLBI_NH_VAA'>,
  ): number {
    if (!this.features.stage1) return CERROR_ILL;
    const vmid = this.features.stage2 ? command.VMID : undefined;
    return this.dropSelected(command, { ...EVERYTHING, regimes: EL1_STAGE_1, ...this.wildcard, vmid });
  }

  /** 4.4.2.7 to 4.4.2.10. */
  private invalidateEl2(
    command: Of<'CMD_TLBI_EL2_ALL' | 'CMD_TLBI_EL2_ASID' | 'CMD_TLBI_EL2_VA' | 'CMD_TLBI_EL2_VAA'>,
  ): number {
    if (this.features.idr0.Hyp === 0) return CERROR_ILL;
    const e2h = this.registers.cr2.E2H === 1;
    if (command.Opcode === cases.CMD_TLBI_EL2_ALL.tag) {
      return this.drop({ ...EVERYTHING, regimes: ['EL2', 'EL2-E2H'] });
    }
    if (command.Opcode === cases.CMD_TLBI_EL2_ASID.tag || e2h) {
      return this.dropSelected(command, { ...EVERYTHING, regimes: ['EL2-E2H'] });
    }
    if (!isRangeLegal(command, this.features)) return CERROR_ILL;
    return this.drop({ ...EVERYTHING, regimes: ['EL2'], ...rangeScope(command, this.features) });
  }

  /** 4.4.3. By IPA only translations of stage 2 alone go: the others are found by their virtual address. */
  private invalidateStage2(command: Of<'CMD_TLBI_S12_VMALL' | 'CMD_TLBI_S2_IPA'>): number {
    if (!this.features.stage2) return CERROR_ILL;
    const scope = { ...EVERYTHING, ...this.wildcard, vmid: command.VMID };
    if (command.Opcode === cases.CMD_TLBI_S12_VMALL.tag) return this.drop({ ...scope, regimes: EL1_ALL });
    return this.dropSelected(command, { ...scope, regimes: ['stage 2'] });
  }

  /** Narrows a scope by the ASID and the addresses that a command has. */
  private dropSelected(command: Command, scope: TlbScope): number {
    const asid = 'ASID' in command ? command.ASID : undefined;
    if (!('NUM' in command)) return this.drop({ ...scope, asid, andGlobal: false });
    if (!isRangeLegal(command, this.features)) return CERROR_ILL;
    return this.drop({ ...scope, asid, ...rangeScope(command, this.features) });
  }

  private drop(scope: TlbScope): number {
    this.translator.tlb.invalidate(scope);
    return CERROR_NONE;
  }

  /** SMMU_CR0.VMW (3.17.6): values above 4 act as 0. */
  private get wildcard(): Pick<TlbScope, 'vmidWildcard'> {
    const { VMW } = this.registers.cr0;
    return { vmidWildcard: VMW > 4 ? 0 : VMW };
  }

  /** 4.5.1. */
  private invalidateAtc(command: Of<'CMD_ATC_INV'>): number {
    const { StreamID, SSV, SubstreamID, Global, Address, Size } = command;
    if (this.features.idr0.ATS === 0 || Size > ATC_INV_SIZE_ALL) return CERROR_ILL;
    if (this.registers.cr0.SMMUEN === 0) return CERROR_NONE;
    const answered = this.host.invalidateAtc({
      streamId: StreamID,
      substreamId: SSV === 1 ? SubstreamID : undefined,
      global: SSV === 1 && Global === 1,
      address: (Address >> BigInt(12 + Size)) << BigInt(12 + Size),
      size: Size,
    });
    if (!answered) this.atcTimedOut = true;
    return CERROR_NONE;
  }

  /** 4.5.2. */
  private respond({ StreamID, SSV, SubstreamID, PRGIndex, Resp }: Of<'CMD_PRI_RESP'>): number {
    if (this.features.idr0.PRI === 0 || Resp === 3) return CERROR_ILL;
    if (this.registers.cr0.SMMUEN === 0) return CERROR_NONE;
    const substreamId = SSV === 1 ? SubstreamID : undefined;
    this.host.respond({ streamId: StreamID, substreamId, prgIndex: PRGIndex, response: Resp });
    return CERROR_NONE;
  }

  /** 4.7.1 and 4.7.2. */
  private resume(command: Of<'CMD_RESUME' | 'CMD_STALL_TERM'>): number {
    const { STALL_MODEL, TERM_MODEL } = this.features.idr0;
    if (STALL_MODEL === smmuv3_stall_model.TERMINATE) return CERROR_ILL;
    if (command.Opcode === cases.CMD_STALL_TERM.tag) {
      this.stalls.abort(command.StreamID);
    } else {
      const aborts = command.Abort === 1 || TERM_MODEL === 1;
      const end: Resumption = aborts ? 'abort' : 'terminate';
      const how = command.Action === smmuv3_resume_action.Retry ? 'retry' : end;
      this.stalls.resume(command.StreamID, command.STAG, how);
    }
    // Those that had no room may have it now.
    this.stalls.retryUnrecorded();
    return CERROR_NONE;
  }

  /** 4.7.3: everything before it is done already. */
  private sync(CS: number): number {
    if (CS === 3) return CERROR_ILL;
    if (!this.atcTimedOut) return CERROR_NONE;
    this.atcTimedOut = false;
    return CERROR_ATC_INV_SYNC;
  }
}

/** A command of one of these forms. */
type Of<N extends keyof typeof cases> = Extract<Command, { readonly Opcode: (typeof cases)[N]['tag'] }>;

const legalIf = (legal: boolean): number => (legal ? CERROR_NONE : CERROR_ILL);
