import { fieldsOf } from '@iommufd/smmuv3';
import {
  arm_smmu_constants,
  isQueueEmpty,
  nextQueueIndex,
  queueEntriesUsed,
  SMMU_CMDQ_CONS,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_register,
  splitQueueIndex,
} from '@iommufd/uapi';
import type { PhysicalBlock } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import { cmdSync, type CommandBytes } from './command.js';
import { hex } from '../../lib/hex.js';

const ENTRY = smmuv3_command.byteLength;
const { CMDQ_BATCH_ENTRIES } = arm_smmu_constants;

/** The driver's names for errors of the queue. */
const ERRORS: Readonly<Record<number, string>> = {
  [smmuv3_cmdq_error.CERROR_NONE]: 'No error',
  [smmuv3_cmdq_error.CERROR_ILL]: 'Illegal command',
  [smmuv3_cmdq_error.CERROR_ABT]: 'Abort on command fetch',
  [smmuv3_cmdq_error.CERROR_ATC_INV_SYNC]: 'ATC invalidate timeout',
};

/**
 * The driver's side of the command queue: `struct arm_smmu_cmdq`. The hardware executes commands during the register write, so
 * they have completed when {@link issue} returns.
 */
export class CommandQueue {
  private prod = 0;

  constructor(
    private readonly hardware: SmmuHardware,
    private readonly block: PhysicalBlock,
    private readonly log2size: number,
    private readonly log: (message: string) => void,
  ) {}

  /**
   * `arm_smmu_cmdq_issue_cmdlist()`: issues commands, at most one batch.
   * @param sync true to append a CMD_SYNC and wait for it
   * @returns false on a timeout: the queue stays full, or the CMD_SYNC does not complete
   */
  issue(commands: readonly CommandBytes[], sync: boolean): boolean {
    const entries = sync ? [...commands, cmdSync()] : commands;
    if (queueEntriesUsed(this.prod, this.cons, this.log2size) + entries.length > 1 << this.log2size) {
      this.log('CMDQ timeout');
      return false;
    }
    for (const entry of entries) {
      this.entryAt(this.prod).set(entry);
      this.prod = nextQueueIndex(this.prod, this.log2size);
    }
    const { prod } = this;
    this.hardware.write32(smmuv3_register.SMMU_CMDQ_PROD, prod);
    if (!sync || isQueueEmpty(prod, this.cons, this.log2size)) return true;
    const at = hex(prod, 8);
    this.log(`CMD_SYNC timeout at 0x${at} [hwprod 0x${at}, hwcons 0x${hex(this.cons, 8)}]`);
    return false;
  }

  /** `arm_smmu_cmdq_batch_submit()`: issues any number of commands in batches, and waits for the last batch. */
  submit(commands: readonly CommandBytes[]): void {
    let from = 0;
    for (; commands.length - from > CMDQ_BATCH_ENTRIES; from += CMDQ_BATCH_ENTRIES)
      this.issue(commands.slice(from, from + CMDQ_BATCH_ENTRIES), false);
    if (commands.length > from) this.issue(commands.slice(from), true);
  }

  private get cons(): number {
    return this.hardware.read32(smmuv3_register.SMMU_CMDQ_CONS);
  }

  private entryAt(position: number): Uint8Array {
    const { index } = splitQueueIndex(position, this.log2size);
    return this.block.at(index * ENTRY, ENTRY);
  }

  /**
   * `__arm_smmu_cmdq_skip_err()`: replaces an illegal command with a CMD_SYNC, so that the stopped queue continues when the error
   * is acknowledged.
   */
  skipError(): void {
    const { cons } = this;
    const error = fieldsOf(SMMU_CMDQ_CONS, cons).ERR;
    const name = ERRORS[error] ?? 'Unknown';
    this.log(`CMDQ error (cons 0x${cons.toString(16).padStart(8, '0')}): ${name}`);
    switch (error) {
      case smmuv3_cmdq_error.CERROR_ABT:
        this.log('retrying command fetch');
        return;
      case smmuv3_cmdq_error.CERROR_NONE:
      case smmuv3_cmdq_error.CERROR_ATC_INV_SYNC:
        return;
    }
    const entry = this.entryAt(cons);
    const view = new DataView(entry.buffer, entry.byteOffset);
    this.log('skipping command in error state:');
    for (let at = 0; at < ENTRY; at += 8)
      this.log(`\t0x${view.getBigUint64(at, true).toString(16).padStart(16, '0')}`);
    entry.set(cmdSync());
  }
}
