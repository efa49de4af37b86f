import { SMMU_CMDQ_CONS, SMMU_CR0, SMMU_GERROR, smmuv3_cmdq_error, smmuv3_command } from '@iommufd/uapi';
import type { SystemMemory } from '../memory.js';
import type { Features } from '../registers/features.js';
import { field32, mask32 } from '../registers/fields.js';
import type { Interrupts } from '../registers/interrupts.js';
import type { Registers } from '../registers/registers.js';
import { CommandEntries } from './command-entries.js';
import { entriesWaiting, moved, QueueBase, type QueuePlace } from './queue-place.js';

const CMDQEN = mask32(SMMU_CR0, 'CMDQEN');
const CMDQ_ERR = mask32(SMMU_GERROR, 'CMDQ_ERR');
const ERR = field32(SMMU_CMDQ_CONS, 'ERR');

/** The result of consuming commands. */
export interface Consumed {
  /** Number of consumed commands: at least 1 unless the first one fails. */
  readonly count: number;
  /** Number of steps that it took. Default: {@link count}. */
  readonly steps?: number;
  /** The error of the next command, which stops the queue: a value of `smmuv3_cmdq_error`. Absent without an error. */
  readonly error?: number;
  /** The effect of the last command, such as an interrupt or a response to a device. Run after CONS has advanced past it. */
  readonly then?: () => void;
}

/** Executes commands. */
export interface CommandConsumer {
  /** Maximum number of commands per call of {@link consume}. */
  readonly most: number;
  /**
   * Executes commands in order.
   * @param entries waiting commands
   * @param at index of the first one not consumed yet
   * @param left remaining steps of the budget. The consumer may take more for one command, or for commands that it executes
   *   together
   * @throws Error if it fails. Then no command is consumed, and all wait for the next call of `run()`
   */
  consume(entries: CommandEntries, at: number, left: number): Consumed;
}

/**
 * The command queue, consumed in order. On an error it stops with RD at the failing command until software acknowledges
 * CMDQ_ERR; that command is then fetched again. SMMU_CMDQ_CONS.ERR keeps the code until the next error: while no error is
 * active its value is IMPLEMENTATION DEFINED (6.3.28). Without a budget, commands complete before the register write
 * that starts them returns; with a budget, software observes a busy queue. Source: Arm IHI 0070, sections 4.8 and 7.1.
 */
export class CommandQueue {
  private readonly place: QueueBase;
  private isRunning = false;
  /** Remaining steps of the current call of {@link run}. */
  private left = 0;
  /** Incremented whenever the registers may have changed. Commands that were fetched before are then fetched again. */
  private epoch = 0;

  /**
   * @param registers base, indexes and enable bit of the queue
   * @param memory holds the queue
   * @param interrupts signals errors
   * @param features SMMU_IDR1.CMDQS, the maximum size
   * @param consumer executes the commands
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    private readonly interrupts: Interrupts,
    { idr1, departures }: Pick<Features, 'idr1' | 'departures'>,
    private readonly consumer: CommandConsumer,
  ) {
    this.place = new QueueBase(idr1.CMDQS, smmuv3_command.byteLength, departures);
  }

  /**
   * Consumes commands until the queue is empty, disabled, or stopped by an error, or the budget is spent. A nested call, from
   * an interrupt handler that this call invoked, leaves the work to the outer call.
   * @param budget maximum number of steps. Commands that the consumer executes together are not split, so a call may
   *   exceed it
   * @throws Error if the consumer throws it
   */
  run(budget = Infinity): void {
    this.epoch++;
    if (this.isRunning) return;
    this.isRunning = true;
    this.left = budget;
    try {
      while (this.left > 0 && this.step()) {
        // Each step reads the registers again.
      }
    } finally {
      this.isRunning = false;
    }
  }

  /** True if {@link run} would consume commands. */
  get isBusy(): boolean {
    const { SMMU_CMDQ_BASE, SMMU_CMDQ_PROD, SMMU_CMDQ_CONS } = this.registers;
    return (
      this.isEnabled && entriesWaiting(this.place.at(SMMU_CMDQ_BASE), SMMU_CMDQ_PROD, SMMU_CMDQ_CONS) > 0
    );
  }

  private get isEnabled(): boolean {
    return (this.registers.SMMU_CR0 & CMDQEN) !== 0 && !this.interrupts.isActive(CMDQ_ERR);
  }

  /** Consumes some commands, or stops. @returns true if more may be to do */
  private step(): boolean {
    const { registers, memory, consumer } = this;
    if (!this.isEnabled) return false;
    const place = this.place.at(registers.SMMU_CMDQ_BASE);
    const { SMMU_CMDQ_PROD: prod, SMMU_CMDQ_CONS: cons } = registers;
    const waiting = entriesWaiting(place, prod, cons);
    if (waiting === 0) return false;
    const most = Math.min(waiting, consumer.most, Math.ceil(this.left));
    const entries = CommandEntries.read(memory, place, cons, most);
    if (entries === undefined) this.stop(smmuv3_cmdq_error.CERROR_ABT);
    else this.consume(entries, place);
    return true;
  }

  /** Consumes fetched commands until an error, until the registers may have changed, or until the budget is spent. */
  private consume(entries: CommandEntries, place: QueuePlace): void {
    const { epoch } = this;
    for (let at = 0; at < entries.count && this.epoch === epoch && this.left > 0;) {
      const {
        count,
        steps = Math.max(count, 1),
        error,
        then,
      } = this.consumer.consume(entries, at, this.left);
      this.advance(place, count);
      this.left -= steps;
      at += count;
      if (error !== undefined) return this.stop(error);
      then?.();
    }
  }

  private advance(place: QueuePlace, count: number): void {
    const { registers } = this;
    if (count > 0) registers.SMMU_CMDQ_CONS = moved(place, registers.SMMU_CMDQ_CONS, count);
  }

  /** Stops at the command at RD: sets the error code, then CMDQ_ERR, then interrupts. */
  private stop(error: number): void {
    const { registers } = this;
    registers.SMMU_CMDQ_CONS = ((registers.SMMU_CMDQ_CONS & ~ERR.mask) | ERR.of(error)) >>> 0;
    this.interrupts.raise('CMDQ_ERR');
  }
}
