/** Causes of failures of the features of migration. */
import type { VfioDevice } from '../../objects/vfio-device.js';
import type { Migration, MigrationState, MigrationTarget } from '../../vfio/migration.js';
import type { Cause } from './cause.js';

/** @param to the requested state @param stateNow returns the current state */
export const migrationCause =
  (
    device: VfioDevice,
    to?: MigrationTarget,
    migration?: Pick<Migration, 'hasP2p' | 'hasPreCopy'>,
    stateNow?: () => MigrationState,
  ): Cause =>
  (code) => {
    if (code === 'ENOTTY') return `${device.describe()} cannot be migrated.`;
    if (code !== 'EINVAL' || to === undefined || migration === undefined) return undefined;
    if (to.startsWith('pre-copy') && !migration.hasPreCopy)
      return `${device.describe()} has no pre-copy: start with stop-copy.`;
    if (to.endsWith('-p2p') && !migration.hasP2p) return `${device.describe()} has no state ${to}.`;
    const from = stateNow?.();
    return from === 'error'
      ? `${device.describe()} is in the state error: call reset() to leave it.`
      : `${device.describe()} cannot change from ${from} to ${to}.`;
  };
