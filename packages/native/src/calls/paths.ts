/** Calls that name a file by its path: nodes of the fake kernel are answered, all others are the host's. */

import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import {
  accessModeOf,
  Errno,
  fail,
  type File,
  type FileAttribute,
  SettingFile,
} from '@iommufd/fakekernel/task';
import { AttributeFile } from '../files/attribute-file.js';
import { statusInTree, statusOfFile, statusOfPath } from '../files/nodes.js';
import { faultPath, statusPath, statusText } from '../files/proc-status.js';
import { encodeStat, encodeStatx, type FileStatus } from '../files/status.js';
import {
  AT_EMPTY_PATH,
  MFD_CLOEXEC,
  AT_SYMLINK_NOFOLLOW,
  O_ACCMODE,
  O_APPEND,
  O_DIRECT,
  O_RDONLY,
  AT_FDCWD,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_SYNC,
  O_TRUNC,
  O_WRONLY,
} from '../linux/constants.js';
import { errno, must } from '../linux/libc.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import type { Answer } from '../listener.js';
import type { Opened } from '../observer.js';
import type { Found } from '../files/tree.js';
import type { Handler, SystemCall } from './call.js';

/** Where the fake kernel's nodes are, so that no other path is looked at more closely. */
const NODE = /(?:^|\/)(?:iommu|vfio|(?:vfio)?\d+)\/*$/;

/** A path that goes on behind one. */
const BELOW_NODE = /\/(?:iommu|(?:noiommu-|vfio)?\d+)(?=\/+[^/])/g;

/** What the fake kernel has in `/sys` and `/dev/vfio` at a path; undefined for every other path. @throws ENOENT | ELOOP */
function inTree(call: SystemCall, directory: number, address: bigint, follow: boolean): Found | undefined {
  const path = absolute(call, directory, address);
  return path === undefined ? undefined : call.host.tree.find(path, follow);
}

/**
 * The node of the fake kernel that a path names, from a directory.
 * @returns undefined for every other path
 * @throws Errno ENOTDIR if the path says that it is a directory
 */
function nodeAt(call: SystemCall, directory: number, address: bigint): string | undefined {
  const named = call.string(address) ?? '';
  for (const { 0: last, index } of `/${named}`.matchAll(BELOW_NODE)) {
    const before = absolute(call, directory, address, index + last.length - 1);
    if (before !== undefined && call.host.world.hasNode(posix.normalize(before))) throw fail('ENOTDIR');
  }
  if (!NODE.test(named)) return undefined;
  const path = absolute(call, directory, address);
  const normal = path && posix.normalize(path);
  const node = normal?.replace(/\/$/, '');
  if (node === undefined || !call.host.world.hasNode(node)) return undefined;
  if (node !== normal) throw fail('ENOTDIR');
  return node;
}

/**
 * A path from the root.
 * @param end where it ends, if not at its own end
 * @returns undefined for an empty one, which names a descriptor, and what cannot be read
 */
function absolute(call: SystemCall, directory: number, address: bigint, end?: number): string | undefined {
  const path = call.string(address)?.slice(0, end);
  if (path === undefined || path === '') return undefined;
  const { tree } = call.host;
  if (path.startsWith('/')) return tree.meant(path);
  const from = directory === AT_FDCWD ? 'cwd' : `fd/${directory}`;
  try {
    return tree.meant(`${readlinkSync(`/proc/${call.thread.tid}/${from}`)}/${path}`);
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
  if (!world.isUsed || !/(?:^|\/)\d+$/.test(call.string(address) ?? '')) return undefined;
  const path = absolute(call, directory, address);
  const [, who = 'self', fd] = DESCRIPTOR.exec(path === undefined ? '' : posix.normalize(path)) ?? [];
  if (fd === undefined) return undefined;
  const process = Number(who) || call.thread.tid;
  const found = factsOf(world.libc, AT_FDCWD, `/proc/${process}/fd/${fd}`);
  return found && world.standIns.find(found);
}

/** What a descriptor that was opened with O_PATH stands for, or that of a directory. @returns its path in the tree */
function pathOf(call: SystemCall, fd: number, process = call.thread.tid): string | undefined {
  const { tree } = call.host;
  if (!tree.isMade) return undefined;
  try {
    return tree.stoodFor(readlinkSync(`/proc/${process}/fd/${fd}`));
  } catch {
    return undefined;
  }
}

/** The same for a link to an open file. */
function linkedPath(call: SystemCall, directory: number, address: bigint): string | undefined {
  if (!/(?:^|\/)\d+$/.test(call.string(address) ?? '')) return undefined;
  const path = absolute(call, directory, address);
  const [, who = 'self', fd] = DESCRIPTOR.exec(path === undefined ? '' : posix.normalize(path)) ?? [];
  return fd === undefined ? undefined : pathOf(call, Number(fd), Number(who) || call.thread.tid);
}

/**
 * What `stat()` says of what a descriptor stands for; undefined for what is the host's. A directory of a device that was
 * unplugged is open as before: the host's kernel answers of what stands for it.
 */
function statusBehind(call: SystemCall, path: string | undefined): FileStatus | undefined {
  if (path === undefined) return undefined;
  const { world, tree } = call.host;
  if (world.hasNode(path)) return statusOfPath(world, path);
  let found: Found | undefined;
  try {
    found = tree.find(path, false);
  } catch (cause) {
    if (cause instanceof Errno) return undefined;
    throw cause;
  }
  return found && statusInTree(tree, found);
}

/** `open()` of a link to an open file: it opens the node anew. A file without a path cannot be opened again (`no_open()`). */
function reopen(call: SystemCall, file: File, flags: number): Answer {
  const path = call.host.world.nodeOf(file);
  if (path === undefined) throw fail('ENXIO');
  const found = file instanceof AttributeFile ? call.host.tree.find(path, true) : undefined;
  return found === undefined ? openNode(call, path, flags) : openInTree(call, found, flags);
}

/** Gives the program a file of the fake kernel, open as it asks for. @returns its number there, or a negative errno */
function giveOpened(call: SystemCall, file: File, at: number, flags: number): number {
  const { world } = call.host;
  file.mode = accessModeOf(flags);
  const here = world.standIns.open(file, flags & (O_NONBLOCK | O_APPEND | O_SYNC));
  try {
    return call.giveFile(here, at, (flags & O_CLOEXEC) !== 0);
  } finally {
    world.libc.close(here);
  }
}

/** `open()` of a node. */
function openNode(call: SystemCall, node: string, flags: number): Answer {
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw fail('EEXIST');
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  // No device of the fake kernel has FMODE_CAN_ODIRECT.
  if ((flags & O_DIRECT) !== 0) throw fail('EINVAL');
  const { task, host } = call;
  const { world } = host;
  const perform = (): Opened => {
    // What cannot have a number is not opened.
    const at = call.freeNumber();
    const file = task.opening(() => world.openNode(node));
    if (file === undefined) throw fail('ENOENT');
    return { file, fd: giveOpened(call, file, at, flags) };
  };
  return (task.observer?.open(task, node, flags, perform) ?? perform()).fd;
}

/**
 * `open()` with O_PATH of what is no directory: a descriptor that names it, and has it not open. SECCOMP_IOCTL_NOTIF_ADDFD takes no
 * file that is open with O_PATH, so that the program gets an ordinary one, on which calls are EBADF here.
 */
function giveName(call: SystemCall, path: string, status: FileStatus, flags: number): Answer {
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  const { tree, world } = call.host;
  const here = tree.nameHere(path);
  const found = factsOf(world.libc, AT_FDCWD, here);
  if (found === undefined) throw fail('ENFILE');
  tree.named.set(keyOf(found), { path, status });
  return giveHere(call, here, O_RDONLY | (flags & O_NOFOLLOW), flags, call.freeNumber());
}

/** The same of a node. */
function nameNode(call: SystemCall, node: string, flags: number): Answer {
  const status = statusOfPath(call.host.world, node);
  if (status === undefined) throw fail('ENOENT');
  return giveName(call, node, status, flags);
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
    const flags = flagsOf(call);
    if (node !== undefined)
      return (flags & O_PATH) === 0 ? openNode(call, node, flags) : nameNode(call, node, flags);
    const named =
      (flags & (O_PATH | O_NOFOLLOW)) === 0 ? linkedPath(call, directory, call.word(pathAt)) : undefined;
    if (named !== undefined && call.host.world.hasNode(named)) return openNode(call, named, flags);
    const behind = named === undefined ? undefined : call.host.tree.find(named, false);
    if (behind !== undefined) return openInTree(call, behind, flags);
    const found = inTree(call, directory, call.word(pathAt), (flags & O_NOFOLLOW) === 0);
    if (found !== undefined) return openInTree(call, found, flags);
    const address = call.word(pathAt);
    return openFault(call, address, flags) ?? openStatus(call, address, flags);
  };
}

/** Opens what the fake kernel has in `/sys` or `/dev/vfio`: a file of this process, which the program gets. */
function openInTree(call: SystemCall, found: Found, flags: number): Answer {
  const { tree } = call.host;
  const isPath = (flags & O_PATH) !== 0;
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw fail('EEXIST');
  const { entry } = found;
  const name = (): Answer => giveName(call, found.path, statusInTree(tree, found), flags);
  switch (entry.kind) {
    case 'directory':
      if (!isPath && ((flags & O_ACCMODE) !== O_RDONLY || (flags & O_CREAT) !== 0)) throw fail('EISDIR');
      return giveHere(call, tree.directoryHere(found.path), O_RDONLY | O_DIRECTORY, flags);
    case 'link':
      if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
      if (!isPath) throw fail('ELOOP');
      return name();
    case 'node':
      return isPath ? name() : openNode(call, found.path, flags);
    case 'attribute':
      if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
      if (isPath) return name();
      if (entry.open !== undefined) return openSetting(call, entry.open, flags);
      if ((flags & O_ACCMODE) !== O_RDONLY) return openToWrite(call, found, entry, flags);
      if (entry.read === undefined) throw fail('EACCES');
      return giveCopy(call, posix.basename(found.path), entry.read(), flags);
  }
}

/** Opens a file whose reads and writes the fake kernel answers, and which is no node. */
function openSetting(call: SystemCall, open: () => File, flags: number): Answer {
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  const at = call.freeNumber();
  return giveOpened(call, open(), at, flags);
}

/** Opens a file of sysfs that can be written: `kernfs_fop_open()`. */
function openToWrite(call: SystemCall, found: Found, attribute: FileAttribute, flags: number): Answer {
  const reads = (flags & O_ACCMODE) !== O_WRONLY;
  if (attribute.write === undefined || (reads && attribute.read === undefined)) throw fail('EACCES');
  const { world, tree } = call.host;
  const at = call.freeNumber();
  const complain = (what: string): void => call.host.notice(what);
  if (call.task.observer !== undefined) complain(`not in the tape: what is written to ${found.path}`);
  const file = new AttributeFile(found.path, attribute, reads, complain);
  world.named(file, found.path, statusInTree(tree, found));
  return giveOpened(call, file, at, flags);
}

/** Opens `/proc/PID/fail-nth` or `make-it-fail`. @returns undefined for every other path */
function openFault(call: SystemCall, address: bigint, flags: number): Answer | undefined {
  const found = faultPath(call.string(address) ?? '', call.thread.tid, call.task.pid);
  if (found === undefined) return undefined;
  const task = call.host.world.thread(found.tid)?.task;
  if (task === undefined) throw fail('ENOENT');
  return openSetting(call, () => new SettingFile(task.faultsOf(found.tid), found.name), flags);
}

/** Opens a file of this process for the program. */
function giveHere(call: SystemCall, path: string, how: number, flags: number, at?: number): Answer {
  const { libc } = call.host.world;
  const fd = libc.open(path, how | O_CLOEXEC, 0);
  if (fd < 0) return -errno();
  try {
    return call.giveFile(fd, at, (flags & O_CLOEXEC) !== 0);
  } finally {
    libc.close(fd);
  }
}

/** Gives the program a file with these bytes, which it can only read. */
function giveCopy(call: SystemCall, name: string, bytes: Uint8Array, flags: number): Answer {
  const { libc } = call.host.world;
  const fd = must('memfd_create()', libc.memfdCreate(name, MFD_CLOEXEC));
  try {
    must('pwrite()', libc.pwrite(fd, bytes, bytes.length, 0));
    return giveHere(call, `/proc/self/fd/${fd}`, O_RDONLY, flags);
  } finally {
    libc.close(fd);
  }
}

/** Opens the status of a process whose memory is pinned: a copy, as it is now. */
function openStatus(call: SystemCall, address: bigint, flags: number): Answer {
  const { world } = call.host;
  const pid = statusPath(call.string(address) ?? '');
  const task = pid === undefined ? undefined : world.known(pid === 0 ? call.task.pid : pid);
  const text = task && statusText(task);
  return text === undefined ? 'continue' : giveCopy(call, 'status', Buffer.from(text), flags);
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
function accesses(directoryAt: number | undefined, path: number, mode: number): Handler {
  return (call) => {
    const directory = directoryOf(call, directoryAt);
    const wanted = call.int(mode);
    if (nodeAt(call, directory, call.word(path)) !== undefined) {
      if ((wanted & X_OK) !== 0) throw fail('EACCES');
      return 0;
    }
    const found = inTree(call, directory, call.word(path), true);
    if (found === undefined) return 'continue';
    const isDirectory = found.entry.kind === 'directory';
    const canWrite = !isDirectory && (call.host.tree.status(found).mode & 0o222) !== 0;
    if (((wanted & W_OK) !== 0 && !canWrite) || ((wanted & X_OK) !== 0 && !isDirectory)) throw fail('EACCES');
    return 0;
  };
}

/** `fcntl.h`: a device cannot be executed. */
const X_OK = 1;
const W_OK = 2;

export const access = accesses(undefined, 0, 1);
export const faccessat = accesses(0, 1, 2);
export const faccessat2 = faccessat;

/** Is what a path names of the fake kernel, and on which filesystem? @returns undefined for what the host has @throws Errno */
export function filesystemAt(
  call: SystemCall,
  address: bigint,
  follow: boolean,
): 'sysfs' | 'devtmpfs' | undefined {
  if (nodeAt(call, AT_FDCWD, address) !== undefined) return 'devtmpfs';
  const found = inTree(call, AT_FDCWD, address, follow);
  return found && (found.path.startsWith('/dev/') ? 'devtmpfs' : 'sysfs');
}

/** A node is no link. */
function readsLink(directoryAt: number | undefined, path: number): Handler {
  return (call) => {
    const address = call.word(path);
    const directory = directoryOf(call, directoryAt);
    if (nodeAt(call, directory, address) !== undefined) throw fail('EINVAL');
    const target = linkTarget(call, directory, address);
    if (target === undefined) return 'continue';
    const room = call.int(path + 2);
    if (room <= 0) throw fail('EINVAL');
    const bytes = Buffer.from(target).subarray(0, room);
    call.task.memorySpace.write(call.word(path + 1), bytes);
    return bytes.length;
  };
}

/** @returns undefined for what the host has @throws EINVAL for what is no link */
function linkTarget(call: SystemCall, directory: number, address: bigint): string | undefined {
  const { world, tree } = call.host;
  // An empty path is of the descriptor: a link that was opened with O_PATH and O_NOFOLLOW.
  if (call.string(address) === '') {
    const named = call.task.files.named(directory);
    const found = named && tree.find(named.path, false);
    return found?.entry.kind === 'link' ? tree.target(found) : undefined;
  }
  const linked = linkedFile(call, directory, address);
  if (linked === undefined) {
    const named = linkedPath(call, directory, address);
    if (named !== undefined) return named;
    const found = inTree(call, directory, address, false);
    return found && tree.target(found);
  }
  const target = world.linkOf(linked);
  if (target === undefined) throw fail('EINVAL');
  return target;
}

export const readlink = readsLink(undefined, 0);
export const readlinkat = readsLink(0, 1);
