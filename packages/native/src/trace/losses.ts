/**
 * The ranges of a process whose pages a call unmaps or drops. A call that fails drops nothing, so most calls are judged by their result.
 * A call that frees addresses is judged when it begins: another thread may map them again before the end of the call is reported.
 */

import { errno, MAP_FIXED } from '@iommufd/uapi';
import {
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_GUARD_INSTALL,
  MADV_REMOVE,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
} from '../linux/constants.js';
import {
  advised,
  detached,
  heapEnd,
  isPage,
  pageEnd,
  remapped,
  type Span,
  unmapped,
} from '../memory/drops.js';
import type { TraceeMemory } from './memory.js';
import type { CallEntry } from './tracees.js';

/** A range of addresses. */
export interface Lost extends Span {
  /** The new address of its pages, if they have moved. */
  readonly movedTo?: number;
}

/** Returns what a call has dropped. @param result its result: a negative errno if it failed */
export type Losing = (result: number) => readonly Lost[];

const NOTHING: readonly Lost[] = [];
/** Advice that drops pages. */
const DROPS: readonly number[] = [MADV_DONTNEED, MADV_REMOVE, MADV_DONTNEED_LOCKED, MADV_GUARD_INSTALL];

/** The range that a call unmaps, unless it fails: `munmap()`, `shmdt()`, and `mremap()` that shrinks. */
export function losesFirst(
  name: string,
  memory: TraceeMemory,
  entry: CallEntry,
  taskSize: number,
): Lost | undefined {
  switch (name) {
    case 'munmap':
      return unmapped(entry, taskSize);
    case 'shmdt':
      return detached(entry, memory, taskSize);
    case 'mremap':
      // With these flags, a range moves instead.
      return (entry.uint(3) & (MREMAP_FIXED | MREMAP_DONTUNMAP)) === 0
        ? remapped(entry, memory, taskSize)?.tail
        : undefined;
    default:
      return undefined;
  }
}

/** What a call drops by its result; undefined if it drops nothing or {@link losesFirst} has returned it. */
export function losingOf(
  name: string,
  memory: TraceeMemory,
  entry: CallEntry,
  taskSize: number,
): Losing | undefined {
  switch (name) {
    case 'mmap': {
      if ((entry.uint(3) & MAP_FIXED) === 0) return undefined;
      const length = entry.number53(1);
      return (result) => (result < 0 ? NOTHING : [{ start: result, end: pageEnd(result + length) }]);
    }
    case 'mremap': {
      const remap = remapped(entry, memory, taskSize);
      if (remap === undefined) return undefined;
      const { old: start, oldLength: length, length: newLength } = remap;
      return (result) => {
        if (result < 0 || result === start) return NOTHING;
        // If it shrinks, the rest is unmapped. With a size of 0 shared memory is mapped once more, and does not move.
        const moved = Math.min(length, newLength);
        return [
          { start: start + moved, end: start + length },
          { start: result, end: result + newLength },
          { start, end: start + moved, movedTo: result },
        ];
      };
    }
    case 'brk': {
      const end = entry.number53(0);
      const lost = heapEnd(memory, end, taskSize);
      return lost && ((result) => (result === end ? [lost] : NOTHING));
    }
    case 'madvise': {
      const advice = entry.int(2);
      if (!DROPS.includes(advice)) return undefined;
      const [start, length] = [entry.number53(0), entry.number53(1)];
      return (result) => droppedBy(memory, start, length, advice, result);
    }
    case 'process_madvise': {
      // It succeeds with this advice only for the memory of the caller: `process_madvise_remote_valid()`.
      const advice = entry.int(3);
      if (!DROPS.includes(advice)) return undefined;
      const segments = memory.segments(entry.number53(1), entry.number53(2));
      return (result) => {
        const lost: Lost[] = [];
        let done = 0;
        for (const { address, length } of segments) {
          // It stops at the first segment that fails. If that is the first one, the failure may have another cause.
          if (done >= result) {
            const { drops, failed } = advised(memory, advice, address, length);
            if (result > 0 && failed !== undefined) lost.push(...drops);
            break;
          }
          lost.push(...droppedBy(memory, address, length, advice, 0));
          done += length;
        }
        return lost;
      };
    }
    default:
      return undefined;
  }
}

/**
 * What `madvise()` has dropped. With ENOMEM, a part of the range is not mapped, and the rest is dropped. If it fails for a mapping, it
 * has dropped the mappings before that one.
 */
function droppedBy(
  memory: TraceeMemory,
  start: number,
  length: number,
  advice: number,
  result: number,
): readonly Lost[] {
  if (!isPage(start) || length === 0) return NOTHING;
  if (result >= 0 || result === -errno.ENOMEM) return [{ start, end: start + pageEnd(length) }];
  const { drops, failed } = advised(memory, advice, start, length);
  return failed === 'EINVAL' ? drops : NOTHING;
}
