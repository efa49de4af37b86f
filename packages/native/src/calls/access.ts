/** `access()` of the fake kernel's files. Every program may use its nodes. */

import { fail } from '@iommufd/fakekernel/task';
import type { Handler } from './call.js';
import { directoryOf, inTree, nodeAt } from './path-lookup.js';

/** `unistd.h`: bits of `mode`. */
const X_OK = 1;

const W_OK = 2;

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

export const access = accesses(undefined, 0, 1);

export const faccessat = accesses(0, 1, 2);

export const faccessat2 = faccessat;
