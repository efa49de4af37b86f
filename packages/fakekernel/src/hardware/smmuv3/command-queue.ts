import {
  isQueueEmpty,
  nextQueueIndex,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_register,
  smmuv3_sync_signal,
  splitQueueIndex,
} from '@iommufd/uapi';
import { type Decoded, decode } from '@iommufd/uapi/struct';
import type { Features } from './features.js';
import { globalError, type GlobalErrors } from './global-errors.js';
import type { Lines } from './lines.js';
import type { PhysicalMemory } from './physical-memory.js';
import type { Registers } from './registers.js';

/** A command. */
export type Command = Decoded<typeof smmuv3_command>;

/** Carries out a command. @returns a number of `smmuv3_cmdq_error` */
export type Execute = (command: Command) => number;

const { CERROR_NONE, CERROR_ABT } = smmuv3_cmdq_error;
const COMMAND_BYTES = smmuv3_command.byteLength;

/**
 * The command queue. It is consumed in its order. At an error it stops with RD at the command that failed, until
 * software acknowledges CMDQ_ERR: then that command is read again (Arm IHI 0070, 7.1).
 */
export class CommandQueue {
  private isRunning = false;

  constructor(
    private readonly registers: Registers,
    private readonly memory: PhysicalMemory,
    private readonly features: Features,
    private readonly errors: GlobalErrors,
    private readonly lines: Lines,
    private readonly execute: Execute,
  ) {}

  private get log2size(): number {
    return Math.min(this.registers.cmdqBase.LOG2SIZE, this.features.idr1.CMDQS);
  }

  private get hasWork(): boolean {
    const { cr0, cmdqProd, cmdqCons } = this.registers;
    if (cr0.CMDQEN === 0 || this.errors.isActive(globalError.CMDQ_ERR)) return false;
    return !isQueueEmpty(cmdqProd.WR, cmdqCons.RD, this.log2size);
  }

  /** Consumes commands. Those who are told of one may submit others. */
  run(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.hasWork) this.step();
    } finally {
      this.isRunning = false;
    }
  }

  private step(): void {
    const { cmdqBase, cmdqCons } = this.registers;
    const { index } = splitQueueIndex(cmdqCons.RD, this.log2size);
    const bytes = this.memory.read(cmdqBase.ADDR + BigInt(index * COMMAND_BYTES), COMMAND_BYTES);
    if (bytes === undefined) {
      this.stop(CERROR_ABT);
      return;
    }
    const command = decode(smmuv3_command, bytes, { lenient: true });
    const error = this.execute(command);
    if (error !== CERROR_NONE) {
      this.stop(error);
      return;
    }
    const next = nextQueueIndex(cmdqCons.RD, this.log2size);
    this.registers.set(smmuv3_register.SMMU_CMDQ_CONS, next);
    const isSync = command.Opcode === smmuv3_command.cases.CMD_SYNC.tag;
    if (isSync && command.CS === smmuv3_sync_signal.SIG_IRQ) this.lines.cmdqSync();
  }

  /** The error number is there before the error is active. */
  private stop(error: number): void {
    this.registers.cmdqCons.ERR = error;
    this.errors.activate(globalError.CMDQ_ERR);
  }
}
