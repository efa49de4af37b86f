/**
 * `open()`, `creat()`, `openat()` and `openat2()` of the fake kernel's files. A file of the fake kernel becomes a stand-in
 * descriptor in this process, and a directory or an attribute of sysfs becomes a file on the host; the program receives either
 * by SECCOMP_IOCTL_NOTIF_ADDFD.
 */

import { posix } from 'node:path';
import { accessModeOf, fail, type File, type FileAttribute, SettingFile } from '@iommufd/fakekernel/task';
import { AttributeFile } from '../files/attribute-file.js';
import { statusInTree, statusOfPath } from '../files/nodes.js';
import { faultPath, statusPath, statusText } from '../files/proc-status.js';
import type { FileStatus } from '../files/status.js';
import type { Found } from '../files/tree.js';
import {
  AT_FDCWD,
  MFD_CLOEXEC,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_SYNC,
  O_TRUNC,
  O_WRONLY,
} from '../linux/constants.js';
import { errno, must } from '../linux/libc.js';
import type { Answer } from '../listener.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import type { Opened } from '../observer.js';
import type { Handler, SystemCall } from './call.js';
import { directoryOf, inTree, linkedFile, linkedPath, nodeAt } from './path-lookup.js';
import { truncatePath } from './shrink.js';

/**
 * The handler of a call of the `open()` family.
 * @param directoryAt index of the argument with the directory
 * @param pathAt index of the argument with the path
 * @param flagsOf returns the flags of the call
 */
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
    const answer = openFault(call, address, flags) ?? openStatus(call, address, flags);
    const isNew = (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
    if (answer === 'continue' && (flags & (O_TRUNC | O_PATH)) === O_TRUNC && !isNew)
      truncatePath(call, directory, address, 0, flags);
    return answer;
  };
}

export const open = opens(undefined, 0, (call) => call.int(1));

export const creat = opens(undefined, 0, () => O_CREAT | O_WRONLY | O_TRUNC);

export const openat = opens(0, 1, (call) => call.int(2));

/** The flags of `openat2()` are the first member of its struct `open_how`. */
export const openat2 = opens(0, 1, (call) => Number(call.task.memorySpace.readU64(call.word(2))));

/** `open()` of a node. */
function openNode(call: SystemCall, node: string, flags: number): Answer {
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw fail('EEXIST');
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  // No device of the fake kernel has FMODE_CAN_ODIRECT.
  if ((flags & O_DIRECT) !== 0) throw fail('EINVAL');
  const { task, host } = call;
  const { world } = host;
  const perform = (): Opened => {
    // Linux allocates the descriptor before it opens the file.
    const at = call.freeNumber();
    const file = task.opening(() => world.openNode(node));
    if (file === undefined) throw fail('ENOENT');
    return { file, fd: giveOpened(call, file, at, flags) };
  };
  return (task.observer?.open(task, node, flags, perform) ?? perform()).fd;
}

/** Opens a node with O_PATH. */
function nameNode(call: SystemCall, node: string, flags: number): Answer {
  const status = statusOfPath(call.host.world, node);
  if (status === undefined) throw fail('ENOENT');
  return giveName(call, node, status, flags);
}

/** Opens what a link to an open file leads to, once more. A file without a path cannot be opened again (`no_open()`). */
function reopen(call: SystemCall, file: File, flags: number): Answer {
  const path = call.host.world.nodeOf(file);
  if (path === undefined) throw fail('ENXIO');
  const found = file instanceof AttributeFile ? call.host.tree.find(path, true) : undefined;
  return found === undefined ? openNode(call, path, flags) : openInTree(call, found, flags);
}

/** Opens an entry of `/sys` or `/dev/vfio`. */
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

/** Opens a file of debugfs or procfs whose reads and writes the fake kernel performs. */
function openSetting(call: SystemCall, open: () => File, flags: number): Answer {
  if ((flags & O_DIRECTORY) !== 0) throw fail('ENOTDIR');
  const at = call.freeNumber();
  return giveOpened(call, open(), at, flags);
}

/** Opens a file of sysfs for writing: `kernfs_fop_open()`. */
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

/** Opens `/proc/PID/fail-nth` or `make-it-fail`. @returns undefined for any other path */
function openFault(call: SystemCall, address: bigint, flags: number): Answer | undefined {
  const found = faultPath(call.string(address) ?? '', call.thread.tid, call.task.pid);
  if (found === undefined) return undefined;
  const { world } = call.host;
  const task = world.thread(found.tid)?.task;
  // `proc_task_lookup()`: the directory of a process has only its own threads.
  if (task === undefined || world.thread(found.of)?.task !== task) throw fail('ENOENT');
  return openSetting(call, () => new SettingFile(task.faultsOf(found.tid), found.name), flags);
}

/** Opens `/proc/PID/status` of a process with pinned memory: a copy of its current text. */
function openStatus(call: SystemCall, address: bigint, flags: number): Answer {
  const { world } = call.host;
  const pid = statusPath(call.string(address) ?? '');
  const task = pid === undefined ? undefined : world.known(pid === 0 ? call.task.pid : pid);
  const text = task && statusText(task);
  return text === undefined ? 'continue' : giveCopy(call, 'status', Buffer.from(text), flags);
}

/** Gives the program a file of the fake kernel, with the mode of the flags. @returns its descriptor there, or a negative errno */
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

/**
 * Opens a file that is not a directory with O_PATH: the descriptor names the file and does not open it. SECCOMP_IOCTL_NOTIF_ADDFD
 * refuses a file that is open with O_PATH, so the program receives an ordinary one, and `answerCall()` fails its calls with EBADF.
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

/** Opens a file of the host in this process, and gives it to the program. */
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

/** Gives the program a read-only file with these bytes. */
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
