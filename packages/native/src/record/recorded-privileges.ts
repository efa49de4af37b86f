/** What a process may do, as a tape has it: programs give privileges up, change their user and set limits while they run. */

import type { Privileges } from '@iommufd/fakekernel/task';

const NAMES = ['ipcLock', 'sysResource', 'rawIo', 'sysAdmin', 'uid', 'memlock'] as const;

/** What they are at the moment. */
function now({ ipcLock, sysResource, rawIo, sysAdmin, uid, memlock }: Privileges): Privileges {
  return { ipcLock, sysResource, rawIo, sysAdmin, uid, memlock };
}

export class RecordedPrivileges {
  /** As the tape has them. */
  known: Privileges;

  /** @param live asked anew each time */
  constructor(private readonly live: Privileges) {
    this.known = now(live);
  }

  /** @returns all of them if one is not as the tape has it */
  change(): Privileges | undefined {
    const { known } = this;
    const current = now(this.live);
    if (NAMES.every((name) => current[name] === known[name])) return undefined;
    return (this.known = current);
  }
}
