/** The files that a call removes pages from. Devices keep pages that are pinned, and the file has others afterwards. */

import { FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import { MADV_REMOVE, O_TRUNC } from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import type { TracedProcess } from './calls.js';
import type { CallEntry } from './tracees.js';

/** Returns the keys of the files that a call has removed pages from. @param result its result: a negative errno if it failed */
export type Removing = (result: number) => readonly string[];

const NOTHING: readonly string[] = [];

/** The files that a call removes pages from, by its result; undefined if there are none. */
export function removingOf(
  name: string,
  { pid, memory }: TracedProcess,
  entry: CallEntry,
  libc: Libc,
): Removing | undefined {
  /** The key of a file that becomes smaller; empty if it does not. */
  const shrinking = (path: string, size: number): readonly string[] => {
    const found = factsOf(libc, -1, path);
    return found === undefined || found.size <= size ? NOTHING : [keyOf(found)];
  };
  const ifDone =
    (keys: readonly string[]): Removing =>
    (result) =>
      result < 0 ? NOTHING : keys;
  switch (name) {
    case 'madvise': {
      if (entry.int(2) !== MADV_REMOVE) return undefined;
      const start = entry.number53(0);
      const vmas = [...memory.mappings(start, start + entry.number53(1))];
      return ifDone(vmas.filter(({ hasFile, shared }) => hasFile && shared).map(keyOf));
    }
    case 'fallocate': {
      if ((entry.uint(1) & FALLOC_FL_PUNCH_HOLE) === 0) return undefined;
      return ifDone(shrinking(`/proc/${pid}/fd/${entry.int(0)}`, 0));
    }
    case 'ftruncate':
      return ifDone(shrinking(`/proc/${pid}/fd/${entry.int(0)}`, entry.number53(1)));
    case 'truncate':
      return ifDone(shrinking(placeOf(pid, memory.text(entry.number53(0)) ?? ''), entry.number53(1)));
    case 'open':
    case 'creat': {
      if (name === 'open' && (entry.uint(1) & O_TRUNC) === 0) return undefined;
      return ifDone(shrinking(placeOf(pid, memory.text(entry.number53(0)) ?? ''), 0));
    }
    case 'openat': {
      if ((entry.uint(2) & O_TRUNC) === 0) return undefined;
      return ifDone(shrinking(placeOf(pid, memory.text(entry.number53(1)) ?? '', entry.int(0)), 0));
    }
    case 'openat2': {
      // `struct open_how` begins with the flags.
      const how = memory.peek(entry.number53(2), 4);
      if (how === undefined || (Buffer.from(how).readUInt32LE() & O_TRUNC) === 0) return undefined;
      return ifDone(shrinking(placeOf(pid, memory.text(entry.number53(1)) ?? '', entry.int(0)), 0));
    }
    default:
      return undefined;
  }
}

/** The path at which this process finds a file of another one. @param directory a descriptor: relative paths start there */
function placeOf(pid: number, path: string, directory = -1): string {
  if (path.startsWith('/')) return `/proc/${pid}/root${path}`;
  return `/proc/${pid}/${directory < 0 ? 'cwd' : `fd/${directory}`}/${path}`;
}
