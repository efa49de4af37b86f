/** Calls on file descriptors: `ioctl()`, reads and writes, `dup()` and `fcntl()`. */

import { fail, type File } from '@iommufd/fakekernel/task';
import { AttributeFile } from '../files/attribute-file.js';
import { KVM_SET_DEVICE_ATTR } from '../filter/filter.js';
import {
  F_ADD_SEALS,
  F_ALL_SEALS,
  F_CREATED_QUERY,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_DUPFD_QUERY,
  F_GET_SEALS,
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SEAL_EXEC,
  F_SEAL_SEAL,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_WRITE,
  F_SETFD,
  F_SETFL,
  F_SETLEASE,
  F_SETPIPE_SZ,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  O_ACCMODE,
  O_ASYNC,
  O_DIRECT,
  O_DIRECTORY,
  O_LARGEFILE,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../linux/constants.js';
import { errno } from '../linux/libc.js';
import type { Answer } from '../listener.js';
import type { Handler, SystemCall } from './call.js';
import { setDeviceAttribute } from './kvm.js';
import { lookAtRings } from './notices.js';
import { type Segment, segmentsOf } from './segments.js';

export const ioctl: Handler = (call) => {
  const fd = call.int(0);
  const request = call.uint(1);
  if (call.own(fd) === undefined) {
    if (request === KVM_SET_DEVICE_ATTR) return setDeviceAttribute(call);
    return 'continue';
  }
  const arg = call.word(2);
  call.host.world.lookAtMappings(call.thread);
  call.task.memorySpace.begin(arg);
  call.task.current = { tid: call.thread.tid, request, argument: arg };
  // Close-on-exec belongs to the descriptor, which is the host kernel's.
  if (request === FIOCLEX || request === FIONCLEX) return 'continue';
  const result = call.task.ioctl(fd, request, arg);
  lookAtRings(call);
  // The host's kernel also sets O_NONBLOCK on the stand-in, for F_GETFL and for calls that it answers.
  return request === FIONBIO && result === 0 ? 'continue' : result;
};

export const read: Handler = (call) => {
  const fd = call.int(0);
  if (call.own(fd) === undefined) return 'continue';
  return call.task.read(fd, call.word(1), call.number(2));
};

export const write: Handler = (call) => {
  const fd = call.int(0);
  if (call.own(fd) === undefined) return 'continue';
  return call.task.write(fd, call.word(1), call.number(2));
};

export const pread64: Handler = (call) => {
  const fd = call.int(0);
  if (call.own(fd) === undefined) return 'continue';
  return call.task.pread(fd, call.word(1), call.number(2), BigInt.asIntN(64, call.word(3)));
};

export const pwrite64: Handler = (call) => {
  const fd = call.int(0);
  if (call.own(fd) === undefined) return 'continue';
  return call.task.pwrite(fd, call.word(1), call.number(2), BigInt.asIntN(64, call.word(3)));
};

/** `RWF_HIPRI`, the only flag that a file without `read_iter` supports. */
const RWF_HIPRI = 1;

/** The read or write of one segment. */
type One = (call: SystemCall, fd: number, segment: Segment, position: bigint) => number;

/**
 * `do_loop_readv_writev()`: one segment after another, until one is transferred only in part.
 * @param positionAt the index of the position's argument; undefined for calls without one
 * @param flagsAt the index of the flags' argument; undefined for calls without one
 */
function vectored(one: One, writes: boolean, positionAt?: number, flagsAt?: number): Handler {
  return (call) => {
    const fd = call.int(0);
    const file = call.own(fd);
    if (file === undefined) return 'continue';
    const position = positionAt === undefined ? -1n : BigInt.asIntN(64, call.word(positionAt));
    // preadv2() takes -1 for the position of the file itself.
    const hasPosition = positionAt !== undefined && !(flagsAt !== undefined && position === -1n);
    if (hasPosition && position < 0n) throw fail('EINVAL');
    if (hasPosition && !file.hasPositions) throw fail('ESPIPE');
    if (!(writes ? file.mode.write : file.mode.read)) throw fail('EBADF');
    if (!(writes ? file.canWrite : file.canRead)) throw fail('EINVAL');
    const segments = segmentsOf(call.task.memorySpace, call.word(1), call.number(2));
    const total = segments.reduce((sum, { length }) => sum + length, 0);
    if (total === 0) return 0;
    if (flagsAt !== undefined && (call.int(flagsAt) & ~RWF_HIPRI) !== 0) throw fail('EOPNOTSUPP');
    if (writes && file instanceof AttributeFile)
      return file.writeAll(call.task, segments, hasPosition ? position : undefined);
    let done = 0;
    for (const segment of segments) {
      const count = one(call, fd, segment, hasPosition ? position + BigInt(done) : -1n);
      if (count < 0) return done > 0 ? done : count;
      done += count;
      if (count < segment.length) break;
    }
    return done;
  };
}

const readOne: One = ({ task }, fd, { address, length }, position) =>
  position < 0n ? task.read(fd, address, length) : task.pread(fd, address, length, position);
const writeOne: One = ({ task }, fd, { address, length }, position) =>
  position < 0n ? task.write(fd, address, length) : task.pwrite(fd, address, length, position);

export const readv = vectored(readOne, false);
export const writev = vectored(writeOne, true);
export const preadv = vectored(readOne, false, 3);
export const pwritev = vectored(writeOne, true, 3);
export const preadv2 = vectored(readOne, false, 3, 5);
export const pwritev2 = vectored(writeOne, true, 3, 5);

/** Queues and devices have no position (`FMODE_LSEEK`). */
export const lseek: Handler = (call) => {
  const fd = call.int(0);
  return call.own(fd) === undefined ? 'continue' : call.task.lseek(fd, call.int(2));
};

/** Duplicates a descriptor. The duplicate is in the window as well. */
function copy(call: SystemCall, fd: number, closeOnExec: boolean, lowest: number): Answer {
  // Both descriptors must share the program's open file description.
  const here = call.take(fd);
  if (here === undefined) throw fail('EBADF');
  try {
    return call.giveFile(here, call.freeNumber(lowest), closeOnExec);
  } finally {
    call.host.world.libc.close(here);
  }
}

/** True if a descriptor is a file of the fake kernel, open for access or with O_PATH. */
const isSeen = (call: SystemCall, fd: number): boolean =>
  call.own(fd) !== undefined || call.task.files.named(fd) !== undefined;

export const dup: Handler = (call) => {
  const fd = call.int(0);
  return isSeen(call, fd) ? copy(call, fd, false, 0) : 'continue';
};

/** `fcntl()`: answers duplicates, and commands for which the stand-in's result would differ. */
export const fcntl: Handler = (call) => {
  const fd = call.int(0);
  const file = call.own(fd);
  const command = call.int(1);
  if (file === undefined) {
    if (call.task.files.named(fd) !== undefined) return fcntlOfName(call, fd, command);
    return command === F_ADD_SEALS ? addSeals(call, fd) : 'continue';
  }
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return copyFrom(call, fd, command);
    case F_GETFL:
      return statusFlags(call, fd, file);
    case F_SETFL:
      return setStatusFlags(call, fd);
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ:
      throw fail('EBADF');
    case F_ADD_SEALS:
    case F_GET_SEALS:
    // Only regular files have leases.
    case F_SETLEASE:
      throw fail('EINVAL');
    default:
      return 'continue';
  }
};

/** `fcntl()` of a file that is open with O_PATH: `check_fcntl_cmd()`. */
function fcntlOfName(call: SystemCall, fd: number, command: number): Answer {
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return copyFrom(call, fd, command);
    case F_GETFL:
      return O_PATH | (flagsOf(call, fd) & (O_DIRECTORY | O_NOFOLLOW));
    case F_GETFD:
    case F_SETFD:
    case F_DUPFD_QUERY:
    case F_CREATED_QUERY:
      return 'continue';
    default:
      throw fail('EBADF');
  }
}

/** F_DUPFD and F_DUPFD_CLOEXEC. */
function copyFrom(call: SystemCall, fd: number, command: number): Answer {
  const lowest = call.int(2);
  // The host's kernel fails with EINVAL for an invalid descriptor.
  if (lowest < 0 || lowest >= call.mostFiles) return 'continue';
  return copy(call, fd, command === F_DUPFD_CLOEXEC, lowest);
}

/** F_GETFL of the stand-in. */
function flagsOf(call: SystemCall, fd: number): number {
  const { libc } = call.host.world;
  const here = call.take(fd);
  if (here === undefined) throw fail('EBADF');
  const flags = libc.fcntl(here, F_GETFL, 0);
  libc.close(here);
  return flags;
}

/**
 * F_SETFL (`setfl()`): files of the fake kernel have neither FMODE_CAN_ODIRECT, so O_DIRECT is EINVAL, nor `fasync`, so O_ASYNC is
 * ignored. A pipe that is a stand-in keeps its own O_DIRECT, which makes each write a packet.
 */
function setStatusFlags(call: SystemCall, fd: number): Answer {
  const asked = call.int(2);
  if ((asked & O_DIRECT) !== 0) throw fail('EINVAL');
  const { libc } = call.host.world;
  const here = call.take(fd);
  if (here === undefined) throw fail('EBADF');
  const kept = libc.fcntl(here, F_GETFL, 0) & O_DIRECT;
  const result = libc.fcntl(here, F_SETFL, (asked & ~O_ASYNC) | kept);
  const failed = result < 0 ? errno() : 0;
  libc.close(here);
  return -failed;
}

/** F_GETFL: the access mode of a file without a path is the file's, because a pipe that is its stand-in may have another one. */
function statusFlags(call: SystemCall, fd: number, file: File): Answer {
  const flags = flagsOf(call, fd);
  if (call.host.world.nodeOf(file) !== undefined) return flags & ~O_DIRECT;
  const { read, write } = file.mode;
  const access = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  return (flags & ~(O_ACCMODE | O_LARGEFILE)) | access;
}

/** F_ADD_SEALS. A file with pinned pages cannot be sealed against writes: `memfd_wait_for_pins()`. */
function addSeals(call: SystemCall, fd: number): Answer {
  const seals = call.int(2);
  if ((seals & F_SEAL_FUTURE_WRITE) !== 0) call.task.files.shared(fd)?.beforeSeal();
  // F_SEAL_EXEC of an executable file implies F_SEAL_WRITE.
  const isExecutable = ((call.task.files.factsOf(fd)?.mode ?? 0) & 0o111) !== 0;
  const seal = (seals & F_SEAL_EXEC) !== 0 && isExecutable ? seals | F_SEAL_WRITE : seals;
  if ((seal & F_SEAL_WRITE) === 0 || call.task.files.shared(fd)?.isPinned !== true) return 'continue';
  const { libc } = call.host.world;
  const here = call.take(fd);
  if (here === undefined) return 'continue';
  const [had, flags] = [libc.fcntl(here, F_GET_SEALS, 0), libc.fcntl(here, F_GETFL, 0)];
  libc.close(here);
  // The host's kernel answers if another check fails first, or the file is sealed already.
  const isAsked = had >= 0 && (had & (F_SEAL_SEAL | F_SEAL_WRITE)) === 0 && (seals & ~F_ALL_SEALS) === 0;
  if (!isAsked || (flags & O_ACCMODE) === O_RDONLY) return 'continue';
  throw fail('EBUSY');
}

/** The host's kernel duplicates to the descriptor of the caller's choice. Outside the window calls are not watched: the user is warned. */
export const dup2: Handler = (call) => {
  const [fd, to] = [call.int(0), call.int(1)];
  const { first, end } = call.host.window;
  const file = to >= first && to < end ? undefined : call.own(fd);
  if (file?.canRead === true)
    call.host.notice(
      `dup2() gives a file of iommufd number ${to}, where read() and write() of it are not seen: ` +
        'use exact fds (--exact-fds)',
    );
  return 'continue';
};
