/**
 * Who pinned pages are counted for, and against which limit: `do_update_pinned()` and `iommufd_ioas_change_process()`. A user and
 * an address space have a count each (`locked_vm`), and each is held against RLIMIT_MEMLOCK on its own: what one context
 * counts by the user, another may count by the address space, and neither sees the pages of the other.
 */

import type { LockedPages } from '../process/locked-pages.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';

/**
 * Which count is held against the limit, IOPT_PAGES_ACCOUNT_*: none for what is mapped with CAP_IPC_LOCK, that of the user, which
 * all processes of the user share, or that of the address space.
 */
export type AccountMode = 'none' | 'user' | 'mm';

/** The pinned pages of one mapping. */
export class PinAccount {
  /** Pages that are counted now: `last_npinned`. */
  charged = 0;
  /** `source_mm`: the process may have another one since it ran another program. */
  private mm: UserMemory;

  constructor(
    /** Whose limit it is, `source_task`, and whose user, `source_user`. */
    public process: Task,
    /** Fixed when the pages are mapped. */
    readonly mode: AccountMode,
  ) {
    this.mm = process.memorySpace;
  }

  /** The address space that it counts for. */
  get space(): UserMemory {
    return this.mm;
  }

  /** Charges pages. @param pages negative to uncharge @throws ENOMEM if the limit is exceeded */
  charge(pages: number): void {
    const locked = this.locked();
    if (pages > 0) locked?.add(pages, this.process.privileges.memlock);
    else locked?.remove(-pages);
    this.mm.pinnedPages += pages;
    this.charged += pages;
  }

  private locked(): LockedPages | undefined {
    switch (this.mode) {
      case 'none':
        return undefined;
      case 'user':
        return this.process.user;
      case 'mm':
        return this.mm.lockedPages;
    }
  }

  /** `need_charge_update()`: what the limit does not hold for stays with the process that mapped it. */
  needsMoveTo(process: Task): boolean {
    // An address space is of one process, and so of one user: another user has another one as well.
    return this.mode !== 'none' && this.mm !== process.memorySpace;
  }

  /** Counts for a process that has been charged already, and no more for the one before. */
  handOverTo(process: Task): void {
    const { charged } = this;
    this.charge(-charged);
    this.process = process;
    this.mm = process.memorySpace;
    this.charged = charged;
  }
}

/**
 * `iommufd_ioas_change_process()`: counts all pages for a process, which is charged before the others are relieved. Where they have
 * the same user, the pages count twice for it in between, and the limit must allow that.
 * @throws ENOMEM, and nothing has moved then
 */
export function moveAccounts(accounts: Iterable<PinAccount>, process: Task): void {
  const moved = [...new Set(accounts)].filter((account) => account.needsMoveTo(process));
  // `charge_current()`: the sum of each mode at once.
  const charges: PinAccount[] = [];
  try {
    for (const mode of ['user', 'mm'] as const) {
      const total = moved.reduce((sum, account) => (account.mode === mode ? sum + account.charged : sum), 0);
      if (total === 0) continue;
      const charge = new PinAccount(process, mode);
      charge.charge(total);
      charges.push(charge);
    }
  } catch (cause) {
    for (const charge of charges) charge.charge(-charge.charged);
    throw cause;
  }
  for (const account of moved) account.handOverTo(process);
}
