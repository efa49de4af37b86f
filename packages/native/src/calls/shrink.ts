/**
 * Calls that remove pages from a file, which the host's kernel executes. Before that, pages that the fake kernel has pinned are
 * copied: those of the file, and those that private mappings have copied from it.
 */

import { fail, PAGE_SIZE } from '@iommufd/fakekernel/task';
import { FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import {
  AT_FDCWD,
  F_GET_SEALS,
  F_GETFL,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  O_ACCMODE,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  S_IFMT,
  S_IFREG,
} from '../linux/constants.js';
import { factsOf, pageSizeOf } from '../memory/shared-pages.js';
import type { Handler, SystemCall } from './call.js';
import { hostPath, nodeAt } from './path-lookup.js';

/** Seals with which a file gets no holes: `shmem_fallocate()`, `hugetlbfs_punch_hole()`. */
export const NO_HOLES = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

/** A file that a call removes pages from. */
interface Shrinking {
  /** Bytes of a page. */
  readonly pageSize: number;
  /** F_SEAL_*. */
  readonly seals: number;
  /** Copies the pinned pages of a part that is removed, in bytes, except the copies of private mappings. */
  take(start: number, end: number): void;
  /** Copies the pinned pages that private mappings have copied from a part. */
  takeCopies(start: number, end: number): void;
}

/** @param here the file, open in this process, which this function closes. @returns undefined if it is not open for writing */
function shrinking({ host }: SystemCall, here: number): Shrinking | undefined {
  const { libc, shared } = host.world;
  const found = factsOf(libc, here, '');
  const flags = libc.fcntl(here, F_GETFL, 0);
  const pageSize = pageSizeOf(libc, here);
  // A file that cannot have seals fails with EINVAL.
  const seals = Math.max(0, libc.fcntl(here, F_GET_SEALS, 0));
  libc.close(here);
  if (found === undefined || (flags & O_ACCMODE) === O_RDONLY) return undefined;
  return {
    pageSize,
    seals,
    take: (start, end) => {
      const first = start / PAGE_SIZE;
      const count = Math.ceil(Math.min(end, found.size) / PAGE_SIZE) - first;
      if (count > 0) shared.find(found)?.take({ first, count });
    },
    takeCopies: (start, end) => shared.takeCopies(found, start, end),
  };
}

/** A file is about to get a size in bytes. */
function setSize({ pageSize, seals, take, takeCopies }: Shrinking, size: number): void {
  // `hugetlbfs_setattr()`: EINVAL for a part of a huge page.
  if ((seals & F_SEAL_SHRINK) !== 0 || (pageSize > PAGE_SIZE && size % pageSize !== 0)) return;
  const start = Math.ceil(size / pageSize) * pageSize;
  take(start, Number.MAX_SAFE_INTEGER);
  // `shmem_setattr()`, `truncate_pagecache()`, `hugetlb_vmtruncate()`
  takeCopies(start, Number.MAX_SAFE_INTEGER);
}

/** A regular file of the host is about to get a size by its path. */
export function truncatePath(call: SystemCall, directory: number, address: bigint, size: number): void {
  const { libc, isUsed } = call.host.world;
  const path = isUsed ? hostPath(call, directory, address) : undefined;
  const found = path === undefined ? undefined : factsOf(libc, AT_FDCWD, path);
  if (path === undefined || found === undefined || (found.mode & S_IFMT) !== S_IFREG) return;
  const here = libc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
  const file = here < 0 ? undefined : shrinking(call, here);
  if (file !== undefined) setSize(file, size);
}

/** `vfs_truncate()`: EINVAL for devices. */
export const truncate: Handler = (call) => {
  const size = Number(BigInt.asIntN(64, call.word(1)));
  // `do_sys_truncate()`
  if (size < 0) return 'continue';
  if (nodeAt(call, AT_FDCWD, call.word(0)) !== undefined) throw fail('EINVAL');
  truncatePath(call, AT_FDCWD, call.word(0), size);
  return 'continue';
};

/** The file of a descriptor of the program. */
function ofDescriptor(call: SystemCall, fd: number): Shrinking | undefined {
  const here = call.take(fd);
  return here === undefined ? undefined : shrinking(call, here);
}

export const ftruncate: Handler = (call) => {
  if (call.own(call.int(0)) !== undefined) throw fail('EINVAL');
  const size = Number(BigInt.asIntN(64, call.word(1)));
  const file = size < 0 ? undefined : ofDescriptor(call, call.int(0));
  if (file !== undefined) setSize(file, size);
  return 'continue';
};

export const fallocate: Handler = (call) => {
  const offset = Number(BigInt.asIntN(64, call.word(2)));
  const length = Number(BigInt.asIntN(64, call.word(3)));
  const isOwn = call.own(call.int(0)) !== undefined;
  if (offset < 0 || length <= 0) {
    if (isOwn) throw fail('EINVAL');
    return 'continue';
  }
  // `vfs_fallocate()`: ENODEV for files that are neither regular nor block devices.
  if (isOwn) throw fail('ENODEV');
  if ((call.int(1) & FALLOC_FL_PUNCH_HOLE) === 0) return 'continue';
  const file = ofDescriptor(call, call.int(0));
  if (file === undefined || (file.seals & NO_HOLES) !== 0) return 'continue';
  // `hugetlbfs_punch_hole()`: what is not a whole huge page is zeroed where it is.
  const { pageSize } = file;
  const start = Math.ceil(offset / pageSize) * pageSize;
  const end = Math.floor((offset + length) / pageSize) * pageSize;
  file.take(start, end);
  // Only hugetlbfs removes the copies of private mappings: `hugetlb_vmdelete_list()`.
  if (pageSize > PAGE_SIZE) file.takeCopies(start, end);
  return 'continue';
};
