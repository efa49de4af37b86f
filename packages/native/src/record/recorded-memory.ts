/**
 * The memory of a process in a tape: its mappings and its bytes. A mapping of the program is recorded when the fake kernel first uses
 * it, as a mapping at the same address.
 */

import { HUGE_PAGE_SIZE, RangeMap } from '@iommufd/fakekernel/task';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_HUGETLB,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { toHex } from '@iommufd/uapi/struct';
import type { Step } from '@iommufd/tape';
import { type FileChange, pageEnd, pageOf, removedBy } from '../memory/drops.js';
import type { RemoteVma } from '../memory/maps.js';
import { keyOf } from '../memory/shared-pages.js';
import { hex } from './about.js';
import { ofProcess } from './of-process.js';

const PAGE = 4096;

/** A mapping in the tape. */
interface Mapped {
  readonly prot: number;
  /** The key of its shared memory; undefined for private memory. */
  readonly key: string | undefined;
  /** The key of the file of a private mapping: its pages are copies of the file's. */
  readonly copied: string | undefined;
  /** True if it has huge pages. */
  readonly huge: boolean;
  /** The offset in its file at which it begins, in bytes; 0 for memory without a file. */
  readonly offset: number;
}

const hasFile = ({ key, copied }: Mapped): boolean => key !== undefined || copied !== undefined;

/** The value of the rest of a mapping. @param skipped bytes at its start that are not in the rest */
const restOf = (value: Mapped, skipped: bigint): Mapped =>
  hasFile(value) ? { ...value, offset: value.offset + Number(skipped) } : value;

/** Provides descriptors of shared memory. */
export interface SharedMemory {
  /** A mapping of shared memory is used whose file may have another size now. */
  look(vma: RemoteVma): void;
  /** True if the tape has bytes of a page of shared memory. All other pages are zero there. */
  isFilled(key: string, page: number): boolean;
  /** The tape has bytes of a page now. */
  fill(key: string, page: number): void;
  /** Lends shared memory. @returns steps that give the process a descriptor, the descriptor, and steps that close it */
  lend(vma: RemoteVma): { readonly before: Step[]; readonly fd: number; readonly after: Step[] };
}

/** The current memory of a process, as a debugger reads it: the protection of pages is ignored. */
export interface LiveMemory {
  /** The mappings in a range, in order. */
  mappings(start: number, end: number): Iterable<RemoteVma>;
  /** True if a mapping shows a recorded file. */
  isOwn(vma: RemoteVma): boolean;
  /** @returns undefined if one of the bytes cannot be read */
  peek(address: number, length: number): Uint8Array | undefined;
}

/** The memory of one process. */
export class RecordedMemory {
  private readonly mapped = new RangeMap<Mapped>();
  /**
   * A range that is in one mapping of the program that it can read, and mapped in the tape as there; undefined after a change of the
   * tape's mappings.
   */
  private checked: { readonly vma: RemoteVma; readonly start: number; readonly end: number } | undefined;
  /** Private pages whose bytes are in the tape. All others are zero there. */
  private readonly filled = new Set<number>();
  /** True if shared memory was mapped. */
  private hasShared = false;

  /** @param pid its number in the tape */
  constructor(
    private readonly memory: LiveMemory,
    private readonly shared: SharedMemory,
    private readonly pid: number,
  ) {}

  private step(step: Step): Step {
    return ofProcess(step, this.pid);
  }

  /** Steps that update the tape's mappings of a range to those of the process. */
  map(start: number, end: number): Step[] {
    const steps: Step[] = [];
    const from = pageOf(start);
    const to = pageEnd(end);
    let at = from;
    for (const vma of this.memory.mappings(from, to)) {
      // A huge page is always mapped completely.
      const unit = vma.pageSize > PAGE ? HUGE_PAGE_SIZE : PAGE;
      const first = Math.floor(Math.max(from, vma.start) / unit) * unit;
      const last = Math.ceil(Math.min(to, vma.end) / unit) * unit;
      if (first > at) steps.push(...this.forget(at, first));
      at = last;
      const { checked } = this;
      // The object of a mapping is replaced when the mapping changes.
      if (checked?.vma === vma && checked.start <= first && last <= checked.end) continue;
      if (this.memory.isOwn(vma)) continue;
      const end = this.endOfPages(vma, first, last);
      if (end > first) steps.push(...this.mapPiece(vma, first, end));
      if (end < last) steps.push(...this.forget(end, last));
      if (end > first && isAccessible(protOf(vma))) this.checked = { vma, start: first, end };
    }
    if (at < to) steps.push(...this.forget(at, to));
    return steps;
  }

  /**
   * The address in a range of a mapping from which on it has no pages, because its file ends there. Only for private mappings: in the
   * tape they are memory without a file, and shared ones end with the tape's file.
   */
  private endOfPages(vma: RemoteVma, start: number, end: number): number {
    if (vma.shared || !vma.hasFile) return end;
    const isThere = (page: number): boolean => this.memory.peek(page, 1) !== undefined;
    if (isThere(end - vma.pageSize)) return end;
    // No page beyond the end of a file exists, and all others do.
    let [low, high] = [0, (end - start) / vma.pageSize - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isThere(start + middle * vma.pageSize)) low = middle + 1;
      else high = middle;
    }
    return start + low * vma.pageSize;
  }

  private mapPiece(vma: RemoteVma, start: number, end: number): Step[] {
    const steps: Step[] = [];
    const prot = protOf(vma);
    const file = vma.hasFile ? keyOf(vma) : undefined;
    const [key, copied] = vma.shared ? [file, undefined] : [undefined, file];
    const mapped = { prot, key, copied, huge: vma.pageSize > PAGE, offset: 0 };
    if (key !== undefined) this.shared.look(vma);
    let at = start;
    for (const entry of [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]) {
      const [first, last] = [Math.max(start, Number(entry.start)), Math.min(end, Number(entry.last) + 1)];
      if (first > at) steps.push(...this.add(vma, at, first, mapped));
      const value = restOf(entry.value, BigInt(first) - entry.start);
      const isSame =
        value.key === key &&
        value.copied === copied &&
        value.huge === mapped.huge &&
        value.offset === offsetOf(vma, first);
      if (!isSame) steps.push(...this.add(vma, first, last, mapped));
      else if (value.prot !== prot) {
        this.set(first, last, { ...value, prot });
        steps.push(this.step({ op: 'mprotect', addr: hex(first), len: last - first, prot, ret: 0 }));
      }
      at = last;
    }
    if (at < end) steps.push(...this.add(vma, at, end, mapped));
    return steps;
  }

  private set(start: number, end: number, value: Mapped): void {
    this.checked = undefined;
    this.mapped.cut(BigInt(start), BigInt(end) - 1n, restOf);
    this.mapped.insert(BigInt(start), BigInt(end) - 1n, value);
  }

  private add(vma: RemoteVma, start: number, end: number, value: Mapped): Step[] {
    const offset = offsetOf(vma, start);
    this.set(start, end, { ...value, offset });
    this.hasShared ||= value.key !== undefined;
    for (let page = start; page < end; page += PAGE) this.filled.delete(page);
    const place = {
      op: 'mmap',
      addr: hex(start),
      len: end - start,
      prot: value.prot,
    } as const;
    const ret = hex(start);
    if (value.key === undefined) {
      const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | (value.huge ? MAP_HUGETLB : 0);
      return [this.step({ ...place, flags, fd: -1, off: 0, ret })];
    }
    const { before, fd, after } = this.shared.lend(vma);
    const map: Step = { ...place, flags: MAP_SHARED | MAP_FIXED, fd, off: hex(offset), ret };
    return [...before, map, ...after].map((step) => this.step(step));
  }

  /** Steps that unmap a range in the tape. */
  forget(start: number, end: number): Step[] {
    const steps: Step[] = [];
    this.checked = undefined;
    for (const entry of [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]) {
      const [first, last] = [Math.max(start, Number(entry.start)), Math.min(end, Number(entry.last) + 1)];
      steps.push(this.step({ op: 'munmap', addr: hex(first), len: last - first, ret: 0 }));
      for (let page = first; page < last; page += PAGE) this.filled.delete(page);
    }
    this.mapped.cut(BigInt(start), BigInt(end) - 1n, restOf);
    return steps;
  }

  /** Steps that unmap the pages of private mappings that a change of a file removes, although they are copies. */
  fileChanged(key: string, change: FileChange): Step[] {
    const steps: Step[] = [];
    for (const { start, last, value } of [...this.mapped]) {
      if (value.copied !== key) continue;
      // The call has succeeded: no seal has forbidden it.
      const removed = removedBy(change, { pageSize: value.huge ? HUGE_PAGE_SIZE : PAGE, seals: 0 });
      if (removed?.withCopies !== true) continue;
      const [first, end] = [Number(start), Number(last) + 1];
      const from = Math.max(first, first + removed.start - value.offset);
      const to = Math.min(end, first + removed.end - value.offset);
      if (from < to) steps.push(...this.forget(from, to));
    }
    return steps;
  }

  /** Steps that move a range in the tape to another address. The ranges do not overlap. */
  move(start: number, end: number, to: number): Step[] {
    const steps = this.forget(to, to + end - start);
    for (const { start: from, last, value } of [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]) {
      const [first, length] = [Math.max(start, Number(from)), Math.min(end, Number(last) + 1)];
      const target = to + first - start;
      const len = length - first;
      steps.push(this.step({ op: 'mremap', addr: hex(first), len, to: hex(target), ret: hex(target) }));
      this.mapped.cut(BigInt(first), BigInt(first + len) - 1n, restOf);
      this.set(target, target + len, restOf(value, BigInt(first) - from));
      for (let page = 0; page < len; page += PAGE)
        if (this.filled.delete(first + page)) this.filled.add(target + page);
    }
    return steps;
  }

  /**
   * Steps that update the tape's bytes of a range to those of the process, as far as they can be read.
   * @param sparing true to leave out pages that are zero and were never recorded
   * @param known the bytes of the whole range, if they have just been read
   */
  fill(start: number, length: number, sparing: boolean, known?: Uint8Array): Step[] {
    if (length <= 0) return [];
    const end = start + length;
    const steps = this.map(start, end);
    // A program may pass any length: only pages are read that the program itself can read. The kernel cannot read others for it.
    for (const piece of this.readableIn(start, end)) {
      for (let at = piece.start; at < piece.end;) {
        const count = Math.min(piece.end, pageOf(at) + PAGE) - at;
        const isAll = known?.length === count;
        const bytes = isAll
          ? known
          : (known?.subarray(at - start, at - start + count) ?? this.memory.peek(at, count));
        if (bytes !== undefined) this.poke(steps, at, bytes, sparing);
        at += count;
      }
    }
    return joined(steps);
  }

  private isChecked(start: number, end: number): boolean {
    const { checked } = this;
    return checked !== undefined && checked.start <= start && end <= checked.end;
  }

  /** The parts of a range that are mapped in the tape and can be read there. */
  private readableIn(
    start: number,
    end: number,
  ): readonly { readonly start: number; readonly end: number }[] {
    if (this.isChecked(start, end)) return [{ start, end }];
    return [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]
      .filter(({ value }) => isAccessible(value.prot))
      .map((piece) => ({
        start: Math.max(start, Number(piece.start)),
        end: Math.min(end, Number(piece.last) + 1),
      }));
  }

  /** True if part of a range is mapped in the tape and cannot be read there. */
  private isHidden(start: number, end: number): boolean {
    if (this.isChecked(start, end)) return false;
    return [...this.mapped.range(BigInt(start), BigInt(end) - 1n)].some(
      ({ value }) => !isAccessible(value.prot),
    );
  }

  /** Adds a step that writes these bytes. New memory is zero in the tape as well. */
  private poke(steps: Step[], at: number, bytes: Uint8Array, sparing: boolean): void {
    const page = pageOf(at);
    if (sparing && !this.isFilled(page) && bytes.every((byte) => byte === 0)) return;
    this.fillPage(page);
    steps.push(this.step({ op: 'poke', addr: hex(at), hex: toHex(bytes) }));
  }

  /** Bytes of a range may have changed. Its pages can no longer be left out as zero. */
  changed(start: number, length: number): void {
    for (let page = pageOf(start); page < start + length; page += PAGE) this.fillPage(page);
  }

  /** The page of shared memory at an address in the tape; undefined for private memory. */
  private sharedPage(page: number): { readonly key: string; readonly index: number } | undefined {
    const entry = this.hasShared ? this.mapped.at(BigInt(page)) : undefined;
    if (entry?.value.key === undefined) return undefined;
    const { key, offset } = entry.value;
    return { key, index: (offset + page - Number(entry.start)) / PAGE };
  }

  private isFilled(page: number): boolean {
    const shared = this.sharedPage(page);
    return shared === undefined ? this.filled.has(page) : this.shared.isFilled(shared.key, shared.index);
  }

  private fillPage(page: number): void {
    const shared = this.sharedPage(page);
    if (shared === undefined) this.filled.add(page);
    else this.shared.fill(shared.key, shared.index);
  }

  /** Steps that record the bytes of a range after a call. Memory that the program cannot read is left out: a call cannot write it. */
  show(start: number, length: number): Step[] {
    if (this.isHidden(start, start + length)) return [];
    const bytes = this.memory.peek(start, length);
    this.changed(start, length);
    if (bytes === undefined) return [this.step({ op: 'peek', addr: hex(start), len: length, fault: true })];
    return [this.step({ op: 'peek', addr: hex(start), hex: toHex(bytes) })];
  }

  /** Steps that unmap everything. */
  clear(): Step[] {
    return this.forget(0, Number.MAX_SAFE_INTEGER);
  }
}

/** The offset of an address in the file of a mapping, in bytes; 0 without a file. */
const offsetOf = (vma: RemoteVma, address: number): number =>
  vma.hasFile ? vma.offset + address - vma.start : 0;

const protOf = ({ readable, writable }: RemoteVma): number =>
  (readable ? PROT_READ : 0) | (writable ? PROT_WRITE : 0);

/** True if the program can read memory with this protection. Page tables have no write-only entries. */
const isAccessible = (prot: number): boolean => (prot & (PROT_READ | PROT_WRITE)) !== 0;

/** The length of a poke's hex after which a new poke begins, in characters. JavaScript's strings have at most 2^29. */
const MOST_JOINED = 1 << 20;

/** Joins pokes of adjacent ranges. */
function joined(steps: Step[]): Step[] {
  if (steps.length < 2) return steps;
  const result: Step[] = [];
  for (const step of steps) {
    const last = result.at(-1);
    if (step.op === 'poke' && last?.op === 'poke') {
      const end = BigInt(last.addr) + BigInt(last.hex.length / 2);
      if (end === BigInt(step.addr) && last.hex.length < MOST_JOINED) {
        result[result.length - 1] = { ...last, hex: last.hex + step.hex };
        continue;
      }
    }
    result.push(step);
  }
  return result;
}
