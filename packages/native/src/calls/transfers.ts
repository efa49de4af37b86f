/**
 * Calls that move bytes between files without passing them to the program. No file of the fake kernel can be moved from or to: it
 * has neither `splice_read` nor `splice_write`. A pipe or a memfd that stands for one has both.
 */

import { readFileSync } from 'node:fs';
import { fail } from '@iommufd/fakekernel/task';
import { S_IFMT, S_IFREG } from '../linux/constants.js';
import type { Handler } from './call.js';

/** @param from, to the arguments that are the files */
function refuses(from: number, to: number): Handler {
  return (call) => {
    const [source, target] = [call.own(call.int(from)), call.own(call.int(to))];
    if (source === undefined && target === undefined) return 'continue';
    if (source?.mode.read === false || target?.mode.write === false) throw fail('EBADF');
    throw fail('EINVAL');
  };
}

/** `sendfile()` reads before it writes: where nothing is left to read, nothing is refused. */
export const sendfile: Handler = (call) => {
  const { task, thread } = call;
  const source = call.own(call.int(1)) === undefined ? task.files.factsOf(call.int(1)) : undefined;
  const isRefused = source === undefined || (source.mode & S_IFMT) !== S_IFREG;
  if (isRefused || call.own(call.int(0))?.mode.write !== true) return refusesSendfile(call);
  const at =
    call.word(2) === 0n
      ? positionOf(thread.tid, call.int(1))
      : Number(task.memorySpace.readU64(call.word(2)));
  return call.number(3) === 0 || at >= source.size ? 0 : refusesSendfile(call);
};
const refusesSendfile = refuses(1, 0);

/** Where a file is read next; 0 if it was closed since. */
function positionOf(tid: number, fd: number): number {
  try {
    return Number(/^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export const splice = refuses(0, 2);
export const tee = refuses(0, 1);
export const copy_file_range = refuses(0, 2);

/** `vmsplice()`: what is no pipe is EBADF. */
export const vmsplice: Handler = (call) => {
  if (call.own(call.int(0)) === undefined) return 'continue';
  throw fail('EBADF');
};

/** Of a file that has no `fsync`. */
export const fsync: Handler = (call) => {
  if (call.own(call.int(0)) === undefined) return 'continue';
  throw fail('EINVAL');
};
export const fdatasync = fsync;
