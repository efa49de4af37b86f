/**
 * Accounting of pinned pages: `do_update_pinned()` and `iommufd_ioas_change_process()`. A user and an address space have a count
 * each (`locked_vm`), and RLIMIT_MEMLOCK limits each count separately. If one context counts by user and another by address
 * space, neither count includes the pages of the other.
 */

import { fail } from '../errno.js';
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
  /** Pages that are charged now: `last_npinned`. It differs from the pinned pages only if an update has failed. */
  charged = 0;
  /** Pages that are pinned now: `npinned`. */
  private pinned = 0;
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

  /**
   * Charges pages that were pinned (`pfn_reader_user_update_pinned()`), or uncharges pages that were unpinned (`update_unpinned()`).
   * @param pages number of pages, negative to uncharge
   * @throws ENOMEM if it exceeds the limit
   */
  charge(pages: number): void {
    const pinned = this.pinned + pages;
    if (pages > 0) this.add(pinned - this.charged);
    this.pinned = pinned;
    if (pages > 0) this.charged = pinned;
    else if (pinned < this.charged && this.remove(this.charged - pinned)) this.charged = pinned;
  }

  private add(pages: number): void {
    if (pages > 0) this.locked()?.add(pages, this.process.privileges.memlock);
    else this.locked()?.remove(-pages);
    this.mm.pinnedPages += pages;
  }

  /**
   * `iopt_pages_update_pinned()`: the count of an address space that has ended is not updated.
   * @returns false then, where Linux fails with EINVAL
   */
  private remove(pages: number): boolean {
    if (this.mode === 'mm' && !this.mm.isLive) return false;
    this.add(-pages);
    return true;
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

  /**
   * `need_charge_update()`: true if a process must be charged in place of the current one. Pages that no limit applies to stay with
   * the process that mapped them.
   */
  needsMoveTo(process: Task): boolean {
    if (this.mode === 'none') return false;
    return this.mm !== process.memorySpace || this.user !== this.userOf(process);
  }

  /**
   * Uncharges the current process, for another one that has been charged.
   * @returns false if its address space has ended (`update_mm_locked_vm()`): no page counts as charged then
   */
  uncharge(): boolean {
    const done = this.remove(this.pinned);
    this.charged = done ? this.pinned : 0;
    return done;
  }

  /** `change_mm()`. Without a limit, `pinned_vm` of the previous address space keeps the pages, and the next one loses them. */
  handOverTo(process: Task): void {
    this.process = process;
    this.mm = process.memorySpace;
    this.user = this.userOf(process);
  }

  /** No process could be charged: all pinned pages count as charged. */
  settle(): void {
    this.charged = this.pinned;
  }
}

/**
 * `iommufd_ioas_change_process()`: moves all accounts to a process, which is charged before the others are uncharged. If they
 * have the same user, the user is charged twice for a moment, and the limit must allow it.
 * @throws ENOMEM; no account has moved then
 * @throws EINVAL if pages of an address space that has ended could not be uncharged; all accounts have moved
 */
export function moveAccounts(accounts: Iterable<PinAccount>, process: Task): void {
  const all = [...new Set(accounts)];
  const moved = all.filter((account) => account.needsMoveTo(process));
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
    for (const account of all) account.settle();
    throw cause;
  }
  // Not `every()`, which stops at the first failure.
  const failed = moved.filter((account) => !account.uncharge());
  for (const account of all) account.handOverTo(process);
  if (failed.length > 0) throw fail('EINVAL');
}
