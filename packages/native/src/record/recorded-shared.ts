/**
 * Shared memory in a tape. Process 0 has a memfd for each, and lends a descriptor of it to a process for the step that maps it. Process
 * 0 holds eventfds for interrupts in the same way.
 */

import {
  EFD_SEMAPHORE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  MAP_FIXED,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from '@iommufd/fakekernel/task';
import type { Step } from '@iommufd/tape';
import type { EventfdFacts } from '../linux/proc.js';
import type { RemoteVma } from '../memory/maps.js';
import { keyOf } from '../memory/shared-pages.js';
import { hex } from './about.js';
import { HOLDER, type Holding, LENT } from './recorded-files.js';
import type { SharedMemory } from './recorded-memory.js';
import type { ProcessNow, RecordedProcesses } from './recorded-processes.js';

/** The address from which on {@link HOLDER} maps shared memory. Programs have no mappings there. */
const HOLDER_MEMORY = 0x2000_0000_0000;
/** A larger file is sparse, and only a small part of it is mapped. In bytes. */
const MOST_OF_FILE = 2 ** 45;
/** The largest initial value of `eventfd()`, an unsigned int. */
const MOST_OF_INIT = 2n ** 32n - 1n;

/** Shared memory in the tape: its size in bytes, and its mapping in {@link HOLDER}. */
interface Place {
  readonly size: number;
  /** False if only a minimum was known: the end of a mapping. */
  readonly isExact: boolean;
  /** True if it has huge pages. */
  readonly huge: boolean;
  readonly address: number;
  /** Bytes that are mapped. */
  readonly length: number;
}

/** Rounds a number of bytes up to whole pages. */
function wholePages(bytes: number, huge: boolean): number {
  const unit = huge ? HUGE_PAGE_SIZE : PAGE_SIZE;
  return Math.ceil(bytes / unit) * unit;
}

function hasKey<File extends object>(now: ReadonlyMap<number, Holding<File>>, key: string): boolean {
  for (const holding of now.values()) if (holding.kind === 'memory' && holding.key === key) return true;
  return false;
}

/** @see the head of this file */
export class RecordedShared<File extends object> implements SharedMemory {
  private readonly places = new Map<string, Place>();
  /** The pages of each memory that have bytes in the tape. All others are zero there. */
  private readonly filled = new Map<string, Set<number>>();
  private readonly eventfds = new Set<string>();
  private next = HOLDER_MEMORY;

  /**
   * @param write adds steps to the tape
   * @param sizeOf returns the size in bytes of the memory that a mapping shows; undefined if it is not known
   */
  constructor(
    private readonly processes: RecordedProcesses<File>,
    private readonly write: (steps: readonly Step[]) => void,
    private readonly sizeOf: (vma: RemoteVma) => number | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.places.size === 0 && this.eventfds.size === 0;
  }

  get hasEventfds(): boolean {
    return this.eventfds.size > 0;
  }

  /** True if the tape has memory or an eventfd with this key. */
  has(key: string): boolean {
    return this.places.has(key) || this.eventfds.has(key);
  }

  /**
   * Adds an eventfd to the tape with its current counter, because an eventfd that is already signalled has an effect as soon as the
   * kernel uses it. The program's own reads and writes of it are not recorded.
   */
  addEventfd({ key, count, isSemaphore }: EventfdFacts): void {
    if (this.eventfds.has(key)) return;
    this.eventfds.add(key);
    this.processes.needHolder();
    const { files } = this.processes;
    const fd = files.lowestFree(HOLDER);
    // A larger counter has the same effect.
    const init = Number(count < MOST_OF_INIT ? count : MOST_OF_INIT);
    this.write([{ op: 'eventfd', pid: HOLDER, init, flags: isSemaphore ? EFD_SEMAPHORE : 0, ret: fd }]);
    files.given(HOLDER, fd, { kind: 'memory', key });
  }

  /**
   * Closes eventfds that no process has open any more, so that the kernel of the replay releases them too.
   * @param all the current descriptors of the processes, without {@link HOLDER}
   */
  closeEventfds(all: readonly ProcessNow<File>[]): void {
    const { files } = this.processes;
    for (const key of this.eventfds) {
      if (all.some(({ now }) => now !== undefined && hasKey(now, key))) continue;
      const fd = files.numberOf(HOLDER, key);
      if (fd !== undefined) files.remove(HOLDER, fd);
      this.eventfds.delete(key);
    }
  }

  /**
   * A new eventfd has this key. Linux gives an eventfd the lowest free id (`eventfd_ida`), and frees it in `eventfd_free_ctx()`, when
   * neither a file nor the kernel uses the eventfd any more. So the eventfd of the tape with this key is gone.
   */
  dropEventfd(key: string): void {
    if (this.eventfds.delete(key)) this.processes.files.removeAll(key);
  }

  /** The mapping of memory in {@link HOLDER}; undefined if the tape does not have it. */
  find(key: string): Place | undefined {
    return this.places.get(key);
  }

  /**
   * Adds memory to the tape, if it is not there yet, or updates its size.
   * @param size its size in bytes
   * @param isExact false if `size` is only a minimum
   * @param huge true if it has huge pages
   */
  need(key: string, size: number, isExact: boolean, huge: boolean): void {
    const known = this.places.get(key);
    if (known !== undefined) {
      if (isExact || (!known.isExact && size > known.size)) this.resize(key, size, isExact);
      return;
    }
    this.processes.needHolder();
    const { files } = this.processes;
    const fd = files.lowestFree(HOLDER);
    const whole = wholePages(size, huge);
    this.write([
      { op: 'memfd', pid: HOLDER, size: hex(huge ? whole : size), ...(huge && { huge }), ret: fd },
    ]);
    files.given(HOLDER, fd, { kind: 'memory', key });
    this.map(key, fd, { size, isExact, huge });
  }

  /** Maps memory in {@link HOLDER}. */
  private map(key: string, fd: number, { size, isExact, huge }: Omit<Place, 'address' | 'length'>): void {
    // A file may be empty, and a mapping may not.
    const length = Math.max(huge ? HUGE_PAGE_SIZE : PAGE_SIZE, wholePages(size, huge));
    const address = wholePages(this.next, huge);
    this.next = address + length + PAGE_SIZE;
    this.places.set(key, { size, isExact, huge, address, length });
    const place = hex(address);
    const [prot, flags] = [PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED];
    this.write([{ op: 'mmap', pid: HOLDER, addr: place, len: length, prot, flags, fd, off: 0, ret: place }]);
  }

  /** Sets the size of memory of the tape, if it has this memory. @param size in bytes */
  resize(key: string, size: number, isExact = true): void {
    const known = this.places.get(key);
    const fd = this.processes.files.numberOf(HOLDER, key);
    if (known === undefined || fd === undefined) return;
    const { huge, address, length } = known;
    const now = { ...known, size, isExact };
    this.places.set(key, now);
    if (size === known.size) return;
    this.write([
      { op: 'ftruncate', pid: HOLDER, fd, size: hex(huge ? wholePages(size, huge) : size), ret: 0 },
    ]);
    if (size <= length) return;
    this.write([{ op: 'munmap', pid: HOLDER, addr: hex(address), len: length, ret: 0 }]);
    this.map(key, fd, now);
  }

  /**
   * A call has set the size of memory, if the tape has this memory. Linux zeroes the rest of the last page also if the size stays the
   * same. @param size in bytes
   */
  truncate(key: string, size: number): void {
    const known = this.places.get(key);
    const fd = this.processes.files.numberOf(HOLDER, key);
    const isRestZeroed = known?.size === size && size % PAGE_SIZE !== 0 && !known.huge;
    if (isRestZeroed && fd !== undefined)
      this.write([{ op: 'ftruncate', pid: HOLDER, fd, size: hex(size), ret: 0 }]);
    else this.resize(key, size);
  }

  /** Removes pages of memory of the tape, if it has this memory. @param offset in bytes, as the length */
  punch(key: string, offset: number, length: number): void {
    const fd = this.processes.files.numberOf(HOLDER, key);
    if (!this.places.has(key) || fd === undefined) return;
    const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    this.write([{ op: 'fallocate', pid: HOLDER, fd, mode, off: hex(offset), len: hex(length), ret: 0 }]);
  }

  isFilled(key: string, page: number): boolean {
    return this.filled.get(key)?.has(page) === true;
  }

  fill(key: string, page: number): void {
    const pages = this.filled.get(key);
    if (pages === undefined) this.filled.set(key, new Set([page]));
    else pages.add(page);
  }

  /** Updates the size of the memory that a mapping shows, if it is known. */
  look(vma: RemoteVma): void {
    const key = keyOf(vma);
    const size = this.places.has(key) ? this.sizeOf(vma) : undefined;
    if (size !== undefined && size <= MOST_OF_FILE) this.resize(key, size);
  }

  lend(vma: RemoteVma): { readonly before: Step[]; readonly fd: number; readonly after: Step[] } {
    const key = keyOf(vma);
    const size = this.sizeOf(vma);
    const isExact = size !== undefined && size <= MOST_OF_FILE;
    this.need(key, isExact ? size : vma.offset + vma.end - vma.start, isExact, vma.pageSize > PAGE_SIZE);
    const holder = this.processes.files.numberOf(HOLDER, key) ?? -1;
    // A descriptor that the process does not use, for the step that maps it.
    const fd = LENT;
    return {
      before: [{ op: 'dup', fd: holder, of: HOLDER, to: fd, ret: fd }],
      fd,
      after: [{ op: 'close', fd, ret: 0 }],
    };
  }
}
