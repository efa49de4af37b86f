/**
 * `madvise()` with advice that frees pages. The host's kernel executes it, except MADV_FREE for pinned pages. Before that, pages that
 * are dropped and that the fake kernel has pinned are copied.
 */

import { readFileSync } from 'node:fs';
import { fail, PAGE_SIZE } from '@iommufd/fakekernel/task';
import type { ErrnoName } from '@iommufd/uapi';
import { AT_FDCWD, MADV_FREE, MADV_GUARD_INSTALL, MADV_REMOVE } from '../linux/constants.js';
import type { Watched } from '../linux/system-calls.js';
import { advised, type Part, walk } from '../memory/drops.js';
import type { RemoteVma } from '../memory/maps.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import type { Handler, SystemCall } from './call.js';
import { segmentsOf } from './segments.js';

/** Copies the pinned pages that advice drops. @returns the error with which it ends */
function discard(
  { task, host }: SystemCall,
  advice: number,
  start: number,
  length: number,
): ErrnoName | undefined {
  // `madvise_behavior_valid()`
  if (advice === MADV_GUARD_INSTALL && !host.world.knowsGuards) return 'EINVAL';
  const { memorySpace: memory } = task;
  const { drops, failed } = advised(memory, advice, start, length);
  for (const drop of drops) {
    const { ofFile } = drop;
    if (ofFile === undefined) memory.take(drop.start, drop.end);
    else memory.takeFromFile(drop.start, drop.end - drop.start);
    if (ofFile === undefined || ofFile.pageSize === PAGE_SIZE) continue;
    const at = ofFile.offset + drop.start - ofFile.start;
    host.world.shared.takeCopies(ofFile, at, at + drop.end - drop.start);
  }
  return failed;
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
  task.memorySpace.hasPinned(start, start + length);

/**
 * Answers MADV_FREE for a range with pinned pages, and frees nothing: Linux frees only pages that are not pinned, and may do so at any
 * later time.
 */
const lazilyFree = (call: SystemCall, start: number, length: number): ErrnoName | undefined =>
  walk(call.task.memorySpace, start, length, (part) => canBeFree(call, part));

export const madvise: Handler = (call) => {
  const [start, length, advice] = [call.number(0), call.number(1), call.int(2)];
  // Without pinned private pages the mappings, whose search takes time, are not needed.
  if (advice !== MADV_REMOVE && !hasPinned(call, start, length)) return 'continue';
  if (advice === MADV_FREE) {
    const failed = lazilyFree(call, start, length);
    if (failed !== undefined) throw fail(failed);
    return 0;
  }
  discard(call, advice, start, length);
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
    const failed = isFree ? lazilyFree(call, start, length) : discard(call, advice, start, length);
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
