/**
 * Handles transactions and translation requests of devices: translates them and, if that fails, records an event, stalls or
 * aborts (Arm IHI 0070, 3.9, 3.12 and 5.5). `Smmuv3` uses it for its devices, the SDK's virtual SMMU for devices that a VMM
 * emulates.
 */
import { SMMU_CR0, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';
import { type Access, badAtsRequest, faultEvent } from './events.js';
import { type Failure, reject, type TranslationFault } from './failure.js';
import { PAGE } from './memory.js';
import type { EventQueue } from './queues/event-queue.js';
import type { PageRequest } from './queues/pri-queue.js';
import type { Features } from './registers/features.js';
import { mask32 } from './registers/fields.js';
import type { Registers } from './registers/registers.js';
import type { Stalls } from './stalls.js';
import type {
  AtsOutcome,
  PlaceOutcome,
  PriRequest,
  SmmuOutcome,
  StreamTransaction,
} from './stream-transaction.js';
import { isAbort } from './structures.js';
import type { Found, Translator } from './translator.js';

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const ATSCHK = mask32(SMMU_CR0, 'ATSCHK');

/** The parts of an SMMU that transactions need. */
export interface TransactionParts<P> {
  /** SMMU_CR0.SMMUEN and ATSCHK. */
  readonly registers: Registers;
  /** The features of the SMMU. */
  readonly features: Features;
  /** Records the events of failures. */
  readonly events: EventQueue;
  /** Keeps stalled transactions. */
  readonly stalls: Stalls;
  /** Translates addresses to places. */
  readonly translator: Translator<P>;
}

/** The handler of devices' transactions. */
export class Transactions<P> {
  /** @param parts the parts of the SMMU */
  constructor(private readonly parts: TransactionParts<P>) {}

  /** Translates a transaction of a device. */
  translate(transaction: StreamTransaction): SmmuOutcome<P> {
    if (!this.isOn) return this.outcomeOf(this.parts.translator.bypass(transaction.address));
    const found = this.parts.translator.find(transaction);
    return this.outcomeOf('kind' in found ? found : this.parts.translator.translate(found));
  }

  private outcomeOf(result: PlaceOutcome<P> | Failure): SmmuOutcome<P> {
    if (result.kind === 'place') return result;
    if (result.kind === 'fault') return this.faulted(result);
    if (result.event !== undefined) this.parts.events.record(result.event);
    return { kind: 'abort' };
  }

  /** Handles a fault by the R, S and A flags of its stage (Arm IHI 0070, 5.5). */
  private faulted({ name, access, place, flags }: TranslationFault): SmmuOutcome<P> {
    if (flags.stall) return this.stall(name, access, place);
    if (flags.record) this.parts.events.record(faultEvent(name, access, place, undefined));
    return flags.abort ? { kind: 'abort' } : { kind: 'abort', silent: true };
  }

  private stall(
    name: TranslationFault['name'],
    access: Access,
    place: TranslationFault['place'],
  ): SmmuOutcome<P> {
    const { streamId } = access;
    if (!this.parts.events.isWritable || !this.parts.stalls.hasRoom) return this.parts.stalls.wait(streamId);
    const { stag, ...outcome } = this.parts.stalls.hold(streamId);
    this.parts.events.record(faultEvent(name, access, place, stag));
    return outcome;
  }

  /**
   * Handles an ATS translation request of a device. Faults are returned to the device and not recorded (Arm IHI 0070,
   * 3.9.1.2). SMMU_CR2.REC_CFG_ATS is not modelled.
   */
  translationRequest(transaction: StreamTransaction): AtsOutcome<P> {
    const access = this.parts.translator.accessOf(transaction);
    if (this.parts.features.idr0.ATS === 0) return { kind: 'unsupported request' };
    if (!this.isOn) return this.refuseAts(access);
    const found = this.parts.translator.find(transaction);
    if ('kind' in found) return { kind: 'completer abort' };
    if (isAbort(found.ste)) return { kind: 'unsupported request' };
    if (!this.hasAts(found)) return this.refuseAts(access);
    const result = this.parts.translator.translate(found);
    if (result.kind === 'place') return result;
    return result.kind === 'fault' ? { kind: 'no access' } : { kind: 'completer abort' };
  }

  private hasAts({ ste: { Config, EATS } }: Found): boolean {
    if (Config === smmuv3_ste_config.BYPASS) return false;
    const splits = EATS === smmuv3_ste_eats.SPLIT_STAGE && (this.parts.registers.SMMU_CR0 & ATSCHK) !== 0;
    return EATS === smmuv3_ste_eats.FULL || splits;
  }

  private refuseAts(access: Access): AtsOutcome<P> {
    this.outcomeOf(reject(badAtsRequest(access)));
    return { kind: 'unsupported request' };
  }

  private get isOn(): boolean {
    return (this.parts.registers.SMMU_CR0 & SMMUEN) !== 0;
  }
}

/** The record of a page request message. */
export function pageRequestRecord({
  streamId,
  substreamId,
  address,
  read,
  write,
  execute = false,
  privileged = false,
  last,
  prgIndex,
}: PriRequest): PageRequest {
  const valid = substreamId !== undefined;
  return {
    StreamID: streamId,
    SubstreamID: substreamId ?? 0,
    Priv: valid && privileged ? 1 : 0,
    X: valid && execute ? 1 : 0,
    R: read ? 1 : 0,
    W: write ? 1 : 0,
    Last: last ? 1 : 0,
    SSV: valid ? 1 : 0,
    PRGIndex: prgIndex,
    PageAddress: address & -PAGE,
  };
}
