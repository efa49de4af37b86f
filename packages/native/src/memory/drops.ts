/**
 * Linux's rules for the memory that a call drops: the ranges of a process that it unmaps or whose pages it drops, and the parts of
 * files that it removes. The bridge applies them before a call, to copy pinned pages; the tracer, to follow what a program does.
 */

import { PAGE_SIZE } from '@iommufd/fakekernel/task';
import { type ErrnoName, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  MADV_DONTNEED_LOCKED,
  MADV_GUARD_INSTALL,
  MADV_REMOVE,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from '../linux/constants.js';
import type { RemoteVma, VmaFlags } from './maps.js';

/** The arguments of a call. */
export interface Arguments {
  /** An argument as an `int`. */
  int(index: number): number;
  /** An argument as an unsigned number of 64 bits. */
  word(index: number): bigint;
}

/** The mappings of a process. */
export interface Mappings {
  /** The mappings that overlap a range, in order. */
  mappings(start: number, end: number): Iterable<RemoteVma>;
  /** The flags of a mapping. This is slow. */
  flagsOf(vma: RemoteVma): VmaFlags;
  /** F_SEAL_* of the file of a mapping, as far as they are known. */
  sealsOf(vma: RemoteVma): number;
  /** True for a mapping of a file of iommufd or VFIO: a driver's mapping (VM_PFNMAP, VM_DONTEXPAND). */
  isOwn(vma: RemoteVma): boolean;
}

/** A range of addresses. */
export interface Span {
  readonly start: number;
  /** One beyond the last address. */
  readonly end: number;
}

export const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
export const pageEnd = (address: number): number => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
export const isPage = (address: number): boolean => address % PAGE_SIZE === 0;

/** An argument that is an address or a number of bytes. Exact for addresses of user space. */
const number = (args: Arguments, index: number): number => Number(args.word(index));

// Calls that unmap.

/** What `munmap()` unmaps: `do_vmi_munmap()`. @param taskSize one beyond the last address @returns undefined if it fails */
export function unmapped(args: Arguments, taskSize: number): Span | undefined {
  const start = number(args, 0);
  const end = pageEnd(start + number(args, 1));
  return isPage(start) && end > start && end <= taskSize ? { start, end } : undefined;
}

/**
 * What `shmdt()` unmaps: the segment that is mapped at an address, of which `mprotect()` may have made several mappings. Mappings of it
 * behind a gap are not looked for.
 * @returns undefined if it fails
 */
export function detached(args: Arguments, memory: Mappings, taskSize: number): Span | undefined {
  const start = number(args, 0);
  let of: RemoteVma | undefined;
  let end = start;
  for (const vma of memory.mappings(start, taskSize)) {
    // `ksys_shmdt()` compares the offset of each mapping in the segment, and its file with that of the first.
    if (vma.start !== end || !vma.shared || vma.offset !== end - start) break;
    if (of !== undefined && (vma.inode !== of.inode || vma.device !== of.device)) break;
    of ??= vma;
    end = vma.end;
  }
  return start < end ? { start, end } : undefined;
}

/**
 * What `brk()` unmaps if it succeeds: the heap from its new end on. The heap grows only into free addresses, and stays a page away from
 * the mapping behind it. `mprotect()` may have made several mappings of it.
 * @returns undefined if it does not shrink
 */
export function heapEnd(memory: Mappings, end: number, taskSize: number): Span | undefined {
  const start = pageEnd(end);
  if (start === 0) return undefined;
  let last = start;
  for (const vma of memory.mappings(start, taskSize)) {
    if (vma.start > last || vma.hasFile) break;
    last = vma.end;
  }
  return last > start ? { start, end: last } : undefined;
}

/** The arguments of `mremap()`. Lengths are in whole pages: huge ones, if the old mapping has them. */
export interface Remap {
  readonly old: number;
  readonly oldLength: number;
  readonly length: number;
  /** MREMAP_* */
  readonly flags: number;
  readonly target: number;
  /** The end of the old range, which it unmaps, if the new one is shorter. */
  readonly tail: Span | undefined;
}

const MREMAP_FLAGS = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

/** `PAGE_ALIGN()`: a length close to 2^64 becomes 0. */
const pageAlign = (length: bigint): number =>
  Number(BigInt.asUintN(64, (length + BigInt(PAGE_SIZE) - 1n) & -BigInt(PAGE_SIZE)));

/** `mremap()`: `check_mremap_params()`, `check_prep_vma()`. @returns undefined if it fails with EINVAL, or with EFAULT: nothing is mapped */
export function remapped(args: Arguments, memory: Mappings, taskSize: number): Remap | undefined {
  const given = paramsOf(args, taskSize);
  if (given === undefined) return undefined;
  const { old, flags, target } = given;
  const [vma] = memory.mappings(old, old + 1);
  if (vma === undefined) return undefined;
  const unit = vma.pageSize;
  const isFixed = (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;
  if (old % unit !== 0 || (isFixed && target % unit !== 0)) return undefined;
  const whole = (size: number): number => Math.ceil(size / unit) * unit;
  const [oldLength, length] = [whole(given.oldLength), whole(given.length)];
  const [start, end] = [old + length, old + oldLength];
  // Memory of huge pages does not grow.
  if (unit > PAGE_SIZE && start > end) return undefined;
  return { ...given, oldLength, length, tail: start < end && end <= taskSize ? { start, end } : undefined };
}

/** The arguments of `mremap()`, in small pages: `check_mremap_params()`. @returns undefined if it fails with EINVAL */
function paramsOf(args: Arguments, taskSize: number): Omit<Remap, 'tail'> | undefined {
  const [old, target, flags] = [number(args, 0), number(args, 4), args.int(3)];
  const [oldLength, length] = [pageAlign(args.word(1)), pageAlign(args.word(2))];
  if ((flags & ~MREMAP_FLAGS) !== 0 || !isPage(old)) return undefined;
  if (length === 0 || length > taskSize) return undefined;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) {
    if (target > taskSize - length || !isPage(target)) return undefined;
    if ((flags & MREMAP_MAYMOVE) === 0) return undefined;
    if ((flags & MREMAP_DONTUNMAP) !== 0 && oldLength !== length) return undefined;
    // `vrm_overlaps()`
    if (target < old + oldLength && old < target + length) return undefined;
  }
  return { old, oldLength, length, flags, target };
}

// Advice.

/** A part of a mapping. */
export interface Part {
  readonly vma: RemoteVma;
  readonly from: number;
  /** One beyond the last address. */
  readonly to: number;
}

/** A range whose pages advice drops. */
export interface Drop extends Span {
  /** The mapping whose file loses the pages; undefined if only the process loses them. */
  readonly ofFile: RemoteVma | undefined;
}

/** 2^64. A length that Linux would round up to it is one that JavaScript rounds up to it. */
const ULONG_END = 2 ** 64;

/**
 * Walks the mappings of a range: `madvise_walk_vmas()`.
 * @param length in bytes, rounded up to whole pages
 * @param advise is called for each mapping. It returns false if Linux fails for it, which ends the walk
 * @returns the error of Linux: EINVAL stands for any error of a mapping; undefined if it succeeds
 */
export function walk(
  memory: Mappings,
  start: number,
  length: number,
  advise: (part: Part) => boolean,
): ErrnoName | undefined {
  if (!isPage(start)) return 'EINVAL';
  const end = start + pageEnd(length);
  // `madvise_should_skip()`: the end must not overflow.
  if (end >= ULONG_END) return 'EINVAL';
  // Unmapped ranges are passed over, and are an error at the end.
  let mappedTo = start;
  let hasGap = false;
  for (const vma of [...memory.mappings(start, end)]) {
    hasGap ||= vma.start > mappedTo;
    mappedTo = vma.end;
    if (!advise({ vma, from: Math.max(start, vma.start), to: Math.min(end, vma.end) })) return 'EINVAL';
  }
  return hasGap || mappedTo < end ? 'ENOMEM' : undefined;
}

/** What advice drops of a part of a mapping: pages of shared mappings stay, but for MADV_REMOVE. @returns undefined if Linux fails */
function dropOf(memory: Mappings, advice: number, { vma, from, to }: Part): Drop | undefined {
  const { isLocked, mayBeWritten } = memory.flagsOf(vma);
  const isHuge = vma.pageSize > PAGE_SIZE;
  const last = Math.floor(to / vma.pageSize) * vma.pageSize;
  const ofProcess = (end: number): Drop => ({ start: from, end: vma.shared ? from : end, ofFile: undefined });
  if (advice === MADV_REMOVE) {
    // `madvise_remove()`
    if (isLocked || !vma.hasFile || !vma.shared || !mayBeWritten) return undefined;
    if (isWriteSealed(memory.sealsOf(vma))) return undefined;
    // It removes pages from the file, and so from all its mappings. Of huge pages, it removes only whole ones.
    return { start: Math.ceil(from / vma.pageSize) * vma.pageSize, end: last, ofFile: vma };
  }
  // `is_valid_guard_vma()`
  if (advice === MADV_GUARD_INSTALL)
    return isLocked || isHuge || memory.isOwn(vma) ? undefined : ofProcess(to);
  // `madvise_dontneed_free_valid_vma()`: of huge pages, only whole ones, from the start of one, and even if they are locked.
  const isRefused = isHuge
    ? from % vma.pageSize !== 0
    : memory.isOwn(vma) || (isLocked && advice !== MADV_DONTNEED_LOCKED);
  return isRefused ? undefined : ofProcess(last);
}

/**
 * What advice drops that frees pages at once: MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_REMOVE, MADV_GUARD_INSTALL.
 * @param length in bytes, rounded up to whole pages
 * @returns the ranges up to the mapping for which Linux fails, and the error
 */
export function advised(
  memory: Mappings,
  advice: number,
  start: number,
  length: number,
): { readonly drops: readonly Drop[]; readonly failed: ErrnoName | undefined } {
  const drops: Drop[] = [];
  const failed = walk(memory, start, length, (part) => {
    const drop = dropOf(memory, advice, part);
    if (drop !== undefined && drop.start < drop.end) drops.push(drop);
    return drop !== undefined;
  });
  return { drops, failed };
}

// Files.

/** What a call does to a file: it sets the size in bytes, or removes `length` bytes at `offset`. */
export type FileChange =
  | { readonly size: number; readonly offset?: undefined }
  | { readonly offset: number; readonly length: number };

/** The size that is an argument of `truncate()` and `ftruncate()`. @returns undefined if it is negative, which fails */
export function sizeOf(args: Arguments): number | undefined {
  const size = BigInt.asIntN(64, args.word(1));
  return size < 0n ? undefined : Number(size);
}

/** LLONG_MAX: the largest size of a file (`MAX_LFS_FILESIZE`). */
const LLONG_MAX = 2n ** 63n - 1n;

/** The range that is the argument of `fallocate()`. @returns undefined if it fails with EINVAL or EFBIG: `vfs_fallocate()` */
function allocatedOf(args: Arguments): { readonly offset: number; readonly length: number } | undefined {
  const [offset, length] = [BigInt.asIntN(64, args.word(2)), BigInt.asIntN(64, args.word(3))];
  if (offset < 0n || length <= 0n || offset + length > LLONG_MAX) return undefined;
  return { offset: Number(offset), length: Number(length) };
}

/** What `fallocate()` does to a file. @param size its size in bytes @returns undefined if neither size nor contents change */
export function allocating(args: Arguments, size: number): FileChange | undefined {
  const range = allocatedOf(args);
  const mode = args.int(1);
  // `shmem_fallocate()`, `hugetlbfs_fallocate()`
  if (range === undefined || (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return undefined;
  const [isHole, keepsSize] = [FALLOC_FL_PUNCH_HOLE, FALLOC_FL_KEEP_SIZE].map((bit) => (mode & bit) !== 0);
  // `vfs_fallocate()`: a hole that does not keep the size fails with EOPNOTSUPP.
  if (isHole === true) return keepsSize === true ? range : undefined;
  const end = range.offset + range.length;
  return keepsSize === true || end <= size ? undefined : { size: end };
}

/** A file, as far as it matters for the pages that it may lose. */
export interface Sealable {
  /** Bytes of a page. */
  readonly pageSize: number;
  /** F_SEAL_*; 0 for a file that cannot have seals. */
  readonly seals: number;
}

/** Seals with which a file gets no holes: `shmem_fallocate()`, `hugetlbfs_punch_hole()`. */
const isWriteSealed = (seals: number): boolean => (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0;

/** A part of a file whose pages it loses, in bytes. */
export interface Removed extends Span {
  /** True if private mappings lose the copies that they have made of the part. */
  readonly withCopies: boolean;
}

/** The part of a file that a change removes. @returns undefined if Linux fails */
export function removedBy(change: FileChange, { pageSize, seals }: Sealable): Removed | undefined {
  if (change.offset === undefined) {
    const { size } = change;
    // `hugetlbfs_setattr()`: EINVAL for a part of a huge page.
    if ((seals & F_SEAL_SHRINK) !== 0 || (pageSize > PAGE_SIZE && size % pageSize !== 0)) return undefined;
    // `shmem_setattr()`, `truncate_pagecache()`, `hugetlb_vmtruncate()`
    return { start: Math.ceil(size / pageSize) * pageSize, end: Number.MAX_SAFE_INTEGER, withCopies: true };
  }
  if (isWriteSealed(seals)) return undefined;
  // `hugetlbfs_punch_hole()`: what is not a whole huge page is zeroed where it is.
  const { offset, length } = change;
  const start = Math.ceil(offset / pageSize) * pageSize;
  const end = Math.floor((offset + length) / pageSize) * pageSize;
  // Only hugetlbfs removes the copies of private mappings: `hugetlb_vmdelete_list()`.
  return { start, end, withCopies: pageSize > PAGE_SIZE };
}
