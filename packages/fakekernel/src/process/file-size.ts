/** `ftruncate()` and `fallocate()`: the order of their checks. `FileMemory` has what becomes of the pages. */

import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { FdTable } from './fd-table.js';
import type { File } from './file.js';
import { FileMemory } from './file-memory.js';
import { HUGE_PAGE_SIZE } from './page.js';

/** The largest size of a file: LLONG_MAX, `MAX_LFS_FILESIZE`. */
const MOST = 2 ** 63;

/** @param size in bytes @throws Errno EBADF; EINVAL for a negative size, a file that is not a memfd, or a part of a huge page */
export function truncateFile(files: FdTable, fd: number, size: number): void {
  // `ksys_ftruncate()` looks at the size first.
  if (!Number.isInteger(size) || size < 0 || size >= MOST) throw fail('EINVAL');
  const { memory, mode } = files.get(fd);
  // `do_ftruncate()`
  if (!(memory instanceof FileMemory) || !mode.write) throw fail('EINVAL');
  // `hugetlbfs_setattr()`
  if (memory.hasBlocks && size % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
  memory.resize(size);
}

/** Modes of `fallocate()`, of which one at most is allowed, without and with FALLOC_FL_KEEP_SIZE: `vfs_fallocate()`. */
const MODES: readonly (readonly number[])[] = [
  // FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_WRITE_ZEROES
  [0, 0x08, 0x10, 0x20, 0x40, 0x80],
  [0, 0x10, 0x40, FALLOC_FL_PUNCH_HOLE],
];

/**
 * The checks of `fallocate()`: `vfs_fallocate()`.
 * @param offset in bytes, as the length
 * @returns the memory of the memfd
 * @throws Errno EINVAL for an invalid range; EOPNOTSUPP for an unknown mode; EBADF without FMODE_WRITE; ENODEV for a file that is not a
 * memfd; EFBIG
 */
export function checkAllocate(
  { mode: access, memory }: Pick<File, 'mode' | 'memory'>,
  mode: number,
  offset: bigint,
  length: bigint,
): FileMemory {
  if (offset < 0n || length <= 0n) throw fail('EINVAL');
  const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if (MODES[keepsSize ? 1 : 0]?.includes(mode & ~FALLOC_FL_KEEP_SIZE) !== true) throw fail('EOPNOTSUPP');
  if (!access.write) throw fail('EBADF');
  if (!(memory instanceof FileMemory)) throw fail('ENODEV');
  if (offset + length >= BigInt(MOST)) throw fail('EFBIG');
  return memory;
}

/**
 * @param offset in bytes
 * @param length in bytes
 * @throws Errno EBADF; as {@link checkAllocate}
 */
export function allocateFile(files: FdTable, fd: number, mode: number, offset: number, length: number): void {
  const file = files.get(fd);
  if (!Number.isInteger(offset) || !Number.isInteger(length)) throw fail('EINVAL');
  const memory = checkAllocate(file, mode, BigInt(offset), BigInt(length));
  // `shmem_fallocate()`, `hugetlbfs_fallocate()`
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) throw fail('EOPNOTSUPP');
  if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) memory.punch(offset, length);
  else if ((mode & FALLOC_FL_KEEP_SIZE) === 0) memory.reach(offset + length);
}
