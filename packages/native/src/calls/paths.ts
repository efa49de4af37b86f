/** Calls that name a file by its path: nodes of the fake kernel are answered, all others are the host's. */

import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { accessModeOf, fail, type File } from '@iommufd/fakekernel/task';
import { statusOfFile, statusOfPath } from '../files/nodes.js';
import { statusPath, statusText } from '../files/proc-status.js';
import { encodeStat, encodeStatx, type FileStatus } from '../files/status.js';
import {
  AT_EMPTY_PATH,
  MFD_CLOEXEC,
  AT_SYMLINK_NOFOLLOW,
  O_ACCMODE,
  O_RDONLY,
  AT_FDCWD,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_TRUNC,
  O_WRONLY,
} from '../linux/constants.js';
import { errno, must } from '../linux/libc.js';
import { factsOf } from '../memory/shared-pages.js';
import type { Answer } from '../listener.js';
import type { Opened } from '../observer.js';
import type { Handler, SystemCall } from './call.js';

/** Where the fake kernel's nodes are, so that no other path is looked at more closely. */
const NODE = /(?:^|\/)(?:iommu|vfio|vfio\d+)\/*$/;

/** Where a path of the tree of devices is here; undefined for every other path. A relative one begins in the tree itself. */
function inTree(call: SystemCall, address: bigint, follow: boolean): string | undefined {
  const { tree } = call.host;
  const path = tree && call.string(address);
  return path === undefined ? undefined : tree?.find(path, follow);
}

/**
 * The node of the fake kernel that a path names, from a directory.
 * @returns undefined for every other path
 * @throws Errno ENOTDIR if the path says that it is a directory
 */
function nodeAt(call: SystemCall, directory: number, address: bigint): string | undefined {
  const path = call.string(address);
  if (path === undefined || !NODE.test(path)) return undefined;
  const absolute = path.startsWith('/') ? posix.normalize(path) : resolve(call, directory, path);
  const node = absolute?.replace(/\/$/, '');
  if (node === undefined || !call.host.world.hasNode(node)) return undefined;
  if (node !== absolute) throw fail('ENOTDIR');
  return node;
}

/** A path that does not begin at the root. */
function resolve({ thread: { tid } }: SystemCall, directory: number, path: string): string | undefined {
  const from = directory === AT_FDCWD ? 'cwd' : `fd/${directory}`;
  try {
    return posix.join(readlinkSync(`/proc/${tid}/${from}`), path);
  } catch {
    // The program names a directory that it has not open; the host's kernel says so.
    return undefined;
  }
}

/** A link to an open file: `/dev/fd` leads to `/proc/self/fd`. */
const DESCRIPTOR = /^(?:\/proc\/(self|thread-self|\d+)(?:\/task\/\d+)?|\/dev)\/fd\/(\d+)$/;

/** The file of the fake kernel that a link to an open file leads to. @returns undefined for every other path */
function linkedFile(call: SystemCall, directory: number, address: bigint): File | undefined {
  const { world } = call.host;
  const path = world.isUsed ? call.string(address) : undefined;
  if (path === undefined || !/(?:^|\/)\d+$/.test(path)) return undefined;
  const absolute = path.startsWith('/') ? posix.normalize(path) : resolve(call, directory, path);
  const [, who = 'self', fd] = DESCRIPTOR.exec(absolute ?? '') ?? [];
  if (fd === undefined) return undefined;
  const process = Number(who) || call.thread.tid;
  const found = factsOf(world.libc, AT_FDCWD, `/proc/${process}/fd/${fd}`);
  return found && world.standIns.find(found);
}

/** `open()` of a link to an open file: it opens the node anew. A file without a path cannot be opened again (`no_open()`). */
function reopen(call: SystemCall, file: File, flags: number): Answer {
  const node = call.host.world.nodeOf(file);
  if (node === undefined) throw fail('ENXIO');
  return openNode(call, node, flags);
}

/** `open()` of a node. */
function openNode(call: SystemCall, node: string, flags: number): Answer {
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw fail('EEXIST');
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  const { task, host } = call;
  const { world } = host;
  const perform = (): Opened => {
    // What cannot have a number is not opened.
    const at = call.freeNumber();
    const file = world.openNode(node);
    if (file === undefined) throw fail('ENOENT');
    file.mode = accessModeOf(flags);
    const here = world.standIns.open(file, flags & O_NONBLOCK);
    try {
      return { file, fd: call.giveFile(here, at, (flags & O_CLOEXEC) !== 0) };
    } finally {
      world.libc.close(here);
    }
  };
  return (task.observer?.open(task, node, flags, perform) ?? perform()).fd;
}

/** @param flagsOf the flags of the call */
function opens(
  directoryAt: number | undefined,
  pathAt: number,
  flagsOf: (call: SystemCall) => number,
): Handler {
  return (call) => {
    const directory = directoryOf(call, directoryAt);
    const node = nodeAt(call, directory, call.word(pathAt));
    const linked = node === undefined ? linkedFile(call, directory, call.word(pathAt)) : undefined;
    if (linked !== undefined) {
      const flags = flagsOf(call);
      return (flags & (O_PATH | O_NOFOLLOW)) === 0 ? reopen(call, linked, flags) : 'continue';
    }
    if (node === undefined) return openInTree(call, call.word(pathAt), flagsOf);
    const flags = flagsOf(call);
    return (flags & O_PATH) === 0 ? openNode(call, node, flags) : 'continue';
  };
}

/** Opens a file or a directory of the tree here, and gives it to the program. It may only be read. */
function openInTree(call: SystemCall, address: bigint, flagsOf: (call: SystemCall) => number): Answer {
  const here = inTree(call, address, true);
  if (here === undefined) return openStatus(call, address, flagsOf);
  const { libc } = call.host.world;
  const flags = flagsOf(call);
  if ((flags & O_ACCMODE) !== O_RDONLY) throw fail('EACCES');
  const fd = libc.open(here, flags | O_CLOEXEC, 0);
  if (fd < 0) return -errno();
  try {
    return call.giveFile(fd, undefined, (flags & O_CLOEXEC) !== 0);
  } finally {
    libc.close(fd);
  }
}

/** Opens the status of a process whose memory is pinned: a copy, as it is now. */
function openStatus(call: SystemCall, address: bigint, flagsOf: (call: SystemCall) => number): Answer {
  const { world } = call.host;
  const pid = statusPath(call.string(address) ?? '');
  const task = pid === undefined ? undefined : world.known(pid === 0 ? call.task.pid : pid);
  const text = task && statusText(task);
  if (text === undefined) return 'continue';
  const { libc } = world;
  const fd = must('memfd_create()', libc.memfdCreate('status', MFD_CLOEXEC));
  try {
    const bytes = Buffer.from(text);
    must('pwrite()', libc.pwrite(fd, bytes, bytes.length, 0));
    return call.giveFile(fd, undefined, (flagsOf(call) & O_CLOEXEC) !== 0);
  } finally {
    libc.close(fd);
  }
}

const directoryOf = (call: SystemCall, at: number | undefined): number =>
  at === undefined ? AT_FDCWD : call.int(at);

export const open = opens(undefined, 0, (call) => call.int(1));
export const creat = opens(undefined, 0, () => O_CREAT | O_WRONLY | O_TRUNC);
export const openat = opens(0, 1, (call) => call.int(2));
/** Its flags are the first member of a struct. */
export const openat2 = opens(0, 1, (call) => Number(call.task.memorySpace.readU64(call.word(2))));

/** Where a call of the `stat` family has its arguments. */
interface StatCall {
  readonly directory?: number;
  readonly path?: number;
  /** With AT_EMPTY_PATH. */
  readonly flags?: number;
  readonly descriptor?: number;
  readonly buffer: number;
  readonly extended?: true;
  /** Does it look through a link at the end of the path? */
  readonly follows?: boolean;
}

function stats({ directory, path, flags, descriptor, buffer, extended, follows = true }: StatCall): Handler {
  const statusFor = (call: SystemCall): FileStatus | undefined => {
    const { world } = call.host;
    const byNumber = descriptor ?? (isEmptyPath(call, path, flags) ? directory : undefined);
    if (byNumber !== undefined) {
      const file = call.own(call.int(byNumber));
      return file === undefined ? undefined : statusOfFile(world, file);
    }
    const node = path === undefined ? undefined : nodeAt(call, directoryOf(call, directory), call.word(path));
    if (node !== undefined) return statusOfPath(world, node);
    if (path === undefined) return undefined;
    const links = follows && (flags === undefined || (call.int(flags) & AT_SYMLINK_NOFOLLOW) === 0);
    const linked = links ? linkedFile(call, directoryOf(call, directory), call.word(path)) : undefined;
    if (linked !== undefined) return statusOfFile(world, linked);
    return statusInTree(call, call.word(path), links);
  };
  return (call) => {
    const status = statusFor(call);
    if (status === undefined) return 'continue';
    const { stat } = call.host.world.machine;
    call.task.memorySpace.write(call.word(buffer), extended ? encodeStatx(status) : encodeStat(stat, status));
    return 0;
  };
}

function statusInTree(call: SystemCall, address: bigint, follow: boolean): FileStatus | undefined {
  const here = inTree(call, address, follow);
  const status = here === undefined ? undefined : call.host.tree?.status(here, follow);
  return status && { mode: status.mode, inode: status.ino, size: status.size };
}

/** `fstat()` by the calls that take a path: an empty one, or since Linux 6.11 none at all. */
function isEmptyPath(call: SystemCall, path: number | undefined, flags: number | undefined): boolean {
  if (path === undefined || flags === undefined || (call.int(flags) & AT_EMPTY_PATH) === 0) return false;
  const address = call.word(path);
  return address === 0n || call.string(address) === '';
}

export const fstat = stats({ descriptor: 0, buffer: 1 });
export const stat = stats({ path: 0, buffer: 1 });
export const lstat = stats({ path: 0, buffer: 1, follows: false });
export const newfstatat = stats({ directory: 0, path: 1, buffer: 2, flags: 3 });
export const statx = stats({ directory: 0, path: 1, flags: 2, buffer: 4, extended: true });

/** `access()`: the fake kernel's nodes may be used by all who find them. */
function accesses(directory: number | undefined, path: number, mode: number): Handler {
  return (call) => {
    const node = nodeAt(call, directoryOf(call, directory), call.word(path));
    if (node === undefined) return accessInTree(call, call.word(path), call.int(mode));
    if ((call.int(mode) & X_OK) !== 0) throw fail('EACCES');
    return 0;
  };
}

function accessInTree(call: SystemCall, address: bigint, mode: number): Answer {
  const here = inTree(call, address, true);
  if (here === undefined) return 'continue';
  const isDirectory = call.host.tree?.status(here, true)?.isDirectory() === true;
  if ((mode & W_OK) !== 0 || ((mode & X_OK) !== 0 && !isDirectory)) throw fail('EACCES');
  return 0;
}

/** `fcntl.h`: a device cannot be executed. */
const X_OK = 1;
const W_OK = 2;

export const access = accesses(undefined, 0, 1);
export const faccessat = accesses(0, 1, 2);
export const faccessat2 = faccessat;

/** A node is no link. */
function readsLink(directory: number | undefined, path: number): Handler {
  return (call) => {
    const address = call.word(path);
    if (nodeAt(call, directoryOf(call, directory), address) !== undefined) throw fail('EINVAL');
    const linked = linkedFile(call, directoryOf(call, directory), address);
    const here = linked === undefined ? inTree(call, address, false) : undefined;
    if (linked === undefined && here === undefined) return 'continue';
    const target =
      linked === undefined ? here && call.host.tree?.target(here) : call.host.world.linkOf(linked);
    const room = call.int(path + 2);
    if (target === undefined || room <= 0) throw fail('EINVAL');
    const bytes = Buffer.from(target).subarray(0, room);
    call.task.memorySpace.write(call.word(path + 1), bytes);
    return bytes.length;
  };
}

export const readlink = readsLink(undefined, 0);
export const readlinkat = readsLink(0, 1);
