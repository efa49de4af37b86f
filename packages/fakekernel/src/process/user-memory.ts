import type { LockedPages } from './locked-pages.js';
import type { Extent, PageOfObject } from './memory-object.js';

/**
 * The memory of a process as the kernel uses it: copies in and out, and pinned pages. Implementations define where the memory is:
 * `AddressSpace` has it in this program, others access the memory of another process. Addresses have 64 bits. Addresses beyond
 * user space are valid arguments, and fail with EFAULT.
 */
export interface UserMemory {
  /** True if a process uses it. If not, `mmget_not_zero()` fails. */
  readonly isLive: boolean;

  /** `locked_vm`. */
  readonly lockedPages: LockedPages;
  /** `pinned_vm`: pages with long-term pins, with or without a limit. */
  pinnedPages: number;

  /** `access_ok()`: true if the whole range is below the end of user space. */
  isUserRange(address: bigint, length: number): boolean;

  /** `copy_from_user()`: returns a copy of the bytes. @throws EFAULT if a byte cannot be read */
  read(address: bigint, length: number): Uint8Array;

  /** Like {@link read}, into the first bytes of a buffer. @throws EFAULT; some bytes may have been copied then */
  readInto(address: bigint, length: number, bytes: Uint8Array): void;

  /** `get_user()` of a __u32. @throws EFAULT */
  readU32(address: bigint): number;

  /**
   * `check_zeroed_user()`: true if all bytes are zero. It stops at the first other byte.
   * @throws EFAULT if a byte before that cannot be read
   */
  isZero(address: bigint, length: number): boolean;

  /** `copy_to_user()`. @throws EFAULT if a byte cannot be written; the bytes before it have been written then */
  write(address: bigint, bytes: Uint8Array): void;

  /** Like {@link write}, for the bytes `from` to `end - 1` of a struct at `address`. @throws EFAULT */
  writePart(address: bigint, bytes: Uint8Array, from: number, end: number): void;

  /** `clear_user()`. @throws EFAULT */
  clearBytes(address: bigint, length: number): void;

  /**
   * `pin_user_pages_fast()`, until all pages at an address are pinned. A pinned page stays the same page when its address is
   * mapped to another one.
   * @param batch number of pages of one call
   * @throws EFAULT if a page is missing, or is not writable although `writable` is set; EOVERFLOW if a batch exceeds the last
   *   64-bit address; no page is pinned then
   */
  pin(address: number, count: number, writable: boolean, batch: number): Extent[];

  /** `pin_user_pages_remote()` of one page. @throws EFAULT */
  pinOne(address: number, writable: boolean): PageOfObject;

  /** `pin_user_pages_fast()` for writing: returns how many pages from an address on can be pinned, at most `most`. */
  pinnablePages(address: bigint, most: number): number;

  /**
   * Sets bits of a page that can be pinned, by reading and writing the bytes that contain them.
   * @param address address of the page
   * @param from the first bit
   * @param end the bit after the last one
   * @throws EFAULT
   */
  setBits(address: bigint, from: number, end: number): void;

  /**
   * `get_user_pages_fast()` for reading: returns the page that contains an address, without pinning it.
   * @throws EFAULT | EOVERFLOW
   */
  pageAt(address: bigint): PageOfObject;

  /** `get_user_pages_remote()` for reading: returns the page at a page-aligned address. @throws EFAULT */
  remotePageAt(address: number): PageOfObject;
}
