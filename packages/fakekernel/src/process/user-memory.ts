import type { LockedPages } from './locked-pages.js';
import type { Extent, PageOfObject } from './memory-object.js';

/**
 * The memory of a process as the kernel uses it: copies in and out, and pages that it pins. Where the memory is, is for the
 * implementation to know: `AddressSpace` keeps it in this program, others reach that of another process. Addresses are of
 * 64 bits. What lies beyond user space can be given and is EFAULT.
 */
export interface UserMemory {
  /** Has a process got it? `mmget_not_zero()` fails without. */
  readonly isLive: boolean;

  /** `locked_vm`. */
  readonly lockedPages: LockedPages;
  /** `pinned_vm`: pages that are pinned for long, whether or not a limit holds for them. */
  pinnedPages: number;

  /** Could a range be user space as a whole: `access_ok()`? */
  isUserRange(address: bigint, length: number): boolean;

  /** `copy_from_user()`: a copy of the bytes. @throws EFAULT if one of them cannot be read */
  read(address: bigint, length: number): Uint8Array;

  /** The same into the first bytes of a buffer. @throws EFAULT; some bytes may have been copied then */
  readInto(address: bigint, length: number, bytes: Uint8Array): void;

  /** `get_user()` of a __u32. @throws EFAULT */
  readU32(address: bigint): number;

  /** `check_zeroed_user()`: are all bytes zero? It stops at the first that is not. @throws EFAULT before that */
  isZero(address: bigint, length: number): boolean;

  /** `copy_to_user()`. @throws EFAULT if one of them cannot be written; those before it have been then */
  write(address: bigint, bytes: Uint8Array): void;

  /** The same of those bytes of a struct at an address that are at `from` and before `end`. @throws EFAULT */
  writePart(address: bigint, bytes: Uint8Array, from: number, end: number): void;

  /** `clear_user()`. @throws EFAULT */
  clearBytes(address: bigint, length: number): void;

  /**
   * `pin_user_pages_fast()` until all are pinned: the pages at an address, which stay what they are whatever is mapped there
   * later.
   * @param batch how many pages are asked for at once
   * @throws EFAULT if one of them is not there, or not to be written when that is wanted; EOVERFLOW if a batch goes over the
   *   end of all addresses; none is pinned then
   */
  pin(address: number, count: number, writable: boolean, batch: number): Extent[];

  /** `pin_user_pages_remote()` of one page. @throws EFAULT */
  pinOne(address: number, writable: boolean): PageOfObject;

  /** `pin_user_pages_fast()` for writing: how many pages from an address on could be pinned, up to `most`. */
  pinnablePages(address: bigint, most: number): number;

  /**
   * Sets bits of a page that can be pinned, by reading and writing what they are in.
   * @param address of the page
   * @param from the first bit
   * @param end one beyond the last
   * @throws EFAULT
   */
  setBits(address: bigint, from: number, end: number): void;

  /** `get_user_pages_fast()` to read: the page at an address, without pinning it. @throws EFAULT | EOVERFLOW */
  pageAt(address: bigint): PageOfObject;

  /** `get_user_pages_remote()` to read: the page at an address that a page begins with. @throws EFAULT */
  remotePageAt(address: number): PageOfObject;
}
