/**
 * Calls that remove pages from a file, which the host's kernel executes. Before that, pages that the fake kernel has pinned are
 * copied: those of the file, and those that private mappings have copied from it.
 */

import { checkAllocate, fail, PAGE_SIZE } from '@iommufd/fakekernel/task';
import {
  AT_FDCWD,
  CAP_DAC_OVERRIDE,
  F_GET_SEALS,
  F_GETFL,
  O_ACCMODE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  S_IFMT,
  S_IFREG,
  S_IWGRP,
  S_IWOTH,
  S_IWUSR,
} from '../linux/constants.js';
import { type FileUser, fileUserOf } from '../linux/proc.js';
import { allocating, type FileChange, removedBy, sizeOf } from '../memory/drops.js';
import { type FileFacts, factsOf, pageSizeOf } from '../memory/shared-pages.js';
import type { Handler, SystemCall } from './call.js';
import { hostPath, nodeAt } from './path-lookup.js';

/**
 * Copies the pinned pages that a change is about to remove from a file.
 * @param here the file, open in this process, which this function closes
 * @param changeOf returns the change of a file of a size in bytes
 */
function shrink(
  { host }: SystemCall,
  here: number,
  changeOf: (size: number) => FileChange | undefined,
): void {
  const { libc, shared } = host.world;
  const found = factsOf(libc, here, '');
  const flags = libc.fcntl(here, F_GETFL, 0);
  // A file that cannot have seals fails with EINVAL.
  const file = { pageSize: pageSizeOf(libc, here), seals: Math.max(0, libc.fcntl(here, F_GET_SEALS, 0)) };
  libc.close(here);
  if (found === undefined || (flags & O_ACCMODE) === O_RDONLY) return;
  const change = changeOf(found.size);
  const removed = change && removedBy(change, file);
  if (removed === undefined) return;
  const { start, end, withCopies } = removed;
  const first = start / PAGE_SIZE;
  const count = Math.ceil(Math.min(end, found.size) / PAGE_SIZE) - first;
  if (count > 0) shared.find(found)?.take({ first, count });
  if (withCopies && start < end) shared.takeCopies(found, start, end);
}

/**
 * True if a thread certainly may not write to a file: `generic_permission()`. Groups, access control lists and the directories of its
 * path are not looked at. If they forbid the call, pages are copied although it fails.
 */
function isForbidden({ mode, uid }: FileFacts, user: FileUser): boolean {
  if ((user.capabilities & (1n << BigInt(CAP_DAC_OVERRIDE))) !== 0n) return false;
  // `acl_permission_check()`. The bits of the group limit what an access control list allows.
  return (mode & (user.fsuid === uid ? S_IWUSR : S_IWGRP | S_IWOTH)) === 0;
}

/**
 * A regular file of the host is about to get a size by its path.
 * @param flags of `open()`: with O_DIRECTORY or, at a link, O_NOFOLLOW it fails
 */
export function truncatePath(
  call: SystemCall,
  directory: number,
  address: bigint,
  size: number,
  flags = 0,
): void {
  const { libc, isUsed } = call.host.world;
  const path = isUsed ? hostPath(call, directory, address) : undefined;
  const found = path === undefined ? undefined : factsOf(libc, AT_FDCWD, path);
  if (path === undefined || found === undefined || (found.mode & S_IFMT) !== S_IFREG) return;
  // This process may be allowed what the program is not.
  const user = fileUserOf(call.thread.tid);
  if (user !== undefined && isForbidden(found, user)) return;
  const checked = flags & (O_DIRECTORY | O_NOFOLLOW);
  const here = libc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | checked, 0);
  if (here >= 0) shrink(call, here, () => ({ size }));
}

/** `vfs_truncate()`: EINVAL for devices. */
export const truncate: Handler = (call) => {
  const size = sizeOf(call);
  // `do_sys_truncate()`
  if (size === undefined) return 'continue';
  if (nodeAt(call, AT_FDCWD, call.word(0)) !== undefined) throw fail('EINVAL');
  truncatePath(call, AT_FDCWD, call.word(0), size);
  return 'continue';
};

/** The file of a descriptor of the program is about to change. */
function shrinkDescriptor(call: SystemCall, changeOf: (size: number) => FileChange | undefined): void {
  const here = call.take(call.int(0));
  if (here !== undefined) shrink(call, here, changeOf);
}

export const ftruncate: Handler = (call) => {
  if (call.own(call.int(0)) !== undefined) throw fail('EINVAL');
  const size = sizeOf(call);
  if (size !== undefined) shrinkDescriptor(call, () => ({ size }));
  return 'continue';
};

export const fallocate: Handler = (call) => {
  const own = call.own(call.int(0));
  if (own !== undefined) {
    // No file of the fake kernel that a program has is a memfd.
    checkAllocate(own, call.int(1), BigInt.asIntN(64, call.word(2)), BigInt.asIntN(64, call.word(3)));
    throw fail('ENODEV');
  }
  shrinkDescriptor(call, (size) => allocating(call, size));
  return 'continue';
};
