import { fail, invariant } from '../errno.js';
import { PAGE_SIZE } from './page.js';

/** A count of pages that RLIMIT_MEMLOCK limits: `locked_vm` of a user or of an address space. */
export class LockedPages {
  private pages = 0;

  /** Number of locked pages. */
  get count(): number {
    return this.pages;
  }

  /** Pages that the program itself has locked in the address space, for example by `mlock()`. The same limit applies to them. */
  protected get locked(): number {
    return 0;
  }

  /**
   * Adds pages.
   * @param limit RLIMIT_MEMLOCK in bytes, rounded down to pages
   * @throws ENOMEM beyond the limit; the count does not change then
   */
  add(pages: number, limit: number): void {
    if (this.locked + this.pages + pages > Math.floor(limit / PAGE_SIZE)) throw fail('ENOMEM');
    this.pages += pages;
  }

  remove(pages: number): void {
    invariant(pages <= this.pages, () => `${pages} pages are unlocked, of ${this.pages}`);
    this.pages -= pages;
  }
}
