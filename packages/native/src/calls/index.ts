import type { Watched } from '../linux/system-calls.js';
import type { Handler } from './call.js';
import * as attributes from './attributes.js';
import * as files from './files.js';
import * as memory from './memory.js';
import * as notices from './notices.js';
import * as paths from './paths.js';
import * as transfers from './transfers.js';
import { recvmsg } from './recvmsg.js';

/** What answers each call that a filter stops. */
export const handlers: Readonly<Record<Watched, Handler>> = {
  ...files,
  ...paths,
  ...attributes,
  ...transfers,
  dup3: files.dup2,
  recvmsg,
  io_uring_setup: notices.ioUringSetup,
  recvmmsg: notices.recvmmsg,
  pidfd_getfd: notices.pidfdGetfd,
  seccomp: notices.seccomp,
  munmap: memory.munmap,
  ftruncate: memory.ftruncate,
  fallocate: memory.fallocate,
  madvise: memory.madvise,
  process_madvise: memory.processMadvise,
  mremap: memory.mremap,
  brk: memory.brk,
  mmap: memory.mmap,
  execve: memory.execve,
  execveat: memory.execveat,
  exit_group: memory.exitGroup,
};

/** Calls that matter only to a process that has used the fake kernel before. */
export const onlyOfUsers: ReadonlySet<Watched> = new Set([
  'munmap',
  'ftruncate',
  'fallocate',
  'madvise',
  'process_madvise',
  'mremap',
  'brk',
  'exit_group',
]);
