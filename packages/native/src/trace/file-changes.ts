/** What a call does to files: it changes their size, or removes pages. Devices keep pages that are pinned. */

import { posix } from 'node:path';
import { errno, type ErrnoName } from '@iommufd/uapi';
import { MADV_REMOVE, O_PATH, O_TRUNC } from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import { advised, allocating, type FileChange, sizeOf } from '../memory/drops.js';
import { type FileFacts, factsOf, keyOf } from '../memory/shared-pages.js';
import type { TracedProcess } from './calls.js';
import type { CallEntry } from './tracees.js';

/** A change of a file. */
export interface ChangedFile {
  /** The key of its memory. */
  readonly key: string;
  readonly change: FileChange;
}

/** Returns what a call has done to files. @param result its result: a negative errno if it failed */
export type Changing = (result: number) => readonly ChangedFile[];

const NOTHING: readonly ChangedFile[] = [];

/** What a call does to files, by its result; undefined if it changes none. */
export function changingOf(
  name: string,
  { pid, memory }: TracedProcess,
  entry: CallEntry,
  libc: Libc,
): Changing | undefined {
  const changing = (
    path: string,
    changeOf: (found: FileFacts) => FileChange | undefined,
  ): Changing | undefined => {
    const found = factsOf(libc, -1, path);
    const change = found && changeOf(found);
    if (found === undefined || change === undefined) return undefined;
    return (result) => (result < 0 ? NOTHING : [{ key: keyOf(found), change }]);
  };
  /** What MADV_REMOVE removes from files. */
  const removed = (
    start: number,
    length: number,
  ): { readonly files: readonly ChangedFile[]; readonly failed: ErrnoName | undefined } => {
    const { drops, failed } = advised(memory, MADV_REMOVE, start, length);
    const files = drops.flatMap(({ start: from, end, ofFile }) => {
      if (ofFile === undefined) return [];
      const change = { offset: ofFile.offset + from - ofFile.start, length: end - from };
      return { key: keyOf(ofFile), change };
    });
    return { files, failed };
  };
  const ofPath = (index: number, size: number | undefined, directory?: number): Changing | undefined =>
    changing(placeOf(pid, memory.text(entry.number53(index)) ?? '', directory), () =>
      size === undefined ? undefined : { size },
    );
  const opening = (flags: number, index: number, directory?: number): Changing | undefined =>
    // `build_open_flags()`: O_PATH ignores all but three flags.
    (flags & (O_TRUNC | O_PATH)) === O_TRUNC ? ofPath(index, 0, directory) : undefined;
  switch (name) {
    case 'madvise': {
      if (entry.int(2) !== MADV_REMOVE) return undefined;
      const { files, failed } = removed(entry.number53(0), entry.number53(1));
      return (result) => (result >= 0 || result === -errno.ENOMEM || failed === 'EINVAL' ? files : NOTHING);
    }
    case 'process_madvise': {
      if (entry.int(3) !== MADV_REMOVE) return undefined;
      const segments = memory.segments(entry.number53(1), entry.number53(2));
      const each = segments.map(({ address, length }) => ({ length, ...removed(address, length) }));
      return (result) => {
        let done = 0;
        return each.flatMap(({ length, files, failed }) => {
          // Bytes before the segment that fails are returned.
          const isReached = done < result || (result > 0 && done === result && failed !== undefined);
          done += length;
          return isReached ? files : NOTHING;
        });
      };
    }
    case 'fallocate':
      return changing(`/proc/${pid}/fd/${entry.int(0)}`, ({ size }) => allocating(entry, size));
    case 'ftruncate': {
      const size = sizeOf(entry);
      return changing(`/proc/${pid}/fd/${entry.int(0)}`, () => (size === undefined ? undefined : { size }));
    }
    case 'truncate':
      return ofPath(0, sizeOf(entry));
    case 'creat':
      return ofPath(0, 0);
    case 'open':
      return opening(entry.uint(1), 0);
    case 'openat':
      return opening(entry.uint(2), 1, entry.int(0));
    case 'openat2': {
      // `struct open_how` begins with the flags.
      const how = memory.peek(entry.number53(2), 4);
      return how && opening(Buffer.from(how).readUInt32LE(), 1, entry.int(0));
    }
    default:
      return undefined;
  }
}

/** The path at which this process finds a file of another one. @param directory a descriptor: relative paths start there */
function placeOf(pid: number, path: string, directory = -1): string {
  // Links to the process that looks them up. `/dev/fd` is a link to `/proc/self/fd`.
  const [, rest] =
    /^(?:\/proc\/(?:self|thread-self)|\/dev(?=\/fd\/))(\/.*)$/.exec(posix.normalize(path)) ?? [];
  if (rest !== undefined) return `/proc/${pid}${rest}`;
  if (path.startsWith('/')) return `/proc/${pid}/root${path}`;
  return `/proc/${pid}/${directory < 0 ? 'cwd' : `fd/${directory}`}/${path}`;
}
