/**
 * The ranges of a process whose pages a call unmaps or drops. A call that fails drops nothing, so most calls are judged by their result.
 * A call that frees addresses is judged when it begins: another thread may map them again before the end of the call is reported.
 */

import { MAP_FIXED } from '@iommufd/uapi';
import {
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_GUARD_INSTALL,
  MADV_REMOVE,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
} from '../linux/constants.js';
import type { RemoteVma } from '../memory/maps.js';
import { pageEnd, pageOf } from '../record/recorded-memory.js';
import type { TraceeMemory } from './memory.js';
import type { CallEntry } from './tracees.js';

/** A range of addresses. */
export interface Lost {
  readonly start: number;
  /** One beyond the last address. */
  readonly end: number;
  /** True if its pages are at another address now. */
  readonly isMoved?: boolean;
}

/** Returns what a call has dropped. @param result its result: a negative errno if it failed */
export type Losing = (result: number) => readonly Lost[];

const NOTHING: readonly Lost[] = [];
const ENOMEM = 12;
/** Advice that drops pages. */
const DROPS: readonly number[] = [MADV_DONTNEED, MADV_REMOVE, MADV_DONTNEED_LOCKED, MADV_GUARD_INSTALL];
const isPage = (address: number): boolean => pageOf(address) === address;

/** The ranges that a call unmaps, unless it fails: `munmap()`, `shmdt()`, and `brk()` and `mremap()` that shrink. */
export function losesFirst(
  name: string,
  memory: TraceeMemory,
  entry: CallEntry,
  taskSize: number,
): readonly Lost[] {
  switch (name) {
    case 'munmap': {
      const start = entry.number53(0);
      const end = pageEnd(start + entry.number53(1));
      // `do_vmi_munmap()`
      return isPage(start) && end > start && end <= taskSize ? [{ start, end }] : NOTHING;
    }
    case 'shmdt': {
      const start = entry.number53(0);
      const [vma] = memory.mappings(start, start + 1);
      return vma?.start === start && vma.shared ? [{ start, end: vma.end }] : NOTHING;
    }
    case 'mremap': {
      const start = entry.number53(0);
      const [oldEnd, newSize] = [pageEnd(start + entry.number53(1)), pageEnd(entry.number53(2))];
      // `check_mremap_params()`. With the flags, a range moves instead.
      const hasTarget = (entry.uint(3) & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;
      if (!isPage(start) || newSize === 0 || hasTarget || oldEnd > taskSize) return NOTHING;
      return start + newSize < oldEnd ? [{ start: start + newSize, end: oldEnd }] : NOTHING;
    }
    default:
      return NOTHING;
  }
}

/** What a call drops by its result; undefined if it drops nothing or {@link losesFirst} has returned it. */
export function losingOf(name: string, memory: TraceeMemory, entry: CallEntry): Losing | undefined {
  switch (name) {
    case 'mmap': {
      if ((entry.uint(3) & MAP_FIXED) === 0) return undefined;
      const length = entry.number53(1);
      return (result) => (result < 0 ? NOTHING : [{ start: result, end: pageEnd(result + length) }]);
    }
    case 'mremap': {
      const [from, size, newSize] = [entry.number53(0), entry.number53(1), entry.number53(2)];
      return (result) =>
        result < 0 || result === from
          ? NOTHING
          : [
              { start: from, end: pageEnd(from + size), isMoved: true },
              { start: result, end: pageEnd(result + newSize) },
            ];
    }
    case 'brk': {
      // The heap shrinks if its new end is inside a mapping: it grows only into free addresses.
      const end = entry.number53(0);
      const start = pageEnd(end);
      const [heap] = end === 0 ? [] : memory.mappings(start, start + 1);
      if (heap === undefined || heap.hasFile || heap.start >= start) return undefined;
      return (result) => (result === end ? [{ start, end: heap.end }] : NOTHING);
    }
    case 'madvise': {
      const advice = entry.int(2);
      if (!DROPS.includes(advice)) return undefined;
      const [start, length] = [entry.number53(0), entry.number53(1)];
      return (result) => advised(memory, start, length, advice, result);
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
          if (done >= result) break;
          lost.push(...advised(memory, address, length, advice, 0));
          done += length;
        }
        return lost;
      };
    }
    default:
      return undefined;
  }
}

/** What `madvise()` has dropped. If it fails for a mapping, it has dropped the mappings before that one: `madvise_walk_vmas()`. */
function advised(
  memory: TraceeMemory,
  start: number,
  length: number,
  advice: number,
  result: number,
): readonly Lost[] {
  const end = pageEnd(start + length);
  if (!isPage(start) || end <= start) return NOTHING;
  // With ENOMEM, a part of the range is not mapped, and the rest is dropped.
  if (result >= 0 || result === -ENOMEM) return [{ start, end }];
  const vmas = [...memory.mappings(start, end)];
  const failed = vmas.length < 2 ? vmas[0] : vmas.find((vma) => refuses(memory, vma, advice));
  return failed === undefined || failed.start <= start ? NOTHING : [{ start, end: failed.start }];
}

/** True if advice fails for a mapping: `madvise_remove()`, `madvise_dontneed_free_valid_vma()`. */
function refuses(memory: TraceeMemory, vma: RemoteVma, advice: number): boolean {
  if (memory.isOwn(vma)) return true;
  const { isLocked, mayBeWritten } = memory.flagsOf(vma);
  if (advice === MADV_REMOVE) return isLocked || !vma.hasFile || !vma.shared || !mayBeWritten;
  return isLocked && advice !== MADV_DONTNEED_LOCKED;
}
