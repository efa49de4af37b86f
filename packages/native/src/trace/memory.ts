/** Reads the memory of a traced process while the calling thread is stopped. */

import type { CallerMemory } from '../record/about.js';
import type { LiveMemory } from '../record/recorded-memory.js';
import type { Libc } from '../linux/libc.js';
import { SystemError } from '../linux/libc.js';
import { Maps, type RemoteVma } from '../memory/maps.js';
import { ProcessMemory } from '../memory/process-memory.js';

/** @see the head of this file */
export class TraceeMemory implements CallerMemory, LiveMemory {
  private process: ProcessMemory | undefined;
  private maps: Maps | undefined;
  /** The mapping that was looked up last; undefined after a call that may have changed it. */
  private last: RemoteVma | undefined;
  /** Ranges where files of iommufd and VFIO are mapped. */
  private readonly shown: { readonly start: number; readonly end: number }[] = [];

  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
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

  /** Reads a string that ends with a zero byte. @returns undefined if it cannot be read, or is longer than PATH_MAX */
  text(address: number): string | undefined {
    const bytes = this.peekSome(address, MOST_OF_PATH);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString();
  }

  mappings(start: number, end: number): Iterable<RemoteVma> {
    const { last } = this;
    if (last !== undefined && last.start <= start && end <= last.end) return [last];
    return this.look(start, end);
  }

  /** A call may change the mappings. */
  mappingsChange(): void {
    this.last = undefined;
  }

  private look(start: number, end: number): RemoteVma[] {
    try {
      this.maps ??= new Maps(this.libc, this.pid);
    } catch (cause) {
      if (cause instanceof SystemError) return [];
      throw cause;
    }
    const found = [...this.maps.within(start, end)];
    this.last = found[0];
    return found;
  }

  /** True while the process has this memory: false after it was killed or runs another program. */
  get isLive(): boolean {
    return this.open()?.isLive === true;
  }

  /** A file of iommufd or VFIO is mapped there. */
  shows(start: number, length: number): void {
    this.shown.push({ start, end: start + length });
  }

  isOwn(vma: RemoteVma): boolean {
    return this.shown.some(({ start, end }) => vma.start < end && start < vma.end);
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
