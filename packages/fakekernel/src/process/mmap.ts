/**
 * `mmap()`: the order of its checks, and what remains done if a driver refuses the mapping. {@link mapMemory} is the system call;
 * the mapped file provides the pages (`File.mmap`).
 */

import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_HUGETLB,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  PROT_EXEC,
  PROT_WRITE,
} from '@iommufd/uapi';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import type { Vma, VmaWatcher } from './address-space.js';
import type { File } from './file.js';
import { AnonymousMemory } from './memory-object.js';
import { HUGE_PAGE_SIZE, MMAP_MIN_ADDR, PAGE, PAGE_MASK, PAGE_SIZE } from './page.js';
import type { Privileges } from './privileges.js';
import type { Process } from './process.js';

/** Upper end of automatic placement, below the stack. */
const MMAP_BASE = 0x7fff_f7ff_f000;

const MAP_TYPE = 0x0f;

/** The flags that existed before MAP_SHARED_VALIDATE, on x86-64: LEGACY_MAP_MASK. MAP_FIXED_NOREPLACE is newer. */
const LEGACY_MAP_MASK = 0x7c07_f9f3;

/** Number of pages in a huge page. */
const HUGE_PAGES = HUGE_PAGE_SIZE / PAGE_SIZE;

/** The arguments of `mmap()`. */
export interface MmapRequest {
  readonly address: bigint;
  /** In bytes. */
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  readonly fd: number;
  readonly offset: bigint;
}

/** @returns the address of the mapping @throws Errno */
export function mapMemory(process: Process, request: MmapRequest): number {
  const { length, prot, flags, fd } = request;
  const offset = BigInt.asUintN(64, request.offset);
  if (offset % PAGE !== 0n) throw fail('EINVAL');
  const file = (flags & MAP_ANONYMOUS) === 0 ? process.files.get(fd) : undefined;
  const isHugetlb = file === undefined ? (flags & MAP_HUGETLB) !== 0 : file.isHugetlb;
  if (!isHugetlb && (flags & MAP_HUGETLB) !== 0) throw fail('EINVAL');

  if (!Number.isInteger(length) || length === 0) throw fail('EINVAL');
  const unit = isHugetlb ? HUGE_PAGE_SIZE : PAGE_SIZE;
  const size = Math.ceil(length / unit) * unit;
  if (length < 0 || size > process.memorySpace.taskSize) throw fail('ENOMEM');
  const at = isFixed(flags)
    ? fixedAddress(process, request, size, unit)
    : freeAddress(process, request, size, unit);
  const type = flags & MAP_TYPE;
  if (file === undefined) {
    // Anonymous huge pages belong to a file that Linux creates for them.
    if ((flags & MAP_HUGETLB) !== 0) checkType(flags);
    else if (type !== MAP_SHARED && type !== MAP_PRIVATE) throw fail('EINVAL');
    process.memorySpace.map(at, size, anonymous(process, at, size, prot, flags));
    return at;
  }
  checkFile(file, flags, prot, size, offset);
  // Old mappings are removed before the driver is called, and are not restored if it fails.
  process.memorySpace.unmap(at, size);
  process.memorySpace.map(at, size, mapFile(file, size, prot, type !== MAP_PRIVATE, offset));
  return at;
}

/** The address below which mappings without an address are placed. */
export const ceilingOf = ({ taskSize }: { readonly taskSize: number }): number =>
  Math.min(MMAP_BASE, taskSize);

const isFixed = (flags: number): boolean => (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;

/** The properties of a process that limit the addresses of its mappings. */
interface Mapper {
  readonly privileges: Pick<Privileges, 'rawIo'>;
  readonly memorySpace: {
    /** One beyond the last address of user space, which depends on the machine. */
    readonly taskSize: number;
    /** Returns true if nothing is mapped in a range. */
    isFree(start: number, length: number): boolean;
  };
}

/** `cap_mmap_addr()`. @throws EPERM */
function checkLowest({ privileges }: Mapper, at: number): void {
  if (at < MMAP_MIN_ADDR && !privileges.rawIo) throw fail('EPERM');
}

/**
 * Checks an address that the program has chosen, as `do_mmap()` does before it looks at the file: `__get_unmapped_area()`, and that
 * MAP_FIXED_NOREPLACE does not replace a mapping.
 * @throws ENOMEM | EINVAL | EPERM | EEXIST
 */
function fixedAddress(
  mapper: Mapper,
  { address, flags }: Pick<MmapRequest, 'address' | 'flags'>,
  size: number,
  unit: number,
): number {
  const at = BigInt.asUintN(64, address);
  // `hugetlb_get_unmapped_area()` checks the alignment first.
  if (unit !== PAGE_SIZE && at % BigInt(unit) !== 0n) throw fail('EINVAL');
  if (at > BigInt(mapper.memorySpace.taskSize - size)) throw fail('ENOMEM');
  if (at % PAGE !== 0n) throw fail('EINVAL');
  checkLowest(mapper, Number(at));
  if ((flags & MAP_FIXED_NOREPLACE) !== 0 && !mapper.memorySpace.isFree(Number(at), size))
    throw fail('EEXIST');
  return Number(at);
}

/**
 * Checks the address of a mapping, which `do_mmap()` does before it looks at the file.
 * @param size in whole pages
 * @throws ENOMEM | EINVAL | EPERM | EEXIST
 */
export function checkPlace(
  mapper: Mapper,
  request: Pick<MmapRequest, 'address' | 'flags'>,
  size: number,
): void {
  if (size > mapper.memorySpace.taskSize) throw fail('ENOMEM');
  if (isFixed(request.flags)) fixedAddress(mapper, request, size, PAGE_SIZE);
}

/**
 * `round_hint_to_min()`: a hint is rounded down to a page, and up to the lowest address that can be mapped. For huge pages it is
 * rounded up to the next one: `hugetlb_get_unmapped_area()`.
 */
function hintOf(address: bigint, unit: number): number {
  const hint = Number(BigInt.asUintN(64, address) & PAGE_MASK);
  return hint === 0 ? 0 : Math.ceil(Math.max(hint, MMAP_MIN_ADDR) / unit) * unit;
}

/** @throws ENOMEM | EPERM */
function freeAddress(process: Process, request: MmapRequest, size: number, unit: number): number {
  const at = placeFor(process, request, size, unit);
  checkLowest(process, at);
  return at;
}

function placeFor(
  { memorySpace }: Process,
  { address, flags }: MmapRequest,
  size: number,
  unit: number,
): number {
  const hint = hintOf(address, unit);
  if (hint > 0 && hint <= memorySpace.taskSize - size && memorySpace.isFree(hint, size)) return hint;
  // `__get_unmapped_area()`: anonymous memory whose size is a multiple of a huge page is aligned to one.
  const isHuge = hint === 0 && (flags & MAP_ANONYMOUS) !== 0 && size % HUGE_PAGE_SIZE === 0;
  return memorySpace.findFree(size, ceilingOf(memorySpace), isHuge ? HUGE_PAGE_SIZE : unit);
}

/** Checks the type of a mapping of a file. @throws EINVAL; EOPNOTSUPP for unknown flags with MAP_SHARED_VALIDATE */
function checkType(flags: number): void {
  const type = flags & MAP_TYPE;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== MAP_SHARED_VALIDATE) throw fail('EINVAL');
  if (type === MAP_SHARED_VALIDATE && (flags & ~LEGACY_MAP_MASK) !== 0) throw fail('EOPNOTSUPP');
}

/** The checks of `do_mmap()` before it calls the file. @throws EOVERFLOW | EINVAL | EOPNOTSUPP | EACCES | EPERM | ENODEV */
export function checkFile(file: File, flags: number, prot: number, size: number, offset: bigint): void {
  const most = file.memory === undefined ? MOST_OFFSET : MOST_FILE_OFFSET;
  if (offset > most - BigInt(size)) throw fail('EOVERFLOW');
  checkType(flags);
  if ((flags & MAP_TYPE) !== MAP_PRIVATE && (prot & PROT_WRITE) !== 0 && !file.mode.write)
    throw fail('EACCES');
  if (!file.mode.read) throw fail('EACCES');
  if (file.isNoexec && (prot & PROT_EXEC) !== 0) throw fail('EPERM');
  if (file.mmap === undefined || !file.canMap) throw fail('ENODEV');
}

/** `file_mmap_size_max()`. */
const MOST_OFFSET = (1n << 64n) - 1n;
const MOST_FILE_OFFSET = (1n << 63n) - 1n;

/** Creates the mapping of a file, which holds a reference to the file. @throws Errno of the file */
export function mapFile(file: File, size: number, prot: number, shared: boolean, offset: bigint): Vma {
  if (file.mmap === undefined) throw fail('ENODEV');
  // A mapping of a file that is not writable is not shared: `do_mmap()` drops VM_SHARED.
  const vma = file.mmap(size, prot, shared && file.mode.write, offset);
  return { ...vma, watcher: keepsFile(file, vma.watcher) };
}

/** Holds a reference to the file for a mapping, like `vm_file`: the descriptor may be closed in the meantime. */
const keepsFile = restorable('mapFile.watcher', (file: File, inner: VmaWatcher | undefined): VmaWatcher => ({
  opened: () => {
    file.get();
    inner?.opened();
  },
  closed: () => {
    inner?.closed();
    file.put();
  },
}));

/** Anonymous memory. Private memory uses transparent huge pages, if they are enabled and fit. */
function anonymous({ kernel }: Process, at: number, size: number, prot: number, flags: number): Vma {
  const explicit = (flags & MAP_HUGETLB) !== 0;
  const transparent = kernel.transparentHugePages && (flags & MAP_TYPE) === MAP_PRIVATE;
  const block = explicit || transparent ? { first: pagesToHugePage(at), count: HUGE_PAGES } : undefined;
  const object = new AnonymousMemory(size / PAGE_SIZE, block);
  return { object, index: 0, prot, io: false, ...(explicit && { isHugetlb: true }) };
}

/** Number of pages from an address to the next boundary of huge pages. */
function pagesToHugePage(at: number): number {
  return (Math.ceil(at / HUGE_PAGE_SIZE) * HUGE_PAGE_SIZE - at) / PAGE_SIZE;
}
