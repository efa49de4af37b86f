/** The privileges of a process in a tape. Programs drop privileges, change their user and set limits while they run. */

import type { Privileges } from '@iommufd/fakekernel/task';

const NAMES = ['ipcLock', 'sysResource', 'rawIo', 'sysAdmin', 'uid', 'memlock'] as const;

/** Reads the current values. */
function now({ ipcLock, sysResource, rawIo, sysAdmin, uid, memlock }: Privileges): Privileges {
  return { ipcLock, sysResource, rawIo, sysAdmin, uid, memlock };
}

/** Detects changes of a process's privileges. */
export class RecordedPrivileges {
  /** The values in the tape. */
  known: Privileges;

  /** @param live returns the current values at each access */
  constructor(private readonly live: Privileges) {
    this.known = now(live);
  }

  /** @returns all current values if one differs from the tape, which then is assumed to be updated; otherwise undefined */
  change(): Privileges | undefined {
    const { known } = this;
    const current = now(this.live);
    if (NAMES.every((name) => current[name] === known[name])) return undefined;
    return (this.known = current);
  }
}
