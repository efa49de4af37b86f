/** `stat()`, `fstat()`, `lstat()`, `newfstatat()` and `statx()` of the fake kernel's files. */

import { AT_SYMLINK_NOFOLLOW } from '../linux/constants.js';
import { statusInTree, statusOfFile, statusOfPath } from '../files/nodes.js';
import { encodeStat, encodeStatx, type FileStatus } from '../files/status.js';
import type { Handler, SystemCall } from './call.js';
import {
  directoryOf,
  inTree,
  isEmptyPath,
  linkedFile,
  linkedPath,
  nodeAt,
  pathOf,
  statusBehind,
} from './path-lookup.js';

/** Indices of the arguments of a call of the `stat()` family. */
interface StatCall {
  readonly directory?: number;
  readonly path?: number;
  /** AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW. */
  readonly flags?: number;
  readonly descriptor?: number;
  readonly buffer: number;
  /** True if the buffer is a struct `statx`. */
  readonly extended?: true;
  /** True if it follows a link at the end of the path. */
  readonly follows?: boolean;
}

function stats({ directory, path, flags, descriptor, buffer, extended, follows = true }: StatCall): Handler {
  const statusFor = (call: SystemCall): FileStatus | undefined => {
    const { world } = call.host;
    const byNumber = descriptor ?? (isEmptyPath(call, path, flags) ? directory : undefined);
    if (byNumber !== undefined) {
      const fd = call.int(byNumber);
      const file = call.own(fd);
      if (file !== undefined) return statusOfFile(world, file);
      return call.task.files.named(fd)?.status ?? statusBehind(call, pathOf(call, fd));
    }
    const node = path === undefined ? undefined : nodeAt(call, directoryOf(call, directory), call.word(path));
    if (node !== undefined) return statusOfPath(world, node);
    if (path === undefined) return undefined;
    const links = follows && (flags === undefined || (call.int(flags) & AT_SYMLINK_NOFOLLOW) === 0);
    const linked = links ? linkedFile(call, directoryOf(call, directory), call.word(path)) : undefined;
    if (linked !== undefined) return statusOfFile(world, linked);
    const named = links ? linkedPath(call, directoryOf(call, directory), call.word(path)) : undefined;
    if (named !== undefined) return statusBehind(call, named);
    const found = inTree(call, directoryOf(call, directory), call.word(path), links);
    return found && statusInTree(call.host.tree, found);
  };
  return (call) => {
    const status = statusFor(call);
    if (status === undefined) return 'continue';
    const { stat } = call.host.world.machine;
    call.task.memorySpace.write(call.word(buffer), extended ? encodeStatx(status) : encodeStat(stat, status));
    return 0;
  };
}

export const fstat = stats({ descriptor: 0, buffer: 1 });

export const stat = stats({ path: 0, buffer: 1 });

export const lstat = stats({ path: 0, buffer: 1, follows: false });

export const newfstatat = stats({ directory: 0, path: 1, buffer: 2, flags: 3 });

export const statx = stats({ directory: 0, path: 1, flags: 2, buffer: 4, extended: true });
