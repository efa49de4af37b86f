import { fail } from '@iommufd/fakekernel/task';
import type { Answer } from '../listener.js';
import type { Watched } from '../linux/system-calls.js';
import type { Handler, SystemCall } from './call.js';
import * as access from './access.js';
import * as advice from './advice.js';
import * as attributes from './attributes.js';
import * as files from './files.js';
import * as memory from './memory.js';
import * as notices from './notices.js';
import * as open from './open.js';
import * as readlink from './readlink.js';
import * as shrink from './shrink.js';
import * as stat from './stat.js';
import * as transfers from './transfers.js';
import { recvmsg } from './recvmsg.js';

/** Calls that fail with EBADF for a file that is open with O_PATH, because `fdget()` does not find it: indices of the descriptors. */
const usesFiles: Partial<Record<Watched, readonly number[]>> = {
  ioctl: [0],
  read: [0],
  write: [0],
  pread64: [0],
  pwrite64: [0],
  readv: [0],
  writev: [0],
  preadv: [0],
  pwritev: [0],
  preadv2: [0],
  pwritev2: [0],
  lseek: [0],
  fsync: [0],
  fdatasync: [0],
  readahead: [0],
  ftruncate: [0],
  fallocate: [0],
};

/** Answers a call. @throws Errno if the call fails */
export function answerCall(name: Watched, call: SystemCall): Answer {
  if (usesFiles[name]?.some((at) => call.task.files.named(call.int(at)) !== undefined) === true)
    throw fail('EBADF');
  return handlers[name](call);
}

/** The handler of each call that the filter watches. */
const handlers: Readonly<Record<Watched, Handler>> = {
  ...files,
  madvise: advice.madvise,
  process_madvise: advice.process_madvise,
  ...open,
  ...stat,
  ...access,
  ...readlink,
  ...attributes,
  ...transfers,
  dup3: files.dup2,
  recvmsg,
  io_uring_setup: notices.ioUringSetup,
  recvmmsg: notices.recvmmsg,
  pidfd_getfd: notices.pidfdGetfd,
  seccomp: notices.seccomp,
  munmap: memory.munmap,
  truncate: shrink.truncate,
  ftruncate: shrink.ftruncate,
  fallocate: shrink.fallocate,
  shmdt: memory.shmdt,
  mremap: memory.mremap,
  mmap: memory.mmap,
  execve: memory.execve,
  execveat: memory.execveat,
  exit_group: memory.exitGroup,
};

/** Calls that need an answer only if a process has a file of the fake kernel open. */
export const onlyOfUsers: ReadonlySet<Watched> = new Set([
  'munmap',
  'ftruncate',
  'fallocate',
  'madvise',
  'process_madvise',
  'mremap',
  'shmdt',
  'exit_group',
]);
