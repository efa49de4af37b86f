/**
 * Calls that move bytes between files without passing them to the program. No file of the fake kernel can be moved from or to: it
 * has neither `splice_read` nor `splice_write`. A pipe or a memfd that stands for one has both.
 */

import { fail } from '@iommufd/fakekernel/task';
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

export const sendfile = refuses(1, 0);
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
