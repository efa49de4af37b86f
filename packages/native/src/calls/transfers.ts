/**
 * Calls that move bytes between files without passing them to the program, and `fsync()`. Files of the fake kernel have neither
 * `splice_read` nor `splice_write`, so these calls fail. Their stand-ins, pipes and memfds, have both.
 */

import { readFileSync } from 'node:fs';
import { fail, type File } from '@iommufd/fakekernel/task';
import { S_IFDIR, S_IFMT, S_IFREG } from '../linux/constants.js';
import type { Handler, SystemCall } from './call.js';
import { segmentsOf } from './segments.js';

/** `SPLICE_F_ALL`: the valid flags of `splice()`, `tee()` and `vmsplice()`. */
const SPLICE_F_ALL = 0xf;

/** True if a descriptor is not open, or open with O_PATH. */
function isClosed({ task: { files } }: SystemCall, fd: number): boolean {
  return files.factsOf(fd) === undefined || files.named(fd) !== undefined;
}

/** The files of the fake kernel among the files of a call. @throws EBADF */
function filesOf(call: SystemCall, source: number, target: number): [File | undefined, File | undefined] {
  if (isClosed(call, source) || isClosed(call, target)) throw fail('EBADF');
  return [call.own(source), call.own(target)];
}

/** True if one of the descriptors is a file of the fake kernel, open for access or with O_PATH. */
const concerns = (call: SystemCall, ...fds: readonly number[]): boolean =>
  fds.some((fd) => call.own(fd) !== undefined || call.task.files.named(fd) !== undefined);

/** The errors of `do_splice()` and `do_tee()`, which check access modes first. */
function refuse(call: SystemCall, from: number, to: number): never {
  const [source, target] = filesOf(call, from, to);
  if (source?.mode.read === false || target?.mode.write === false) throw fail('EBADF');
  throw fail('EINVAL');
}

/** `sendfile()` reads before it writes: at the end of the source it returns 0 without an error. */
export const sendfile: Handler = (call) => {
  const { task, thread } = call;
  const [from, to] = [call.int(1), call.int(0)];
  if (!concerns(call, from, to)) return 'continue';
  const given = call.word(2) === 0n ? undefined : BigInt.asIntN(64, task.memorySpace.readU64(call.word(2)));
  const [own] = filesOf(call, from, to);
  if (own?.mode.read === false) throw fail('EBADF');
  const isStream = own?.hasPositions === false && call.host.world.nodeOf(own) === undefined;
  if (isStream && given !== undefined) throw fail('ESPIPE');
  if (given !== undefined && given < 0n) throw fail('EINVAL');
  const source = own === undefined ? task.files.factsOf(from) : undefined;
  if (source === undefined || (source.mode & S_IFMT) !== S_IFREG) return refuse(call, from, to);
  if (call.own(to)?.mode.write === false) throw fail('EBADF');
  const at = given === undefined ? positionOf(thread.tid, from) : Number(given);
  return call.number(3) === 0 || at >= source.size ? 0 : refuse(call, from, to);
};

/** The position of a file; 0 if it has been closed. */
function positionOf(tid: number, fd: number): number {
  try {
    return Number(/^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export const splice: Handler = (call) => {
  const [from, to] = [call.int(0), call.int(2)];
  if (!concerns(call, from, to)) return 'continue';
  if (call.word(4) === 0n) return 0;
  if ((call.uint(5) & ~SPLICE_F_ALL) !== 0) throw fail('EINVAL');
  return refuse(call, from, to);
};

export const tee: Handler = (call) => {
  const [from, to] = [call.int(0), call.int(1)];
  if (!concerns(call, from, to)) return 'continue';
  if ((call.uint(3) & ~SPLICE_F_ALL) !== 0) throw fail('EINVAL');
  return call.word(2) === 0n ? 0 : refuse(call, from, to);
};

/** `generic_file_rw_checks()`: EISDIR for a directory and EINVAL for other files that are not regular, before modes are checked. */
export const copy_file_range: Handler = (call) => {
  const [from, to] = [call.int(0), call.int(2)];
  if (!concerns(call, from, to)) return 'continue';
  filesOf(call, from, to);
  const isDirectory = [from, to].some(
    (fd) => ((call.task.files.factsOf(fd)?.mode ?? 0) & S_IFMT) === S_IFDIR,
  );
  throw fail(isDirectory && call.uint(5) === 0 ? 'EISDIR' : 'EINVAL');
};

/** `vmsplice()` fails with EBADF if the file is not a pipe and the total length is not 0. */
export const vmsplice: Handler = (call) => {
  const fd = call.int(0);
  if (!concerns(call, fd)) return 'continue';
  if ((call.uint(3) & ~SPLICE_F_ALL) !== 0) throw fail('EINVAL');
  const { mode } = call.own(fd) ?? {};
  if (mode === undefined || (!mode.read && !mode.write)) throw fail('EBADF');
  const segments = segmentsOf(call.task.memorySpace, call.word(1), call.number(2));
  if (segments.every(({ length }) => length === 0)) return 0;
  throw fail('EBADF');
};

/** `vfs_fsync_range()`: EINVAL, because files of the fake kernel have no `fsync`. */
export const fsync: Handler = (call) => {
  if (call.own(call.int(0)) === undefined) return 'continue';
  throw fail('EINVAL');
};
export const fdatasync = fsync;

/** `ksys_readahead()`: EINVAL, because the file is not regular; EBADF if it is not open for reading. */
export const readahead: Handler = (call) => {
  const file = call.own(call.int(0));
  if (file === undefined) return 'continue';
  throw fail(file.mode.read ? 'EINVAL' : 'EBADF');
};
