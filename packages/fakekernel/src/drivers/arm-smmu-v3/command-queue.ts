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

const ENTRY = smmuv3_command.byteLength;
const { CMDQ_BATCH_ENTRIES } = arm_smmu_constants;

/** What the driver says of each error. */
const ERRORS: Readonly<Record<number, string>> = {
  [smmuv3_cmdq_error.CERROR_NONE]: 'No error',
  [smmuv3_cmdq_error.CERROR_ILL]: 'Illegal command',
  [smmuv3_cmdq_error.CERROR_ABT]: 'Abort on command fetch',
  [smmuv3_cmdq_error.CERROR_ATC_INV_SYNC]: 'ATC invalidate timeout',
};

/** The command queue. The hardware has executed what was issued when {@link issue} returns. */
export class CommandQueue {
  private prod = 0;

  constructor(
    private readonly hardware: SmmuHardware,
    private readonly block: PhysicalBlock,
    private readonly log2size: number,
    private readonly log: (message: string) => void,
  ) {}

  /**
   * Issues commands, of which there may be no more than a batch.
   * @returns false if the hardware does not take them, or does not come to an end
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
    const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
    this.log(`CMD_SYNC timeout at ${hex(prod)} [hwprod ${hex(prod)}, hwcons ${hex(this.cons)}]`);
    return false;
  }

  /** Issues any number of commands, batch by batch, and waits for the last. */
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
   * The queue stands still: an illegal command becomes a CMD_SYNC, so that it goes on when the error is acknowledged.
   * `__arm_smmu_cmdq_skip_err()`.
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
