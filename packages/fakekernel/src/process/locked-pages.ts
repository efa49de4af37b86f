import { fail, invariant } from '../errno.js';
import { PAGE_SIZE } from './page.js';

/** Pages that are counted against RLIMIT_MEMLOCK: `locked_vm` of a user, or that of an address space. */
export class LockedPages {
  private pages = 0;

  /** How many there are. */
  get count(): number {
    return this.pages;
  }

  /** @param limit RLIMIT_MEMLOCK in bytes; rounded down to pages @throws ENOMEM beyond the limit; nothing is counted then */
  add(pages: number, limit: number): void {
    if (this.pages + pages > Math.floor(limit / PAGE_SIZE)) throw fail('ENOMEM');
    this.pages += pages;
  }

  remove(pages: number): void {
    invariant(pages <= this.pages, () => `${pages} pages are unlocked, of ${this.pages}`);
    this.pages -= pages;
  }
}
