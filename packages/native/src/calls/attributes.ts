/**
 * Calls that read the extended attributes of a path, as `ls -l` does, or its filesystem. Files of the fake kernel are on sysfs or
 * devtmpfs, so the call is made on a file of the host that is on the same filesystem.
 */

import { fail } from '@iommufd/fakekernel/task';
import { O_CLOEXEC, O_PATH, STATFS_SIZE } from '../linux/constants.js';
import { errno } from '../linux/libc.js';
import type { Handler, SystemCall } from './call.js';
import { filesystemAt } from './path-lookup.js';

/** A file of the host on each filesystem. */
const LIKE = { sysfs: '/sys/kernel', devtmpfs: '/dev/null' } as const;

/** `linux/limits.h`, `linux/xattr.h`. */
const XATTR_SIZE_MAX = 65536;
const XATTR_NAME_MAX = 255;

/** A file of the host on the same filesystem as a path of the fake kernel; undefined for other paths. */
function like(call: SystemCall, follow: boolean): string | undefined {
  const filesystem = filesystemAt(call, call.word(0), follow);
  return filesystem && LIKE[filesystem];
}

/**
 * Calls `ask` and copies the bytes to the caller.
 * @param at the indices of the arguments for the buffer and its size; a size of 0 returns the length only
 */
function answer(
  call: SystemCall,
  at: { readonly buffer: number; readonly size: number },
  ask: (into: Buffer | null, size: number) => number,
): number {
  const size = Math.min(call.number(at.size), XATTR_SIZE_MAX);
  const bytes = size === 0 ? null : Buffer.alloc(size);
  const length = ask(bytes, size);
  if (length < 0) return -errno();
  if (bytes !== null) call.task.memorySpace.write(call.word(at.buffer), bytes.subarray(0, length));
  return length;
}

function gets(follow: boolean): Handler {
  return (call) => {
    const path = like(call, follow);
    if (path === undefined) return 'continue';
    const { memorySpace: memory } = call.task;
    const name = memory.readString(call.word(1), XATTR_NAME_MAX + 1);
    if (name === undefined)
      throw fail(
        memory.tryRead(call.word(1), XATTR_NAME_MAX + 1).length > XATTR_NAME_MAX ? 'ERANGE' : 'EFAULT',
      );
    return answer(call, { buffer: 2, size: 3 }, (into, size) =>
      call.host.world.libc.getxattr(path, name, into, size),
    );
  };
}

function lists(follow: boolean): Handler {
  return (call) => {
    const path = like(call, follow);
    if (path === undefined) return 'continue';
    return answer(call, { buffer: 1, size: 2 }, (into, size) =>
      call.host.world.libc.listxattr(path, into, size),
    );
  };
}

export const getxattr = gets(true);
export const lgetxattr = gets(false);
export const listxattr = lists(true);
export const llistxattr = lists(false);

export const statfs: Handler = (call) => {
  const path = like(call, true);
  if (path === undefined) return 'continue';
  const { libc } = call.host.world;
  const fd = libc.open(path, O_PATH | O_CLOEXEC, 0);
  if (fd < 0) return -errno();
  const bytes = Buffer.alloc(STATFS_SIZE);
  const result = libc.fstatfs(fd, bytes);
  libc.close(fd);
  if (result !== 0) return -errno();
  call.task.memorySpace.write(call.word(1), bytes);
  return 0;
};
