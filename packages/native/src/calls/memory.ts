/**
 * Calls that change mappings. The host's kernel executes them. Before that, pages that they remove and that the fake kernel has pinned
 * are copied.
 */

import { checkFile, checkPlace, Errno, fail, mapFile, PAGE_SIZE, type Vma } from '@iommufd/fakekernel/task';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_HUGETLB, MAP_PRIVATE } from '@iommufd/uapi';
import { AT_FDCWD, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../linux/constants.js';
import { linkOfDescriptor } from '../linux/proc.js';
import { detached, isPage, pageEnd, remapped, type Span, unmapped } from '../memory/drops.js';
import type { Handler, SystemCall } from './call.js';
import { lookAtProgram } from './notices.js';

const MAP_TYPE = 0x0f;

/** Copies the pinned pages of a range that the call is about to unmap or replace. */
function take({ task }: SystemCall, span: Span | undefined): void {
  if (span !== undefined) task.memorySpace.take(span.start, span.end);
}

export const munmap: Handler = (call) => {
  take(call, unmapped(call, call.host.world.taskSize));
  return 'continue';
};

export const shmdt: Handler = (call) => {
  take(call, detached(call, call.task.memorySpace, call.host.world.taskSize));
  return 'continue';
};

export const mremap: Handler = (call) => {
  const remap = remapped(call, call.task.memorySpace, call.host.world.taskSize);
  if (remap === undefined) return 'continue';
  const { old, oldLength, length, flags, target, tail } = remap;
  const { memorySpace } = call.task;
  const [vma] = memorySpace.mappings(old, old + 1);
  // `check_prep_vma()`: a driver's mapping (VM_DONTEXPAND, VM_PFNMAP) cannot grow, and cannot be moved with MREMAP_DONTUNMAP.
  if (vma !== undefined && memorySpace.isOwn(vma)) {
    if ((flags & MREMAP_DONTUNMAP) !== 0) throw fail('EINVAL');
    if (length > oldLength) throw fail('EFAULT');
  }
  take(call, tail);
  if ((flags & MREMAP_FIXED) !== 0) take(call, { start: target, end: target + length });
  const mayMove = length > oldLength || (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;
  if (mayMove && (flags & MREMAP_MAYMOVE) !== 0 && memorySpace.hasPinned(old, old + oldLength))
    call.host.notice('mremap() may move memory that is mapped for devices: they go on with the old address');
  return 'continue';
};

/** The notice if a device cannot be mapped. */
const REGISTERS =
  'mmap() of a BAR: one with registers cannot be mapped, as VFIO_DEVICE_GET_REGION_INFO says; read() and write() reach them';

export const mmap: Handler = (call) => {
  const flags = call.int(3);
  const file = (flags & MAP_ANONYMOUS) === 0 ? call.own(call.int(4)) : undefined;
  const size = pageEnd(call.number(1));
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
  const start = call.number(0);
  if ((flags & MAP_FIXED) !== 0 && isPage(start) && (file !== undefined || hasFileToMap(call)))
    take(call, { start, end: start + size });
  return 'continue';
};

/** False if `mmap()` fails with EINVAL for its offset, or with EBADF: `ksys_mmap_pgoff()`. It replaces no mapping then. */
function hasFileToMap(call: SystemCall): boolean {
  if (!isPage(call.number(5))) return false;
  return (call.int(3) & MAP_ANONYMOUS) !== 0 || linkOfDescriptor(call.thread.tid, call.int(4)) !== undefined;
}

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
