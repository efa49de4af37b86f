/** Calls that use features which are not supported. The host's kernel executes them, and the user gets a notice. */

import { closeSync, openSync, readlinkSync, readSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import type { File } from '@iommufd/fakekernel/task';
import { AT_FDCWD, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_SET_MODE_FILTER } from '../linux/constants.js';
import { descriptorsOf, linkOfDescriptor } from '../linux/proc.js';
import type { Handler, SystemCall } from './call.js';

const noticing =
  (what: string): Handler =>
  (call) => {
    call.host.notice(what);
    return 'continue';
  };

/** True for files that are read as a stream: queues of iommufd, and the data of a migration. */
const isStream = (file: File): boolean => file.canRead && !file.hasPositions;

const RINGS =
  'the program uses io_uring: reads of a queue of iommufd through it are not seen, and give bytes that mean nothing';

/** Many programs only wait for files with `io_uring`, such as QEMU's event loop. The notice is for those that may read a queue. */
export const ioUringSetup: Handler = (call) => {
  call.task.mayUseRings = true;
  return 'continue';
};

/** The target of a ring's link in `/proc/PID/fd`. */
const RING = 'anon_inode:[io_uring]';
/** True if the process has a ring open: `io_uring_setup()` may have failed, and the ring may have been closed. */
const hasRing = ({ pid }: SystemCall['task']): boolean =>
  descriptorsOf(pid)?.some((fd) => linkOfDescriptor(pid, fd) === RING) === true;

/** Called after an ioctl, which may have opened a queue. Prints the notice if the process has a queue and a ring. */
export function lookAtRings({ task, host }: SystemCall): void {
  if (!task.mayUseRings) return;
  if (!task.files.opened.some(([, file]) => isStream(file)) && !host.world.standIns.some(isStream)) return;
  task.mayUseRings = false;
  if (hasRing(task)) host.notice(RINGS);
}

export const recvmmsg = noticing(
  'the program uses recvmmsg(): reads of a file of iommufd that it is sent this way are not seen',
);

export const pidfdGetfd = noticing(
  'the program uses pidfd_getfd(): reads of a file of iommufd that it takes this way are not seen',
);

export const seccomp: Handler = (call) => {
  // libseccomp probes flags without a filter: Linux fails with EFAULT before it checks for another listener.
  const hasFilter = call.word(2) !== 0n;
  const isListener =
    hasFilter &&
    call.uint(0) === SECCOMP_SET_MODE_FILTER &&
    (call.uint(1) & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  if (isListener)
    call.host.notice('the program wants a seccomp listener of its own, and Linux allows one: it gets EBUSY');
  return 'continue';
};

/** Set-user-ID and set-group-ID. */
const SETID = 0o6000;
/** `e_ident[EI_CLASS]` of programs of 32 bits. */
const ELFCLASS32 = 1;

/** Prints a notice if a program is executed that does not work correctly under the filter. */
export function lookAtProgram(call: SystemCall, directory: number, path: string | undefined): void {
  if (path === undefined || path === '') return;
  const { tid } = call.thread;
  try {
    const from = directory === AT_FDCWD ? 'cwd' : `fd/${directory}`;
    const file = path.startsWith('/') ? path : posix.join(readlinkSync(`/proc/${tid}/${from}`), path);
    if ((statSync(file).mode & SETID) !== 0)
      call.host.notice(
        `${file} is set-user-ID: under the filter it runs without the privileges of its owner`,
      );
    if (classOf(file) === ELFCLASS32)
      call.host.notice(
        `${file} is of 32 bits: its calls are not stopped, so that there is no /dev/iommu for it`,
      );
  } catch {
    // The program is missing or cannot be read: the host's kernel fails with the errno.
  }
}

/** The class of an ELF file; undefined for other files. */
function classOf(path: string): number | undefined {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(5);
    readSync(fd, bytes, 0, 5, 0);
    return bytes.toString('latin1', 0, 4) === '\u007fELF' ? bytes[4] : undefined;
  } finally {
    closeSync(fd);
  }
}
