import { arm_smmu_constants } from '@iommufd/uapi';
import { InvalidationError } from '../calls/error.js';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';

/** Linux checks so many commands before it runs them: a slot of its batch is for the CMD_SYNC. */
export const BATCH = arm_smmu_constants.CMDQ_BATCH_ENTRIES - 1;

/**
 * The most commands of one call: a multiple of {@link BATCH}, and no more than fit into 64 KiB, because Linux needs
 * contiguous memory for them.
 */
export const MOST_COMMANDS = 64 * BATCH;

/**
 * Has a run of invalidations done. When Linux refuses one, those before it in its batch have not run, although it
 * counts them; so they are issued once more, and those that come before the one that it refuses are done when this
 * returns.
 * @returns how many were done: all, or the index of the one that the guest may not give
 * @throws Error if the host fails otherwise. How many were done is not known then; doing them once more does no harm.
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

/** @returns the index of the command that the guest may not give, or undefined if all were done */
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
