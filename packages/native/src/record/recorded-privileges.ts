/** The privileges of a process in a tape. Programs drop privileges, change their user and set limits while they run. */

import type { Privileges } from '@iommufd/fakekernel/task';
import { pickPrivileges, PRIVILEGE_NAMES } from '@iommufd/tape';

/** Detects changes of a process's privileges. */
export class RecordedPrivileges {
  /** The values in the tape. */
  known: Privileges;

  /** @param live returns the current values at each access */
  constructor(private readonly live: Privileges) {
    this.known = pickPrivileges(live);
  }

  /** @returns all current values if one differs from the tape, which then is assumed to be updated; otherwise undefined */
  change(): Privileges | undefined {
    const { known } = this;
    const current = pickPrivileges(this.live);
    if (PRIVILEGE_NAMES.every((name) => current[name] === known[name])) return undefined;
    return (this.known = current);
  }
}
