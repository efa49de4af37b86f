import { SMMU_CR0 } from '@iommufd/uapi';
import type { Smmuv3Config } from './config.js';
import type { TranslationMemory } from './memory.js';
import { CommandQueue } from './queues/command-queue.js';
import { EventQueue } from './queues/event-queue.js';
import { PriQueue } from './queues/pri-queue.js';
import { Features } from './registers/features.js';
import { mask32 } from './registers/fields.js';
import { type InterruptLines, Interrupts } from './registers/interrupts.js';
import { RegisterFile, type Written } from './registers/register-file.js';
import type { Register32, Register64, Registers } from './registers/registers.js';
import { Ports } from './ports.js';
import type {
  AtsOutcome,
  PriRequest,
  SmmuOutcome,
  StreamPort,
  StreamTransaction,
} from './stream-transaction.js';
import type { CachedTranslation } from './translation/tlb.js';
import { pageRequestRecord } from './transactions.js';
import { TranslationUnit } from './translation-unit.js';

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');

/**
 * An SMMUv3 (Arm IHI 0070): registers, queues, caches and translation. All effects of a register write have completed when it
 * returns. Software writes registers; devices call {@link translate}, {@link translationRequest} and {@link pageRequest}.
 * Not modelled: Secure and Realm state, AArch32 and 128-bit tables, memory
 * attributes, the access flag of table descriptors, split-stage ATS and translated transactions, MPAM, the device
 * permission table, broadcast invalidation, merging of events.
 */
export class Smmuv3<P> {
  private readonly file: RegisterFile;
  private readonly registers: Registers;
  private readonly events: EventQueue;
  private readonly pri: PriQueue;
  private readonly unit: TranslationUnit<P>;
  private readonly commands: CommandQueue;
  private readonly ports = new Ports();
  /** The callbacks after register writes. Created once; not part of a copy of the state. */
  private notices: { readonly whileOn: Written; readonly whileOff: Written } | undefined;

  /**
   * Creates an SMMU in its reset state.
   * @param config its identification registers, and departures from the architecture
   * @param memory holds its queues and tables, and is the target of transactions
   * @param lines its interrupt lines
   */
  constructor(
    readonly config: Smmuv3Config,
    memory: TranslationMemory<P>,
    lines: InterruptLines,
  ) {
    const features = new Features(config, config.departures, config.keepsDirtyState);
    const file = new RegisterFile(features);
    const { registers } = file;
    this.file = file;
    this.registers = registers;
    const interrupts = new Interrupts(registers, memory, lines, features);
    this.events = new EventQueue(registers, memory, interrupts, features);
    const { events, ports: host } = this;
    const unit = new TranslationUnit({ registers, features, memory, events, interrupts, host });
    this.unit = unit;
    this.pri = new PriQueue(registers, memory, interrupts, features, unit);
    this.commands = new CommandQueue(registers, memory, interrupts, features, unit);
  }

  /** Reads a register; 0 at an offset without one. @param offset of `smmuv3_register` */
  read32(offset: number): number {
    return this.file.read(offset, 4);
  }

  /** Writes a register. All effects have completed when this returns. */
  write32(offset: number, value: number): void {
    this.write(offset, 4, value);
  }

  /** Reads a 64-bit register, or two of 32 bits. */
  read64(offset: number): bigint {
    return this.file.read(offset, 8);
  }

  /** Writes a 64-bit register, or two of 32 bits: {@link write32}. */
  write64(offset: number, value: bigint): void {
    this.write(offset, 8, value);
  }

  private write(offset: number, size: 4 | 8, value: number | bigint): void {
    this.notices ??= {
      whileOn: (name) => this.written(name, true),
      whileOff: (name) => this.written(name, false),
    };
    this.file.write(offset, size, value, this.isOn ? this.notices.whileOn : this.notices.whileOff);
  }

  private written(name: Register32 | Register64, wasOn: boolean): void {
    switch (name) {
      case 'SMMU_CR0':
        // Disabling translation aborts stalled transactions (Arm IHI 0070, 6.3.9.6).
        if (wasOn && !this.isOn) this.unit.abortStalls();
        return this.goOn();
      case 'SMMU_CMDQ_PROD':
      case 'SMMU_GERRORN':
      case 'SMMU_EVENTQ_CONS':
        return this.goOn();
      default:
    }
  }

  private get isOn(): boolean {
    return (this.registers.SMMU_CR0 & SMMUEN) !== 0;
  }

  /** Continues work that waited for a register change: unrecorded stalls and the command queue. */
  private goOn(): void {
    if (this.events.isWritable) this.unit.retryUnrecorded();
    this.commands.run();
  }

  /** The cached translations, which devices can use without a walk. For tests of invalidations. @internal */
  cachedTranslations(): Iterable<CachedTranslation> {
    return this.unit.cachedTranslations();
  }

  /** Connects a PCIe device to a stream. @param port receives PRI responses and ATS invalidations */
  connect(streamId: number, port: StreamPort): void {
    this.ports.connect(streamId, port);
  }

  /** Disconnects the device of a stream, and aborts its stalled transactions. */
  disconnect(streamId: number): void {
    this.ports.disconnect(streamId);
    this.unit.abortStalls(streamId);
  }

  /** Translates a transaction of a device. */
  translate(transaction: StreamTransaction): SmmuOutcome<P> {
    return this.unit.translate(transaction);
  }

  /** Answers an ATS translation request of a device: {@link TranslationUnit.translationRequest}. */
  translationRequest(transaction: StreamTransaction): AtsOutcome<P> {
    return this.unit.translationRequest(transaction);
  }

  /**
   * Queues a page request of a device.
   * @returns false if the request was discarded. If the device expects a response, `priResponse` of its stream's port
   *   has then been called with an automatic response
   */
  pageRequest(request: PriRequest): boolean {
    const outcome = this.pri.add(pageRequestRecord(request));
    if (outcome === 'queued') return true;
    if (outcome !== 'ignored') {
      const { streamId, prgIndex, substreamId } = request;
      const { response, withPasid } = outcome;
      this.ports.respond({ streamId, prgIndex, substreamId: withPasid ? substreamId : undefined, response });
    }
    return false;
  }
}
