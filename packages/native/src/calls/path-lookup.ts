/**
 * What a path or a descriptor of a system call names: a node of the fake kernel, an entry of its trees in `/sys` and
 * `/dev/vfio`, or an open file through `/proc/PID/fd`. Each function returns undefined for what is the host's, and the call
 * then continues there.
 */

import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { Errno, fail, type File } from '@iommufd/fakekernel/task';
import { statusInTree, statusOfPath } from '../files/nodes.js';
import type { FileStatus } from '../files/status.js';
import type { Found } from '../files/tree.js';
import { AT_EMPTY_PATH, AT_FDCWD } from '../linux/constants.js';
import { factsOf } from '../memory/shared-pages.js';
import type { SystemCall } from './call.js';

export const directoryOf = (call: SystemCall, at: number | undefined): number =>
  at === undefined ? AT_FDCWD : call.int(at);

/** True if AT_EMPTY_PATH makes the call one on the descriptor: the path is empty or, since Linux 6.11, NULL. */
export function isEmptyPath(call: SystemCall, path: number | undefined, flags: number | undefined): boolean {
  if (path === undefined || flags === undefined || (call.int(flags) & AT_EMPTY_PATH) === 0) return false;
  const address = call.word(path);
  return address === 0n || call.string(address) === '';
}

/** Matches the last component of every node's path, so that other paths need no further look-up. */
const NODE = /(?:^|\/)(?:iommu|vfio|(?:vfio)?\d+)\/*$/;

/** Matches a path that continues below a node, which is not a directory. */
const BELOW_NODE = /\/(?:iommu|(?:noiommu-|vfio)?\d+)(?=\/+[^/])/g;

/**
 * The absolute form of a path.
 * @param end length of the part of the path to use. Default: all of it
 * @returns undefined if the path is empty, which names a descriptor, or cannot be read
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
    // The program does not have the directory open: the host's kernel fails the call with EBADF.
    return undefined;
  }
}

/**
 * The path of the node that a path names, relative to a directory.
 * @throws ENOTDIR if the path uses the node as a directory
 */
export function nodeAt(call: SystemCall, directory: number, address: bigint): string | undefined {
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

/** The entry of `/sys` or `/dev/vfio` at a path. @throws ENOENT | ELOOP */
export function inTree(
  call: SystemCall,
  directory: number,
  address: bigint,
  follow: boolean,
): Found | undefined {
  const path = absolute(call, directory, address);
  return path === undefined ? undefined : call.host.tree.find(path, follow);
}

/** The filesystem of the file of the fake kernel that a path names. @throws Errno if the look-up fails */
export function filesystemAt(
  call: SystemCall,
  address: bigint,
  follow: boolean,
): 'sysfs' | 'devtmpfs' | undefined {
  if (nodeAt(call, AT_FDCWD, address) !== undefined) return 'devtmpfs';
  const found = inTree(call, AT_FDCWD, address, follow);
  return found && (found.path.startsWith('/dev/') ? 'devtmpfs' : 'sysfs');
}

/** Links to open files. `/dev/fd` is a link to `/proc/self/fd`. */
const DESCRIPTOR = /^(?:\/proc\/(self|thread-self|\d+)(\/task\/\d+)?|\/dev)\/fd\/(\d+)$/;

/** The process, or the thread in its directory (`PID/task/TID`), and the descriptor that a link to an open file names. */
function descriptorAt(
  call: SystemCall,
  directory: number,
  address: bigint,
): { process: string; fd: number } | undefined {
  if (!/(?:^|\/)\d+$/.test(call.string(address) ?? '')) return undefined;
  const path = absolute(call, directory, address);
  const [, process = 'self', thread = '', fd] =
    DESCRIPTOR.exec(path === undefined ? '' : posix.normalize(path)) ?? [];
  // `self` and `thread-self` are no numbers.
  return fd === undefined
    ? undefined
    : { process: `${Number(process) || call.thread.tid}${thread}`, fd: Number(fd) };
}

/** The file of the fake kernel that a link to an open file leads to. */
export function linkedFile(call: SystemCall, directory: number, address: bigint): File | undefined {
  const { world } = call.host;
  const named = world.isUsed ? descriptorAt(call, directory, address) : undefined;
  if (named === undefined) return undefined;
  const found = factsOf(world.libc, AT_FDCWD, `/proc/${named.process}/fd/${named.fd}`);
  return found && world.standIns.find(found);
}

/** The path in the tree of what a descriptor that was opened with O_PATH, or of a directory, represents. */
export function pathOf(call: SystemCall, fd: number, process = String(call.thread.tid)): string | undefined {
  const { tree } = call.host;
  if (!tree.isMade) return undefined;
  try {
    return tree.stoodFor(readlinkSync(`/proc/${process}/fd/${fd}`));
  } catch {
    return undefined;
  }
}

/** The path in the tree that a link to such a descriptor leads to. */
export function linkedPath(call: SystemCall, directory: number, address: bigint): string | undefined {
  const named = descriptorAt(call, directory, address);
  return named && pathOf(call, named.fd, named.process);
}

/** The path by which this process finds a file of the host; undefined if there is none. */
export function hostPath(call: SystemCall, directory: number, address: bigint): string | undefined {
  const named = descriptorAt(call, directory, address);
  return named ? `/proc/${named.process}/fd/${named.fd}` : absolute(call, directory, address);
}

/**
 * The status of the path that a descriptor represents ({@link pathOf}). The directory of a device that was unplugged stays open,
 * and has no status here: the host's kernel returns that of the directory that represents it.
 */
export function statusBehind(call: SystemCall, path: string | undefined): FileStatus | undefined {
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
