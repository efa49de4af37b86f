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

/** What was done with commands. */
export interface Consumed {
  /** How many were consumed: 1 or more unless the first is in error. */
  readonly count: number;
  /** Of `smmuv3_cmdq_error`: the command behind them cannot be consumed, and stops the queue. */
  readonly error?: number;
  /** What the last of them causes once it counts as consumed: an interrupt, an answer to a device. */
  readonly then?: () => void;
}

/** What carries out commands. */
export interface CommandConsumer {
  /** How many it wants to see at once at most. */
  readonly most: number;
  /**
   * Carries out commands, in order.
   * @param entries commands that wait
   * @param at the first one that is not consumed yet
   * @throws Error if it cannot: none of them counts as consumed then, and all wait for the next call of `run()`
   */
  consume(entries: CommandEntries, at: number): Consumed;
}

/**
 * The command queue. It is consumed in its order. At an error it stops with RD at the command that failed, until software
 * acknowledges CMDQ_ERR: then that command is read again. SMMU_CMDQ_CONS.ERR keeps the code until the next error: what it
 * holds while none is active is up to the implementation (6.3.28). Everything happens before the register write is over that
 * causes it, so that software never sees a queue at work. Source: Arm IHI 0070, sections 4.8 and 7.1.
 */
export class CommandQueue {
  private readonly place: QueueBase;
  private isRunning = false;
  /** Counts what may have changed the queue: what was read of it before is looked at again then. */
  private epoch = 0;

  /**
   * @param registers where it is, and whether it is on
   * @param memory what it is in
   * @param interrupts what tells of errors
   * @param features how long it may be
   * @param consumer what carries out the commands
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    private readonly interrupts: Interrupts,
    { idr1 }: Pick<Features, 'idr1'>,
    private readonly consumer: CommandConsumer,
  ) {
    this.place = new QueueBase(idr1.CMDQS, smmuv3_command.byteLength);
  }

  /**
   * Consumes what there is, until the queue is empty, off, or stopped by an error. Called by an interrupt that this
   * raises, it leaves the work to the call that is under way.
   * @throws Error what the consumer failed with
   */
  run(): void {
    this.epoch++;
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.step()) {
        // Each step looks at the registers anew.
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

  /** Consumes commands that were read, up to an error, or until the registers may have changed meanwhile. */
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

  /** Stops at the command that the read index points at: first the code, then the error, then the interrupt. */
  private stop(error: number): void {
    const { registers } = this;
    registers.SMMU_CMDQ_CONS = ((registers.SMMU_CMDQ_CONS & ~ERR.mask) | ERR.of(error)) >>> 0;
    this.interrupts.raise('CMDQ_ERR');
  }
}
