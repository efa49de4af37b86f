/** `ftruncate()` and `fallocate()`: the order of their checks. `FileMemory` has what becomes of the pages. */

import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { FdTable } from './fd-table.js';
import { FileMemory } from './file-memory.js';
import { HUGE_PAGE_SIZE } from './page.js';

/** The largest size of a file: LLONG_MAX, `MAX_LFS_FILESIZE`. */
const MOST = 2 ** 63;
/** All modes of `fallocate()`: FALLOC_FL_MODE_MASK and FALLOC_FL_KEEP_SIZE. */
const MODES = 0xfb;

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

/**
 * @param offset in bytes
 * @param length in bytes
 * @throws Errno EBADF; EINVAL for an invalid range; EOPNOTSUPP for an unknown mode; ENODEV for a file that is not a memfd
 */
export function allocateFile(files: FdTable, fd: number, mode: number, offset: number, length: number): void {
  const file = files.get(fd);
  // `vfs_fallocate()`
  if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length <= 0)
    throw fail('EINVAL');
  const isHole = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if ((mode & ~MODES) !== 0 || (isHole && !keepsSize)) throw fail('EOPNOTSUPP');
  if (!file.mode.write) throw fail('EBADF');
  const { memory } = file;
  if (!(memory instanceof FileMemory)) throw fail('ENODEV');
  if (offset + length >= MOST) throw fail('EFBIG');
  // `shmem_fallocate()`, `hugetlbfs_fallocate()`
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) throw fail('EOPNOTSUPP');
  if (isHole) memory.punch(offset, length);
  else if (!keepsSize) memory.reach(offset + length);
}
