/**
 * The memory of a process as its tape shows it: which mappings are there, and which bytes. What the program maps is seen when the
 * fake kernel first has to do with it, and then written into the tape as mappings at the same place.
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
import type { RemoteVma } from '../memory/maps.js';
import { keyOf } from '../memory/shared-pages.js';
import { hex } from './about.js';

const PAGE = 4096;
export const pageOf = (address: number): number => Math.floor(address / PAGE) * PAGE;
export const pageEnd = (address: number): number => Math.ceil(address / PAGE) * PAGE;

/** A mapping that the tape has. */
interface Mapped {
  readonly prot: number;
  /** Of the shared memory that it shows; undefined for private memory. */
  readonly key: string | undefined;
  /** Is it of huge pages? */
  readonly huge: boolean;
}

/** Where the tape has shared memory: a number that a process can map it by. */
export interface SharedMemory {
  /** Makes it known. @returns steps that give the process a number of it, the number, and steps that take it back */
  lend(vma: RemoteVma): { readonly before: Step[]; readonly fd: number; readonly after: Step[] };
}

/** The memory of a process, as it is now. */
export interface LiveMemory {
  /** What is mapped in a range, in order. */
  mappings(start: number, end: number): Iterable<RemoteVma>;
  /** Does a mapping show a file that the tape is about? */
  isOwn(vma: RemoteVma): boolean;
  /** @returns undefined if one of the bytes is not there */
  peek(address: number, length: number): Uint8Array | undefined;
}

/** The memory of one process. */
export class RecordedMemory {
  private readonly mapped = new RangeMap<Mapped>();
  /** Pages whose bytes were written into the tape: all others are zero there. */
  private readonly filled = new Set<number>();

  constructor(
    private readonly memory: LiveMemory,
    private readonly shared: SharedMemory,
    private readonly pid: number | undefined,
  ) {}

  private step(step: Step): Step {
    return this.pid === undefined ? step : { ...step, pid: this.pid };
  }

  /** Steps after which the tape has the mappings of a range that the process has now. */
  map(start: number, end: number): Step[] {
    const steps: Step[] = [];
    const [from, to] = [pageOf(start), pageEnd(end)];
    let at = from;
    for (const vma of this.memory.mappings(from, to)) {
      // Huge pages are mapped as a whole.
      const unit = vma.pageSize > PAGE ? HUGE_PAGE_SIZE : PAGE;
      const first = Math.floor(Math.max(from, vma.start) / unit) * unit;
      const last = Math.ceil(Math.min(to, vma.end) / unit) * unit;
      if (first > at) steps.push(...this.forget(at, first));
      if (!this.memory.isOwn(vma)) steps.push(...this.mapPiece(vma, first, last));
      at = last;
    }
    if (at < to) steps.push(...this.forget(at, to));
    return steps;
  }

  private mapPiece(vma: RemoteVma, start: number, end: number): Step[] {
    const steps: Step[] = [];
    const prot = (vma.readable ? PROT_READ : 0) | (vma.writable ? PROT_WRITE : 0);
    const key = vma.shared && vma.inode !== 0 ? keyOf(vma) : undefined;
    const mapped = { prot, key, huge: vma.pageSize > PAGE };
    let at = start;
    for (const entry of [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]) {
      const [first, last] = [Math.max(start, Number(entry.start)), Math.min(end, Number(entry.last) + 1)];
      if (first > at) steps.push(...this.add(vma, at, first, mapped));
      const { value } = entry;
      if (value.key !== key || value.huge !== mapped.huge) steps.push(...this.add(vma, first, last, mapped));
      else if (value.prot !== prot) {
        this.set(first, last, mapped);
        steps.push(this.step({ op: 'mprotect', addr: hex(first), len: last - first, prot, ret: 0 }));
      }
      at = last;
    }
    if (at < end) steps.push(...this.add(vma, at, end, mapped));
    return steps;
  }

  private set(start: number, end: number, value: Mapped): void {
    this.mapped.cut(BigInt(start), BigInt(end) - 1n, (old) => old);
    this.mapped.insert(BigInt(start), BigInt(end) - 1n, value);
  }

  private add(vma: RemoteVma, start: number, end: number, value: Mapped): Step[] {
    this.set(start, end, value);
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
    const off = hex(vma.offset + start - vma.start);
    const map: Step = { ...place, flags: MAP_SHARED | MAP_FIXED, fd, off, ret };
    return [...before, map, ...after].map((step) => this.step(step));
  }

  /** Steps after which nothing of a range is mapped. */
  forget(start: number, end: number): Step[] {
    const steps: Step[] = [];
    for (const entry of [...this.mapped.range(BigInt(start), BigInt(end) - 1n)]) {
      const [first, last] = [Math.max(start, Number(entry.start)), Math.min(end, Number(entry.last) + 1)];
      steps.push(this.step({ op: 'munmap', addr: hex(first), len: last - first, ret: 0 }));
      for (let page = first; page < last; page += PAGE) this.filled.delete(page);
    }
    this.mapped.cut(BigInt(start), BigInt(end) - 1n, (value) => value);
    return steps;
  }

  /**
   * Steps after which the tape has the bytes of a range that can be read, as they are now.
   * @param sparing leaves out pages that are zero, and were never anything else
   * @param known the bytes of the whole range, where they have just been read
   */
  fill(start: number, length: number, sparing: boolean, known?: Uint8Array): Step[] {
    if (length <= 0) return [];
    const end = start + length;
    const steps = this.map(start, end);
    // A program may say any length: only what is mapped is looked at.
    for (const piece of this.mapped.range(BigInt(start), BigInt(end) - 1n)) {
      const last = Math.min(end, Number(piece.last) + 1);
      for (let at = Math.max(start, Number(piece.start)); at < last;) {
        const count = Math.min(last, pageOf(at) + PAGE) - at;
        const bytes = known?.subarray(at - start, at - start + count) ?? this.memory.peek(at, count);
        if (bytes !== undefined) this.poke(steps, at, bytes, sparing);
        at += count;
      }
    }
    return joined(steps);
  }

  /** Adds what gives a page these bytes. Fresh memory is zero in the tape as well. */
  private poke(steps: Step[], at: number, bytes: Uint8Array, sparing: boolean): void {
    const page = pageOf(at);
    if (sparing && !this.filled.has(page) && bytes.every((byte) => byte === 0)) return;
    this.filled.add(page);
    steps.push(this.step({ op: 'poke', addr: hex(at), hex: toHex(bytes) }));
  }

  /** Bytes of a range were changed: the tape can no longer be sure that they are zero. */
  changed(start: number, length: number): void {
    for (let page = pageOf(start); page < start + length; page += PAGE) this.filled.add(page);
  }

  /** Steps that show the bytes of a range as a call has left them. */
  show(start: number, length: number): Step[] {
    const bytes = this.memory.peek(start, length);
    this.changed(start, length);
    if (bytes === undefined) return [this.step({ op: 'peek', addr: hex(start), len: length, fault: true })];
    return [this.step({ op: 'peek', addr: hex(start), hex: toHex(bytes) })];
  }

  /** Steps after which nothing is mapped. */
  clear(): Step[] {
    return this.forget(0, Number.MAX_SAFE_INTEGER);
  }
}

/** Characters of a poke from which on the next begins: a string has no more than 2^29. */
const MOST_JOINED = 1 << 20;

/** Pokes that lie one behind another in one step. */
function joined(steps: readonly Step[]): Step[] {
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
