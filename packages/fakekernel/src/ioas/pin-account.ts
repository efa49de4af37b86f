/**
 * Accounting of pinned pages: `do_update_pinned()` and `iommufd_ioas_change_process()`. A user and an address space have a count
 * each (`locked_vm`), and RLIMIT_MEMLOCK limits each count separately. If one context counts by user and another by address
 * space, neither count includes the pages of the other.
 */

import type { LockedPages } from '../process/locked-pages.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';

/**
 * The count that is limited, IOPT_PAGES_ACCOUNT_*: `none` for mappings made with CAP_IPC_LOCK; `user` for the count that all
 * processes of a user share; `mm` for the count of the address space.
 */
export type AccountMode = 'none' | 'user' | 'mm';

/** The pinned pages of one mapping. */
export class PinAccount {
  /** Pages that are charged now: `last_npinned`. */
  charged = 0;
  /** `source_mm`, which may differ from the process's current address space after an exec. */
  private mm: UserMemory;
  /** `source_user`, where its pages are counted: the process may be of another user since it mapped. */
  private user: LockedPages | undefined;

  constructor(
    /** The process whose limit applies: `source_task`. */
    public process: Task,
    /** Set when the pages are mapped, and never changed. */
    readonly mode: AccountMode,
  ) {
    this.mm = process.memorySpace;
    this.user = this.userOf(process);
  }

  private userOf(process: Task): LockedPages | undefined {
    return this.mode === 'user' ? process.user : undefined;
  }

  /** The address space that is charged. */
  get space(): UserMemory {
    return this.mm;
  }

  /** Charges pages. @param pages number of pages, negative to uncharge @throws ENOMEM if it exceeds the limit */
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
        return this.user;
      case 'mm':
        return this.mm.lockedPages;
    }
  }

  /** `need_charge_update()`: pages without a limit stay with the process that mapped them. */
  needsMoveTo(process: Task): boolean {
    if (this.mode === 'none') return false;
    return this.mm !== process.memorySpace || this.user !== this.userOf(process);
  }

  /** Moves the account to a process that has been charged already, and uncharges the previous process. */
  handOverTo(process: Task): void {
    const { charged } = this;
    this.charge(-charged);
    this.process = process;
    this.mm = process.memorySpace;
    this.user = this.userOf(process);
    this.charged = charged;
  }
}

/**
 * `iommufd_ioas_change_process()`: moves all accounts to a process, which is charged before the others are uncharged. If they
 * have the same user, the user is charged twice for a moment, and the limit must allow it.
 * @throws ENOMEM; no account has moved then
 */
export function moveAccounts(accounts: Iterable<PinAccount>, process: Task): void {
  const moved = [...new Set(accounts)].filter((account) => account.needsMoveTo(process));
  // `charge_current()` charges the sum of each mode in one step.
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
