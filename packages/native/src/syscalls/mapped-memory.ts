/**
 * Memory that was mapped by {@link LinuxSyscalls}, and views of it. A view cannot be taken back from a program that holds it. So what is
 * unmapped while there are views of it is replaced by fresh pages, which are given back to Linux when the views have been collected:
 * a program that goes on with an old view reads zeros, and neither dies nor writes into what is mapped there next.
 */

import { type RangeEntry, RangeMap } from '@iommufd/fakekernel/task';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { returned, type SyscallFunctions, viewAt } from './bind.js';

const PAGE = 4096;
/** The longest view that Node can make. */
const MOST = 2 ** 32;
/** How far apart windows of large memory begin: what is not longer than this lies in one of them as a whole. */
const STRIDE = 2 ** 31;
/** `linux/mman.h`: without taking memory from others' share. */
const MAP_NORESERVE = 0x4000;

/** A view that was made: it may show memory that is no longer mapped. */
interface Lease {
  isCollected: boolean;
}

/** Memory that one call has mapped, or what is left of it. */
interface Region {
  /** Views of it, by where they begin, counted from its own beginning. */
  readonly windows: Map<number, ArrayBuffer>;
  /** Of these views, and of those that were made when it was larger. */
  readonly leases: Set<Lease>;
}

/** All memory that was mapped, and the views of it. */
export class MappedMemory {
  private readonly regions = new RangeMap<Region>();
  /** Unmapped memory that views may still show: which of them. */
  private readonly retired = new RangeMap<Set<Lease>>();
  private readonly collected = new FinalizationRegistry<Lease>((lease) => this.release(lease));

  constructor(private readonly libc: SyscallFunctions) {}

  /** Something has been mapped. What was there before is gone, also from views. */
  mapped(start: bigint, length: number): void {
    const end = pageEnd(start, length);
    this.forget(start, end);
    // Nothing of it is to be given back when older views are collected: it is in use again.
    this.retired.cut(start, end - 1n, (leases) => leases);
    this.regions.insert(start, end - 1n, { windows: new Map(), leases: new Set() });
  }

  /** Takes a range out of the regions. @returns the views that may show some of it */
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

  /** A view has been collected. Where it was the last one, the memory goes. */
  private release(lease: Lease): void {
    lease.isCollected = true;
    for (const { start, last, value } of [...this.retired.range(0n, 2n ** 64n - 1n)]) {
      if (!value.delete(lease) || value.size > 0) continue;
      this.retired.remove(start);
      this.libc.munmap(start, Number(last - start + 1n));
    }
  }

  /**
   * The memory at an address, in place.
   * @throws RangeError if it was not mapped as one piece, or is longer than 4 GiB
   */
  view(address: bigint, length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new RangeError(`length is ${length}, and not a number of bytes`);
    const found = this.regions.at(address);
    if (found === undefined || address + BigInt(length) > found.last + 1n)
      throw this.notThere(address, length);
    const at = Number(address - found.start);
    const { buffer, from } = this.window(found, at, length);
    return new Uint8Array(buffer, at - from, length);
  }

  private notThere(address: bigint, length: number): RangeError {
    return new RangeError(
      `0x${address.toString(16)}: these system calls have mapped no memory there that is ${length} bytes long`,
    );
  }

  private window(
    { start, last, value: { windows, leases } }: RangeEntry<Region>,
    at: number,
    length: number,
  ): { readonly buffer: ArrayBuffer; readonly from: number } {
    // What is longer than a stride has a window of its own.
    const from = length > STRIDE ? at - (at % PAGE) : Math.floor(at / STRIDE) * STRIDE;
    const size = Math.min(MOST, Number(last - start) + 1 - from);
    if (at + length > from + size)
      throw new RangeError(`a view of ${length} bytes: no view is longer than 4 GiB`);
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
