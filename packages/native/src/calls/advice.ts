/**
 * `madvise()` with advice that frees pages. The host's kernel executes it, except MADV_FREE for pinned pages. Before that, pages that
 * are dropped and that the fake kernel has pinned are copied.
 */

import { readFileSync } from 'node:fs';
import { fail, PAGE_SIZE } from '@iommufd/fakekernel/task';
import type { ErrnoName } from '@iommufd/uapi';
import {
  AT_FDCWD,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_REMOVE,
} from '../linux/constants.js';
import type { Watched } from '../linux/system-calls.js';
import type { RemoteVma } from '../memory/maps.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import type { Handler, SystemCall } from './call.js';
import { segmentsOf } from './segments.js';
import { NO_HOLES } from './shrink.js';

/** A part of a mapping. */
interface Part {
  readonly vma: RemoteVma;
  readonly from: number;
  /** One beyond the last address. */
  readonly to: number;
}

/** The end of a range whose length is rounded up to whole pages. */
const pageEnd = (start: number, length: number): number => start + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;

/**
 * Walks the mappings of a range: `madvise_walk_vmas()`.
 * @param advise is called for each mapping. It returns false if Linux fails for it, which ends the walk
 * @returns the error of Linux: EINVAL stands for any error of a mapping; undefined if it succeeds
 */
function walk(
  { task }: SystemCall,
  start: number,
  length: number,
  advise: (part: Part) => boolean,
): ErrnoName | undefined {
  if (start % PAGE_SIZE !== 0) return 'EINVAL';
  const end = pageEnd(start, length);
  // Unmapped ranges are passed over, and are an error at the end.
  let mappedTo = start;
  let hasGap = false;
  for (const vma of [...task.memorySpace.mappings(start, end)]) {
    hasGap ||= vma.start > mappedTo;
    mappedTo = vma.end;
    if (!advise({ vma, from: Math.max(start, vma.start), to: Math.min(end, vma.end) })) return 'EINVAL';
  }
  return hasGap || mappedTo < end ? 'ENOMEM' : undefined;
}

/**
 * Copies the pinned pages of a part of a mapping that advice drops. Pages of shared mappings stay in the file, but for MADV_REMOVE.
 * @returns false if Linux fails
 */
function discard({ task, host }: SystemCall, advice: number, { vma, from, to }: Part): boolean {
  const { memorySpace: memory } = task;
  const { isLocked, mayBeWritten } = memory.flagsOf(vma);
  const isHuge = vma.pageSize > PAGE_SIZE;
  if (advice === MADV_REMOVE) {
    // `madvise_remove()`
    if (isLocked || !vma.hasFile || !vma.shared || !mayBeWritten) return false;
    if ((memory.sealsOf(vma) & NO_HOLES) !== 0) return false;
    // MADV_REMOVE removes pages from the file, and so from all its mappings. Of huge pages, it removes only whole ones.
    const first = Math.ceil(from / vma.pageSize) * vma.pageSize;
    const last = Math.floor(to / vma.pageSize) * vma.pageSize;
    if (first >= last) return true;
    memory.takeFromFile(first, last - first);
    const at = vma.offset + first - vma.start;
    if (isHuge) host.world.shared.takeCopies(vma, at, at + last - first);
    return true;
  }
  if (advice === MADV_GUARD_INSTALL) {
    // `is_valid_guard_vma()`
    if (isLocked || isHuge || memory.isOwn(vma)) return false;
    if (!vma.shared) memory.take(from, to);
    return true;
  }
  // `madvise_dontneed_free_valid_vma()`: of huge pages, only whole ones, from the start of one, and even if they are locked.
  if (isHuge ? from % vma.pageSize !== 0 : memory.isOwn(vma) || (isLocked && advice !== MADV_DONTNEED_LOCKED))
    return false;
  const last = Math.floor(to / vma.pageSize) * vma.pageSize;
  if (!vma.shared && from < last) memory.take(from, last);
  return true;
}

/** True for private memory. A private mapping of `/dev/zero` is such memory: `vma_set_anonymous()`. */
function isAnonymous({ host }: SystemCall, vma: RemoteVma): boolean {
  if (!vma.hasFile) return true;
  const zero = vma.shared ? undefined : factsOf(host.world.libc, AT_FDCWD, '/dev/zero');
  return zero !== undefined && keyOf(zero) === keyOf(vma);
}

/** `madvise_free_single_vma()`. @returns false if Linux fails */
function canBeFree(call: SystemCall, { vma }: Part): boolean {
  return isAnonymous(call, vma) && !call.task.memorySpace.flagsOf(vma).isLocked;
}

const hasPinned = ({ task }: SystemCall, start: number, length: number): boolean =>
  task.memorySpace.hasPinned(start, pageEnd(start, length));

/**
 * Answers MADV_FREE for a range with pinned pages, and frees nothing: Linux frees only pages that are not pinned, and may do so at any
 * later time.
 */
const lazilyFree = (call: SystemCall, start: number, length: number): ErrnoName | undefined =>
  walk(call, start, length, (part) => canBeFree(call, part));

export const madvise: Handler = (call) => {
  const [start, length, advice] = [call.number(0), call.number(1), call.int(2)];
  // Without pinned private pages the mappings, whose search takes time, are not needed.
  if (advice !== MADV_REMOVE && !hasPinned(call, start, length)) return 'continue';
  if (advice === MADV_FREE) {
    const failed = lazilyFree(call, start, length);
    if (failed !== undefined) throw fail(failed);
    return 0;
  }
  walk(call, start, length, (part) => discard(call, advice, part));
  return 'continue';
};

/** `linux/pidfd.h`: PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP. */
const PIDFD_SELF: readonly number[] = [-10000, -10001];

/** True if a pidfd refers to the calling process. */
function isOneself({ thread, task }: SystemCall, pidfd: number): boolean {
  if (PIDFD_SELF.includes(pidfd)) return true;
  try {
    const [, pid] =
      /^Pid:\s*(\d+)$/m.exec(readFileSync(`/proc/${thread.tid}/fdinfo/${pidfd}`, 'latin1')) ?? [];
    return Number(pid) === task.pid;
  } catch {
    // The descriptor is not open.
    return false;
  }
}

/** `process_madvise()`: from Linux 6.15 on, a process may drop its own memory, but no other's. */
export const process_madvise: Handler = (call) => {
  // Linux fails with EINVAL for any flags, and before 6.15 for advice that drops memory.
  if (call.uint(4) !== 0 || !call.host.world.dropsOwnMemory) return 'continue';
  const segments = segmentsOf(call.task.memorySpace, call.word(1), call.number(2));
  if (!isOneself(call, call.int(0))) return 'continue';
  const advice = call.int(3);
  const isFree = advice === MADV_FREE;
  if (isFree && !segments.some(({ address, length }) => hasPinned(call, Number(address), length)))
    return 'continue';
  // `vector_madvise()` stops at the first segment that fails, and returns the bytes before it.
  let done = 0;
  for (const { address, length } of segments) {
    const start = Number(address);
    const failed = isFree
      ? lazilyFree(call, start, length)
      : walk(call, start, length, (part) => discard(call, advice, part));
    if (failed !== undefined && isFree && done === 0) throw fail(failed);
    if (failed !== undefined) break;
    done += length;
  }
  return isFree ? done : 'continue';
};

/** True if a call may create guard regions: pages that can be neither accessed nor pinned. */
export function mayInstallGuards(call: Watched, args: readonly bigint[]): boolean {
  const at = call === 'madvise' ? 2 : call === 'process_madvise' ? 3 : undefined;
  return at !== undefined && BigInt.asIntN(32, args[at] ?? 0n) === BigInt(MADV_GUARD_INSTALL);
}
