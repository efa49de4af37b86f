/**
 * The translating part of an SMMU, without registers and queues: caches, transactions, stalls, and the commands that act
 * on them. `Smmuv3` has one; the SDK's virtual SMMU has one for the devices that a VMM emulates.
 */
import { type CommandHost, Commands } from './commands.js';
import type { TranslationMemory } from './memory.js';
import type { CommandEntries } from './queues/command-entries.js';
import type { CommandConsumer, Consumed } from './queues/command-queue.js';
import type { EventQueue } from './queues/event-queue.js';
import type { Features } from './registers/features.js';
import type { Interrupts } from './registers/interrupts.js';
import type { Registers } from './registers/registers.js';
import { Stalls } from './stalls.js';
import type { AtsOutcome, SmmuOutcome, StreamTransaction } from './stream-transaction.js';
import { Transactions } from './transactions.js';
import type { CachedTranslation } from './translation/tlb.js';
import { Translator } from './translator.js';

/** The SMMU that a translation unit belongs to. */
export interface TranslationUnitParts<P> {
  /** The registers of the SMMU. */
  readonly registers: Registers;
  /** The features of the SMMU. */
  readonly features: Features;
  /** Contains its tables, and is the target of transactions. */
  readonly memory: TranslationMemory<P>;
  /** Records faults. */
  readonly events: EventQueue;
  /** Signals the completion of CMD_SYNC. */
  readonly interrupts: Interrupts;
  /** The devices to which commands are sent. */
  readonly host: CommandHost;
}

/** A translation unit. */
export class TranslationUnit<P> implements CommandConsumer {
  readonly most = 1;
  private readonly stalls: Stalls;
  private readonly translator: Translator<P>;
  private readonly transactions: Transactions<P>;
  private readonly commands: Commands;

  /** @param parts the SMMU that it belongs to */
  constructor({ registers, features, memory, events, interrupts, host }: TranslationUnitParts<P>) {
    const translator = new Translator(registers, memory, features);
    const stalls = new Stalls(features.idr5.STALL_MAX);
    this.stalls = stalls;
    this.translator = translator;
    this.transactions = new Transactions({ registers, features, events, stalls, translator });
    this.commands = new Commands({ registers, features, interrupts, translator, stalls, host });
  }

  /** Translates a transaction of a device. */
  translate(transaction: StreamTransaction): SmmuOutcome<P> {
    return this.transactions.translate(transaction);
  }

  /**
   * Handles an ATS translation request of a device. Faults are returned to the device and not recorded (Arm IHI 0070,
   * 3.9.1.2). SMMU_CR2.REC_CFG_ATS is not modelled.
   */
  translationRequest(transaction: StreamTransaction): AtsOutcome<P> {
    return this.transactions.translationRequest(transaction);
  }

  /** Executes a command. */
  consume(entries: CommandEntries, at: number): Consumed {
    return this.commands.consume(entries, at);
  }

  /** STE.PPAR of a stream; undefined if it has no valid STE. */
  ppar(streamId: number): boolean | undefined {
    return this.translator.ppar(streamId);
  }

  /** Retries stalled transactions whose events had no space. */
  retryUnrecorded(): void {
    this.stalls.retryUnrecorded();
  }

  /** Aborts the stalled transactions of a stream, or of all streams. */
  abortStalls(streamId?: number): void {
    this.stalls.abort(streamId);
  }

  /** Invalidates all caches. */
  reset(): void {
    this.translator.reset();
  }

  /** The cached translations, which devices can use without a walk. */
  cachedTranslations(): Iterable<CachedTranslation> {
    return this.translator.tlb.translations();
  }
}
