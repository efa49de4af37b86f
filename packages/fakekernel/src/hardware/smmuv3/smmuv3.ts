import { smmuv3_register, smmuv3_ste_config, smmuv3_ste_eats } from '@iommufd/uapi';
import type { Place } from '../transaction.js';
import { CommandQueue } from './command-queue.js';
import { Commands } from './commands.js';
import type { Smmuv3Config } from './config.js';
import { EventQueue } from './event-queue.js';
import { type Access, badAtsRequest, faultEvent } from './events.js';
import { type Failure, reject, type TranslationFault } from './failure.js';
import { Features } from './features.js';
import { GlobalErrors } from './global-errors.js';
import type { Lines } from './lines.js';
import type { PhysicalMemory } from './physical-memory.js';
import { PriQueue } from './pri-queue.js';
import { RegisterRules } from './register-rules.js';
import { Registers } from './registers.js';
import { Stalls } from './stalls.js';
import type {
  AtcInvalidation,
  AtsOutcome,
  PriRequest,
  PriResponse,
  SmmuOutcome,
  StreamPort,
  StreamTransaction,
} from './stream-transaction.js';
import { isAbort } from './ste-validity.js';
import { type Found, Translator } from './translator.js';

export type { Lines } from './lines.js';

/**
 * An SMMUv3 (Arm IHI 0070): registers, queues, caches and translation. Everything that a register write causes has
 * happened when it returns. Not modelled: MSIs (SMMU_IDR0.MSI is for a configuration to leave 0), Secure and Realm
 * state, AArch32 and 128-bit tables, 52-bit addresses, hardware update of flags, split-stage ATS and translated
 * transactions, MPAM, the device permission table, broadcast invalidation, merging of events.
 */
export class Smmuv3 {
  private readonly features: Features;
  private readonly registers: Registers;
  private readonly rules: RegisterRules;
  private readonly events: EventQueue;
  private readonly pri: PriQueue;
  private readonly stalls: Stalls;
  private readonly translator: Translator;
  private readonly commands: CommandQueue;
  private readonly ports = new Map<number, StreamPort>();

  constructor(
    readonly config: Smmuv3Config,
    memory: PhysicalMemory,
    lines: Lines,
  ) {
    this.features = new Features(config);
    this.registers = new Registers(config);
    this.rules = new RegisterRules(this.registers, this.features);
    const errors = new GlobalErrors(this.registers, lines);
    this.events = new EventQueue(this.registers, memory, this.features, errors, lines);
    this.translator = new Translator(this.registers, memory, this.features);
    this.stalls = new Stalls(this.features.idr5.STALL_MAX);
    const host = {
      respond: (response: PriResponse) => this.ports.get(response.streamId)?.priResponse(response),
      invalidateAtc: (invalidation: AtcInvalidation) =>
        this.ports.get(invalidation.streamId)?.atcInvalidate(invalidation) ?? true,
      ppar: (streamId: number) => this.translator.ppar(streamId),
    };
    this.pri = new PriQueue(this.registers, memory, this.features, errors, lines, host);
    const commands = new Commands(this.registers, this.features, this.translator, this.stalls, host);
    this.commands = new CommandQueue(this.registers, memory, this.features, errors, lines, (command) =>
      commands.execute(command),
    );
  }

  /** Both register pages of 64 KiB. To look at: writes go through {@link write32} and {@link write64}. */
  get frame(): ArrayBuffer {
    return this.registers.frame;
  }

  /** Reads a register. @throws RangeError if there can be none at the offset */
  read32(offset: number): number {
    return this.registers.get(offset);
  }

  /** Writes a register; what that causes has happened when this returns. @throws RangeError as {@link read32} */
  write32(offset: number, value: number): void {
    const wasOn = this.registers.cr0.SMMUEN === 1;
    this.rules.write(offset, value >>> 0);
    switch (offset) {
      case smmuv3_register.SMMU_CR0:
        // What is stalled ends when translation does (Arm IHI 0070, 6.3.9.6).
        if (wasOn && this.registers.cr0.SMMUEN === 0) this.stalls.abort();
        this.goOn();
        break;
      case smmuv3_register.SMMU_CMDQ_PROD:
      case smmuv3_register.SMMU_GERRORN:
      case smmuv3_register.SMMU_EVENTQ_CONS:
        this.goOn();
        break;
      default:
    }
  }

  /** Whatever waited for a register does what it can now. */
  private goOn(): void {
    if (this.events.isWritable) this.stalls.retryUnrecorded();
    this.commands.run();
  }

  /** Reads a register of 64 bits, or two of 32. */
  read64(offset: number): bigint {
    return BigInt(this.read32(offset)) | (BigInt(this.read32(offset + 4)) << 32n);
  }

  /** Writes a register of 64 bits, or two of 32. */
  write64(offset: number, value: bigint): void {
    this.write32(offset, Number(BigInt.asUintN(32, value)));
    this.write32(offset + 4, Number(BigInt.asUintN(32, value >> 32n)));
  }

  /** A PCIe device is behind a stream: where answers to page requests and ATS invalidations go to. */
  connect(streamId: number, port: StreamPort): void {
    this.ports.set(streamId, port);
  }

  /** The device is gone, and what of it was stalled with it. */
  disconnect(streamId: number): void {
    this.ports.delete(streamId);
    this.stalls.abort(streamId);
  }

  /** A transaction of a device. */
  translate(transaction: StreamTransaction): SmmuOutcome {
    if (this.registers.cr0.SMMUEN === 0) return this.outcomeOf(this.translator.bypass(transaction.address));
    const found = this.translator.find(transaction);
    return this.outcomeOf('kind' in found ? found : this.translator.translate(found));
  }

  private outcomeOf(result: Place | Failure): SmmuOutcome {
    if (!('kind' in result)) return { kind: 'place', place: result };
    if (result.kind === 'fault') return this.faulted(result);
    if (result.event !== undefined) this.events.record(result.event);
    return { kind: 'abort' };
  }

  /** What R, S and A make of a fault (Arm IHI 0070, 5.5). */
  private faulted({ name, access, place, flags }: TranslationFault): SmmuOutcome {
    if (flags.stall) return this.stall(name, access, place);
    if (flags.record) this.events.record(faultEvent(name, access, place, undefined));
    return flags.abort ? { kind: 'abort' } : { kind: 'abort', silent: true };
  }

  private stall(
    name: TranslationFault['name'],
    access: Access,
    place: TranslationFault['place'],
  ): SmmuOutcome {
    const { streamId } = access;
    if (!this.events.isWritable || !this.stalls.hasRoom) return this.stalls.wait(streamId);
    const { stag, ...outcome } = this.stalls.hold(streamId);
    this.events.record(faultEvent(name, access, place, stag));
    return outcome;
  }

  /**
   * An ATS translation request of a device. Faults are for the device to know and not recorded (Arm IHI 0070, 3.9.1.2);
   * SMMU_CR2.REC_CFG_ATS is not modelled.
   */
  translationRequest(transaction: StreamTransaction): AtsOutcome {
    const access = this.translator.accessOf(transaction);
    if (this.features.idr0.ATS === 0) return { kind: 'unsupported request' };
    if (this.registers.cr0.SMMUEN === 0) return this.refuseAts(access);
    const found = this.translator.find(transaction);
    if ('kind' in found) return { kind: 'completer abort' };
    if (isAbort(found.ste)) return { kind: 'unsupported request' };
    if (!this.hasAts(found)) return this.refuseAts(access);
    const result = this.translator.translate(found);
    if (!('kind' in result)) return { kind: 'place', place: result };
    return result.kind === 'fault' ? { kind: 'no access' } : { kind: 'completer abort' };
  }

  private hasAts({ ste: { Config, EATS } }: Found): boolean {
    if (Config === smmuv3_ste_config.BYPASS) return false;
    const splits = EATS === smmuv3_ste_eats.SPLIT_STAGE && this.registers.cr0.ATSCHK === 1;
    return EATS === smmuv3_ste_eats.FULL || splits;
  }

  private refuseAts(access: Access): AtsOutcome {
    this.outcomeOf(reject(badAtsRequest(access)));
    return { kind: 'unsupported request' };
  }

  /**
   * A page request of a device.
   * @returns false if it was discarded. The device was then answered automatically, if it waits for an answer: by
   *   priResponse of the port that is connected to its stream
   */
  pageRequest(request: PriRequest): boolean {
    return this.pri.request(request);
  }
}
