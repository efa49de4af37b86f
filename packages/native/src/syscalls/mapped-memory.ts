/**
 * Memory that was mapped by {@link LinuxSyscalls}, and views of it. A view cannot be revoked from a program that holds it. So memory
 * that is unmapped while views of it exist is replaced by anonymous pages, which are unmapped when the views have been garbage
 * collected. A program that uses an old view reads zeros. It neither crashes nor writes into memory that is mapped there later.
 */

import { type RangeEntry, RangeMap } from '@iommufd/fakekernel/task';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { returned, type SyscallFunctions, viewAt } from './bind.js';

const PAGE = 4096;
/** The longest view that Node supports, in bytes. */
const MAX_VIEW = 2 ** 32;
/**
 * The distance between the starts of windows in large memory, in bytes. Windows overlap by half, so a range that is not longer than
 * this is always inside one window.
 */
const STRIDE = 2 ** 31;
/** `linux/mman.h`: does not count against the overcommit limit. */
const MAP_NORESERVE = 0x4000;

/** Tracks one view, which may show memory that is no longer mapped. */
interface Lease {
  isCollected: boolean;
}

/** The memory of one call of mmap(), or a part that is still mapped. */
interface Region {
  /** Views of it, by the offset at which they start. */
  readonly windows: Map<number, ArrayBuffer>;
  /** The leases of these views, and of views from before a part was unmapped. */
  readonly leases: Set<Lease>;
}

/** All mapped memory, and the views of it. */
export class MappedMemory {
  private readonly regions = new RangeMap<Region>();
  /** Unmapped memory that views may still show, with the leases of these views. */
  private readonly retired = new RangeMap<Set<Lease>>();
  private readonly collected = new FinalizationRegistry<Lease>((lease) => this.release(lease));

  constructor(private readonly libc: SyscallFunctions) {}

  /** Registers a new mapping. It replaces older ones in its range, also in views. */
  mapped(start: bigint, length: number): void {
    const end = pageEnd(start, length);
    this.forget(start, end);
    // The range is in use again: the end of older views must not unmap it.
    this.retired.cut(start, end - 1n, (leases) => leases);
    this.regions.insert(start, end - 1n, { windows: new Map(), leases: new Set() });
  }

  /** Removes a range from the regions. @returns the leases of views that may show some of it */
  private forget(start: bigint, end: bigint): Set<Lease> {
    const leases = this.leasesOf(start, end);
    this.regions.cut(start, end - 1n, (region) => ({ windows: new Map(), leases: region.leases }));
    return leases;
  }

  private leasesOf(start: bigint, end: bigint): Set<Lease> {
    const found = new Set<Lease>();
    for (const { value } of this.regions.range(start, end - 1n))
      for (const lease of value.leases) if (!lease.isCollected) found.add(lease);
    return found;
  }

  /** Unmaps a range. @returns 0, or a negative errno */
  unmap(start: bigint, length: number): number {
    const end = pageEnd(start, length);
    const isValid = start % BigInt(PAGE) === 0n && length > 0;
    if (!isValid || this.leasesOf(start, end).size === 0) {
      const result = returned(this.libc.munmap(start, length));
      if (result === 0 && end > start) this.forget(start, end);
      return result;
    }
    const size = Number(end - start);
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    const result = this.libc.mmap(start, size, PROT_READ | PROT_WRITE, flags, -1, 0n);
    if (Number(result) === -1) return returned(result);
    this.retired.cut(start, end - 1n, (leases) => leases);
    this.retired.insert(start, end - 1n, this.forget(start, end));
    return 0;
  }

  /** A view has been collected. Unmaps the retired memory that only this view may have shown. */
  private release(lease: Lease): void {
    lease.isCollected = true;
    for (const { start, last, value } of [...this.retired.range(0n, 2n ** 64n - 1n)]) {
      if (!value.delete(lease) || value.size > 0) continue;
      this.retired.remove(start);
      this.libc.munmap(start, Number(last - start + 1n));
    }
  }

  /**
   * Returns the memory at an address, in place.
   * @throws RangeError if the range is not part of one mapping, or is longer than 4 GiB
   */
  view(address: bigint, length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new RangeError(`length is ${length}, which is not a number of bytes`);
    const found = this.regions.at(address);
    if (found === undefined || address + BigInt(length) > found.last + 1n)
      throw this.notThere(address, length);
    const at = Number(address - found.start);
    const { buffer, from } = this.window(found, at, length);
    return new Uint8Array(buffer, at - from, length);
  }

  private notThere(address: bigint, length: number): RangeError {
    return new RangeError(
      `0x${address.toString(16)}: no mapping of these system calls contains ${length} bytes from there`,
    );
  }

  private window(
    { start, last, value: { windows, leases } }: RangeEntry<Region>,
    at: number,
    length: number,
  ): { readonly buffer: ArrayBuffer; readonly from: number } {
    // A range that is longer than a stride gets its own window.
    const from = length > STRIDE ? at - (at % PAGE) : Math.floor(at / STRIDE) * STRIDE;
    const size = Math.min(MAX_VIEW, Number(last - start) + 1 - from);
    if (at + length > from + size)
      throw new RangeError(`a view of ${length} bytes: a view cannot be longer than 4 GiB`);
    let buffer = windows.get(from);
    if (buffer === undefined) {
      buffer = viewAt(start + BigInt(from), size);
      const lease: Lease = { isCollected: false };
      this.collected.register(buffer, lease);
      windows.set(from, buffer);
      leases.add(lease);
    }
    return { buffer, from };
  }
}

const pageEnd = (start: bigint, length: number): bigint => {
  const end = start + BigInt(Math.max(0, length));
  return ((end + BigInt(PAGE - 1)) / BigInt(PAGE)) * BigInt(PAGE);
};
