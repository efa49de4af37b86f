import { arm_smmu_constants, smmuv3_command } from '@iommufd/uapi';
import { InvalidationError } from '../calls/error.js';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';

/** Linux checks this many commands before it issues them: a batch without its CMD_SYNC. */
export const BATCH = arm_smmu_constants.CMDQ_BATCH_ENTRIES - 1;

/**
 * The most commands per call: a multiple of {@link BATCH} of less than 64 KiB, as Linux copies them into contiguous memory.
 */
export const MOST_COMMANDS = 64 * BATCH;

/**
 * Executes a run of invalidations. When Linux refuses one, the commands before it in its batch count as handled but were
 * not issued; they are issued again here, so that all commands before the refused one have completed when this returns.
 * @returns the number of completed commands: all, or the index of the refused one
 * @throws Error if the host fails otherwise. The number of completed commands is unknown then; repeating them is harmless.
 */
export function issue(
  backend: Pick<VsmmuBackend, 'invalidate'>,
  commands: readonly InvalidationCommand[],
): number {
  let from = 0;
  let end = commands.length;
  while (from < end) {
    const refused = firstRefused(
      backend,
      end - from === commands.length ? commands : commands.slice(from, end),
    );
    if (refused === undefined) break;
    end = from + refused;
    from = end - (refused % BATCH);
  }
  return end;
}

const CFGI_CD_ALL = BigInt(smmuv3_command.cases.CMD_CFGI_CD_ALL.tag);

/**
 * Invalidates all context descriptors of a stream.
 * @throws InvalidationError EIO if the host has no device of this StreamID: the command itself is always legal
 */
export function dropContextDescriptors(backend: Pick<VsmmuBackend, 'invalidate'>, streamId: number): void {
  backend.invalidate([{ cmd: [CFGI_CD_ALL | (BigInt(streamId) << 32n), 0n] }]);
}

/** @returns the index of the refused command; undefined if all have completed */
function firstRefused(
  backend: Pick<VsmmuBackend, 'invalidate'>,
  commands: readonly InvalidationCommand[],
): number | undefined {
  try {
    backend.invalidate(commands);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidationError) || error.code !== 'EIO') throw error;
    if (error.failedIndex === undefined) throw error;
    return error.failedIndex;
  }
}
