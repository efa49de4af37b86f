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
  /** Commands consumed: at least 1 unless the first is in error. */
  readonly count: number;
  /** The next command is in error and stops the queue: of `smmuv3_cmdq_error`. */
  readonly error?: number;
  /** The effect of the last command, run after CONS has moved past it: an interrupt, a response to a device. */
  readonly then?: () => void;
}

/** Executes commands. */
export interface CommandConsumer {
  /** The most commands to pass at once. */
  readonly most: number;
  /**
   * Executes commands in order.
   * @param entries waiting commands
   * @param at index of the first one not consumed yet
   * @throws Error if it fails: no command is consumed then, and all wait for the next call of `run()`
   */
  consume(entries: CommandEntries, at: number): Consumed;
}

/**
 * The command queue, consumed in order. On an error it stops with RD at the failing command until software acknowledges
 * CMDQ_ERR; that command is then fetched again. SMMU_CMDQ_CONS.ERR keeps the code until the next error: while no error is
 * active its value is implementation defined (6.3.28). Commands complete before the register write that starts them returns,
 * so software never observes a busy queue. Source: Arm IHI 0070, sections 4.8 and 7.1.
 */
export class CommandQueue {
  private readonly place: QueueBase;
  private isRunning = false;
  /** Incremented whenever the registers may have changed: commands fetched earlier are then fetched again. */
  private epoch = 0;

  /**
   * @param registers base, indexes and enable bit of the queue
   * @param memory holds the queue
   * @param interrupts signals errors
   * @param features SMMU_IDR1.CMDQS, the largest size
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
   * Consumes commands until the queue is empty, disabled, or stopped by an error. A nested call, from an interrupt handler
   * that this call invoked, leaves the work to the outer call.
   * @throws Error the consumer's error
   */
  run(): void {
    this.epoch++;
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.step()) {
        // Each step reads the registers again.
      }
    } finally {
      this.isRunning = false;
    }
  }

  /** Consumes some commands, or stops. @returns whether there may be more to do */
  private step(): boolean {
    const { registers, memory, interrupts, consumer } = this;
    if ((registers.SMMU_CR0 & CMDQEN) === 0 || interrupts.isActive(CMDQ_ERR)) return false;
    const place = this.place.at(registers.SMMU_CMDQ_BASE);
    const { SMMU_CMDQ_PROD: prod, SMMU_CMDQ_CONS: cons } = registers;
    const waiting = entriesWaiting(place, prod, cons);
    if (waiting === 0) return false;
    const entries = CommandEntries.read(memory, place, cons, Math.min(waiting, consumer.most));
    if (entries === undefined) this.stop(smmuv3_cmdq_error.CERROR_ABT);
    else this.consume(entries, place);
    return true;
  }

  /** Consumes fetched commands up to an error, or until the registers may have changed. */
  private consume(entries: CommandEntries, place: QueuePlace): void {
    const { epoch } = this;
    for (let at = 0; at < entries.count && this.epoch === epoch;) {
      const { count, error, then } = this.consumer.consume(entries, at);
      this.advance(place, count);
      at += count;
      if (error !== undefined) return this.stop(error);
      then?.();
    }
  }

  private advance(place: QueuePlace, count: number): void {
    const { registers } = this;
    if (count > 0) registers.SMMU_CMDQ_CONS = moved(place, registers.SMMU_CMDQ_CONS, count);
  }

  /** Stops at the command that RD points at: sets the code, then the error, then interrupts. */
  private stop(error: number): void {
    const { registers } = this;
    registers.SMMU_CMDQ_CONS = ((registers.SMMU_CMDQ_CONS & ~ERR.mask) | ERR.of(error)) >>> 0;
    this.interrupts.raise('CMDQ_ERR');
  }
}
