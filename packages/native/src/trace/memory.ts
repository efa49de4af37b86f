/** Reads the memory of a traced process while the calling thread is stopped. */

import type { CallerMemory, Range } from '../record/about.js';
import type { LiveMemory } from '../record/recorded-memory.js';
import { UIO_MAXIOV } from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import { SystemError } from '../linux/libc.js';
import { type Mappings, pageEnd } from '../memory/drops.js';
import { Maps, type RemoteVma, type VmaFlags } from '../memory/maps.js';
import { ProcessMemory } from '../memory/process-memory.js';

/** Counts the calls that may change mappings. All processes share it, because processes may share memory (CLONE_VM). */
export class MappingChanges {
  count = 0;
}

/** @see the head of this file */
export class TraceeMemory implements CallerMemory, LiveMemory, Mappings {
  private process: ProcessMemory | undefined;
  private maps: Maps | undefined;
  /** The mapping that was looked up last. It is valid until {@link MappingChanges} counts another call. */
  private last: RemoteVma | undefined;
  private lookedAt = 0;
  /** Ranges where files of iommufd and VFIO are mapped. */
  private shown: Range[] = [];

  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
    private readonly changes: MappingChanges,
  ) {}

  /** @returns undefined if the process has ended or may not be traced */
  private open(): ProcessMemory | undefined {
    try {
      return (this.process ??= new ProcessMemory(this.libc, this.pid));
    } catch (cause) {
      if (cause instanceof SystemError) return undefined;
      throw cause;
    }
  }

  peek(address: number, length: number): Uint8Array | undefined {
    const bytes = this.peekSome(address, length);
    return bytes.length < length ? undefined : bytes;
  }

  peekSome(address: number, length: number): Uint8Array {
    return this.open()?.readSome(address, length) ?? new Uint8Array();
  }

  /** Reads the segments of a vectored call (`struct iovec`), up to the first that cannot be read. @param count at most UIO_MAXIOV are read */
  segments(address: number, count: number): Range[] {
    const iov = this.peekSome(address, Math.min(count, UIO_MAXIOV) * 16);
    const view = new DataView(iov.buffer, iov.byteOffset, iov.length);
    return Array.from({ length: Math.floor(iov.length / 16) }, (_, index) => ({
      address: Number(view.getBigUint64(index * 16, true)),
      length: Number(view.getBigUint64(index * 16 + 8, true)),
    }));
  }

  /** Reads a string that ends with a zero byte. @returns undefined if it cannot be read, or is longer than PATH_MAX */
  text(address: number): string | undefined {
    const bytes = this.peekSome(address, MOST_OF_PATH);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString();
  }

  mappings(start: number, end: number): Iterable<RemoteVma> {
    const { last } = this;
    if (last !== undefined && this.lookedAt === this.changes.count && last.start <= start && end <= last.end)
      return [last];
    return this.look(start, end);
  }

  /** A call may change the mappings. */
  mappingsChange(): void {
    this.changes.count++;
  }

  private look(start: number, end: number): RemoteVma[] {
    const found = [...(this.openMaps()?.within(start, end) ?? [])];
    this.last = found[0];
    this.lookedAt = this.changes.count;
    return found;
  }

  /** @returns undefined if the process has ended or may not be traced */
  private openMaps(): Maps | undefined {
    try {
      return (this.maps ??= new Maps(this.libc, this.pid));
    } catch (cause) {
      if (cause instanceof SystemError) return undefined;
      throw cause;
    }
  }

  /** Reads the flags of a mapping, which is slow. */
  flagsOf(vma: RemoteVma): VmaFlags {
    return this.openMaps()?.flagsOf(vma) ?? { isLocked: false, mayBeWritten: true };
  }

  /** Seals are not known. They matter only for a call that fails because of them. */
  sealsOf(): number {
    return 0;
  }

  /** True while the process has this memory: false after it was killed or runs another program. */
  get isLive(): boolean {
    return this.open()?.isLive === true;
  }

  /** A file of iommufd or VFIO is mapped there. */
  shows(start: number, length: number): void {
    this.shown.push({ address: start, length: pageEnd(length) });
  }

  /** A range is unmapped, or its pages are dropped. @param movedTo its new address, if it has moved */
  loses(start: number, end: number, movedTo: number | undefined): void {
    this.shown = moved(this.shown, start, end, movedTo);
  }

  isOwn(vma: RemoteVma): boolean {
    return this.shown.some(({ address, length }) => vma.start < address + length && address < vma.end);
  }

  close(): void {
    this.process?.close();
    this.maps?.close();
    this.process = undefined;
    this.maps = undefined;
    this.last = undefined;
  }
}

/** `PATH_MAX`. */
const MOST_OF_PATH = 4096;

/** Ranges after a part of them was unmapped or, with an address, moved there. */
export function moved(ranges: readonly Range[], start: number, end: number, to: number | undefined): Range[] {
  const parts = ranges.flatMap((range) => within(range, start, end));
  const there =
    to === undefined ? [] : parts.map((part) => ({ ...part, address: part.address + to - start }));
  return [...ranges.flatMap((range) => without(range, start, end)), ...there];
}

/** The part of a range that is inside another one. */
export function within({ address, length }: Range, start: number, end: number): Range[] {
  const [from, to] = [Math.max(address, start), Math.min(address + length, end)];
  return from < to ? [{ address: from, length: to - from }] : [];
}

/** The parts of a range that are outside another one. */
function without({ address, length }: Range, start: number, end: number): Range[] {
  const last = address + length;
  if (last <= start || address >= end) return [{ address, length }];
  return [
    { address, length: start - address },
    { address: end, length: last - end },
  ].filter((part) => part.length > 0);
}
