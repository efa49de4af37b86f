/**
 * Calls that change mappings. The host's kernel executes them. Before that, pages that they remove and that the fake kernel has pinned
 * are copied.
 */

import { readFileSync } from 'node:fs';
import { checkFile, checkPlace, Errno, fail, mapFile, PAGE_SIZE, type Vma } from '@iommufd/fakekernel/task';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_HUGETLB, MAP_PRIVATE } from '@iommufd/uapi';
import {
  AT_FDCWD,
  MADV_DONTNEED_LOCKED,
  MADV_REMOVE,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from '../linux/constants.js';
import type { Handler, SystemCall } from './call.js';
import { lookAtProgram } from './notices.js';
import { segmentsOf } from './segments.js';
import { NO_HOLES } from './shrink.js';

const MAP_TYPE = 0x0f;
const MREMAP_FLAGS = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

const isPage = (address: number): boolean => address % PAGE_SIZE === 0;

/** The end of a range whose length is rounded up to whole pages. */
const pageEnd = (start: number, length: number): number => start + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;

/** Copies the pinned pages of a range that the call is about to unmap or replace. */
function take({ task }: SystemCall, start: number, length: number): void {
  if (isPage(start) && length > 0) task.memorySpace.take(start, start + length);
}

export const munmap: Handler = (call) => {
  take(call, call.number(0), call.number(1));
  return 'continue';
};

/**
 * Copies the pinned pages that `madvise()` drops from a range, up to the first mapping for which Linux fails.
 * @returns false if Linux fails
 */
function discard(
  {
    task: { memorySpace: memory },
    host: {
      world: { shared },
    },
  }: SystemCall,
  start: number,
  length: number,
  advice: number,
): boolean {
  if (!isPage(start)) return false;
  if (length === 0) return true;
  const end = pageEnd(start, length);
  // `madvise_walk_vmas()` passes over unmapped ranges, and fails with ENOMEM at the end.
  let mappedTo = start;
  let hasGap = false;
  for (const vma of [...memory.mappings(start, end)]) {
    hasGap ||= vma.start > mappedTo;
    mappedTo = vma.end;
    const [from, to] = [Math.max(start, vma.start), Math.min(end, vma.end)];
    const { isLocked, mayBeWritten } = memory.flagsOf(vma);
    if (advice === MADV_REMOVE) {
      // `madvise_remove()`
      if (isLocked || !vma.hasFile || !vma.shared || !mayBeWritten) return false;
      if ((memory.sealsOf(vma) & NO_HOLES) !== 0) return false;
      // MADV_REMOVE removes pages from the file, and so from all its mappings. Of huge pages, it removes only whole ones.
      const first = Math.ceil(from / vma.pageSize) * vma.pageSize;
      const last = Math.floor(to / vma.pageSize) * vma.pageSize;
      if (first < last) {
        memory.takeFromFile(first, last - first);
        const at = vma.offset + first - vma.start;
        if (vma.pageSize > PAGE_SIZE) shared.takeCopies(vma, at, at + last - first);
      }
    } else if (vma.pageSize > PAGE_SIZE) {
      // `madvise_dontneed_free_valid_vma()`: of huge pages, only whole ones, from the start of one, and even if they are locked.
      if (from % vma.pageSize !== 0) return false;
      memory.take(from, Math.floor(to / vma.pageSize) * vma.pageSize);
    } else {
      // `madvise_dontneed_free_valid_vma()`
      if (memory.isOwn(vma) || (isLocked && advice !== MADV_DONTNEED_LOCKED)) return false;
      memory.take(from, to);
    }
  }
  return !hasGap && mappedTo >= end;
}

export const madvise: Handler = (call) => {
  const [start, length, advice] = [call.number(0), call.number(1), call.int(2)];
  const { memorySpace: memory } = call.task;
  // Without pinned private pages the mappings, whose search takes time, are not needed.
  if (advice === MADV_REMOVE || memory.hasPinned(start, pageEnd(start, length)))
    discard(call, start, length, advice);
  else take(call, start, length);
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
export const processMadvise: Handler = (call) => {
  // Linux fails with EINVAL for any flags, and before 6.15 for advice that drops memory.
  if (call.uint(4) !== 0 || !call.host.world.dropsOwnMemory) return 'continue';
  const segments = segmentsOf(call.task.memorySpace, call.word(1), call.number(2));
  if (!isOneself(call, call.int(0))) return 'continue';
  // `vector_madvise()` stops at the first segment that fails.
  segments.every(({ address, length }) => discard(call, Number(address), length, call.int(3)));
  return 'continue';
};

/** The arguments of `mremap()`. Lengths are rounded up to whole pages. */
interface Remap {
  readonly old: number;
  readonly oldLength: number;
  readonly length: number;
  readonly flags: number;
  readonly target: number;
}

/** `PAGE_ALIGN()`: a length close to 2^64 becomes 0. */
const pageAlign = (length: bigint): number =>
  Number(BigInt.asUintN(64, (length + BigInt(PAGE_SIZE) - 1n) & -BigInt(PAGE_SIZE)));

/** `check_mremap_params()`. @returns false if Linux fails with EINVAL */
function checkMremap({ old, oldLength, length, flags, target }: Remap, taskSize: number): boolean {
  if ((flags & ~MREMAP_FLAGS) !== 0 || !isPage(old)) return false;
  if (length === 0 || length > taskSize) return false;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) === 0) return true;
  if (target > taskSize - length || !isPage(target)) return false;
  if ((flags & MREMAP_MAYMOVE) === 0) return false;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && oldLength !== length) return false;
  // `vrm_overlaps()`
  return target >= old + oldLength || old >= target + length;
}

export const mremap: Handler = (call) => {
  const remap = {
    old: call.number(0),
    oldLength: pageAlign(call.word(1)),
    length: pageAlign(call.word(2)),
    flags: call.int(3),
    target: call.number(4),
  };
  const { old, oldLength, length, flags, target } = remap;
  if (!checkMremap(remap, call.host.world.taskSize)) return 'continue';
  const { memorySpace } = call.task;
  const [vma] = memorySpace.mappings(old, old + 1);
  // `check_prep_vma()`: a driver's mapping (VM_DONTEXPAND, VM_PFNMAP) cannot grow, and cannot be moved with MREMAP_DONTUNMAP.
  if (vma !== undefined && memorySpace.isOwn(vma)) {
    if ((flags & MREMAP_DONTUNMAP) !== 0) throw fail('EINVAL');
    if (length > oldLength) throw fail('EFAULT');
  }
  if (length < oldLength) take(call, old + length, oldLength - length);
  if ((flags & MREMAP_FIXED) !== 0) take(call, target, length);
  if (length > oldLength && memorySpace.hasPinned(old, old + oldLength))
    call.host.notice('mremap() may move memory that is mapped for devices: they go on with the old address');
  return 'continue';
};

export const brk: Handler = (call) => {
  const end = call.number(0);
  if (end !== 0) call.task.memorySpace.shrinkHeap(Math.ceil(end / PAGE_SIZE) * PAGE_SIZE);
  return 'continue';
};

/** The notice if a device cannot be mapped. */
const REGISTERS =
  'mmap() of a BAR: one with registers cannot be mapped, as VFIO_DEVICE_GET_REGION_INFO says; read() and write() reach them';

export const mmap: Handler = (call) => {
  const flags = call.int(3);
  const file = (flags & MAP_ANONYMOUS) === 0 ? call.own(call.int(4)) : undefined;
  const size = Math.ceil(call.number(1) / PAGE_SIZE) * PAGE_SIZE;
  if ((flags & MAP_ANONYMOUS) === 0 && call.task.files.named(call.int(4)) !== undefined)
    throw fail(call.word(5) % BigInt(PAGE_SIZE) === 0n ? 'EBADF' : 'EINVAL');
  if (file !== undefined) {
    const offset = call.word(5);
    if (offset % BigInt(PAGE_SIZE) !== 0n) throw fail('EINVAL');
    // `ksys_mmap_pgoff()`, and `do_mmap()` before it looks at the file.
    if ((flags & MAP_HUGETLB) !== 0 || size === 0) throw fail('EINVAL');
    const type = flags & MAP_TYPE;
    const prot = call.int(2);
    const { task, thread, host } = call;
    const mapping = { file, fd: call.int(4), offset: Number(offset), size, prot, flags };
    let vma: Vma;
    try {
      checkPlace(task, { address: call.word(0), flags }, size);
      checkFile(file, flags, prot, size, offset);
      vma = mapFile(file, size, prot, type !== MAP_PRIVATE, offset);
    } catch (cause) {
      if (host.world.isDevice(file) && type !== MAP_PRIVATE) host.notice(REGISTERS);
      if (cause instanceof Errno) task.observer?.map(task, { ...mapping, result: cause.result });
      throw cause;
    }
    const { observer } = task;
    const shown = { ...mapping, result: 0 };
    observer?.map(task, shown);
    const ended = observer && ((): void => observer.unmapped(task, shown));
    host.world.mapped({
      task,
      file,
      offset: Number(offset),
      size,
      vma,
      tid: thread.tid,
      wasSeen: false,
      ended,
    });
  }
  if ((flags & MAP_FIXED) !== 0) take(call, call.number(0), size);
  return 'continue';
};

export const execve: Handler = (call) => {
  lookAtProgram(call, AT_FDCWD, call.string(call.word(0)));
  call.task.willExecute();
  return 'continue';
};

export const execveat: Handler = (call) => {
  lookAtProgram(call, call.int(0), call.string(call.word(1)));
  call.task.willExecute();
  return 'continue';
};

/** Pinned pages outlive the process only if another holder keeps their context. Otherwise the copy, which may be large, is not made. */
export const exitGroup: Handler = (call) => {
  const { task, host } = call;
  const { memorySpace: memory } = task;
  const mayHavePinned = memory.hasPinned(0, host.world.taskSize) || host.world.shared.size > 0;
  // The search for holders examines all processes, so it is done only if pages may be pinned.
  if (mayHavePinned && host.world.isHeldBeside(task)) memory.save();
  return 'continue';
};
