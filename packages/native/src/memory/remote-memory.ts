/**
 * The memory of a process of the host, as the fake kernel uses it: copies through `process_vm_readv` and `process_vm_writev`,
 * which fail exactly where the protection of a page says so, and pins as objects that outlive what the process does next.
 */

import {
  type Extent,
  fail,
  failurePoint,
  type File,
  LockedPages,
  type MemoryObject,
  PAGE_SIZE,
  type PageOfObject,
  type PageRun,
  pinOnePage,
  pinPages,
  RangeMap,
  setBits,
  ULONG_MAX,
  type UserMemory,
} from '@iommufd/fakekernel/task';
import type { Libc } from '../linux/libc.js';
import { lockedOf, statFields } from '../linux/proc.js';
import type { MemoryObserver } from '../observer.js';
import { Maps, type RemoteVma, type VmaFlags } from './maps.js';
import { ProcessMemory } from './process-memory.js';
import { PrivatePages } from './remote-pages.js';
import type { Mapper, SharedFiles, SharedPages } from './shared-pages.js';
import { SCRATCH, scratch, scratchAddress } from './transfer.js';

/** Bytes that are read from an argument on in one go, within its page: structs of iommufd are shorter. */
const AHEAD = 256;
/** Bytes from which on a range is looked at before memory is allocated for it. */
const BIG = 1 << 20;
const PAGE = BigInt(PAGE_SIZE);
const ZEROS = new Uint8Array(SCRATCH);

/** What is mapped at an address. */
interface Found {
  readonly vma: RemoteVma;
  readonly object: MemoryObject;
  /** The page of the object. */
  readonly index: number;
  /** Pages from there on. */
  readonly pages: number;
}

/** What the memory of a process needs of what the processes of a kernel share. */
export interface MemoryHost {
  readonly libc: Libc;
  readonly shared: SharedFiles;
  /** One beyond the last address of user space. */
  readonly taskSize: number;
  /** Is this file one of the fake kernel's own? What it shows are registers, which cannot be pinned. */
  isOwn(vma: RemoteVma): boolean;
}

/** `locked_vm` of a process: what it has locked itself is in the host's count. */
class LockedInMemory extends LockedPages {
  constructor(private readonly pid: number) {
    super();
  }

  protected override get locked(): number {
    return (lockedOf(this.pid) ?? 0) / (PAGE_SIZE / 1024);
  }
}

/** The memory of a process until it ends or runs another program. */
export class RemoteMemory implements UserMemory, Mapper {
  readonly process: ProcessMemory;
  readonly lockedPages: LockedPages;
  pinnedPages = 0;
  /** Called for what is done with it. */
  observer: MemoryObserver | undefined;
  private readonly maps: Maps;
  /** Private pages of addresses whose pages were taken away once while they were pinned: what is there now is something else. */
  private readonly renewed = new RangeMap<PrivatePages>();
  private readonly original: PrivatePages;
  private readonly local = Buffer.alloc(16);
  private readonly remote = Buffer.alloc(16);
  private readonly word = Buffer.alloc(8);
  private readonly ahead = Buffer.alloc(AHEAD);
  private aheadFrom = 0n;
  private aheadLength = 0;
  private argumentLength = 0;
  /** Shared memory that was looked up in the call that is being made. */
  private borrowed: SharedPages[] = [];

  constructor(
    private readonly host: MemoryHost,
    readonly pid: number,
  ) {
    this.process = new ProcessMemory(host.libc, pid);
    try {
      this.maps = new Maps(host.libc, pid);
    } catch (cause) {
      this.process.close();
      throw cause;
    }
    this.lockedPages = new LockedInMemory(pid);
    this.original = this.privatePages();
    this.local.writeBigUInt64LE(scratchAddress, 0);
  }

  private privatePages(): PrivatePages {
    const pages = new PrivatePages(this.process, this.host.taskSize);
    pages.listener = () => this.observer?.reaches;
    return pages;
  }

  /** What is mapped in a range. */
  mappings(start: number, end: number): Generator<RemoteVma> {
    return this.maps.within(start, end);
  }

  /** What Linux allows to be done with a mapping. */
  flagsOf(vma: RemoteVma): VmaFlags {
    return this.maps.flagsOf(vma);
  }

  /** Is nothing mapped in a range? */
  isFree(start: number, length: number): boolean {
    return this.maps.within(start, start + length).next().done === true;
  }

  /** Does a mapping show a file of the fake kernel? */
  isOwn(vma: RemoteVma): boolean {
    return this.host.isOwn(vma);
  }

  /** Bytes as a debugger reads them, whatever the protection. @returns undefined if one of them is not there */
  peek(address: number, length: number): Uint8Array | undefined {
    const bytes = this.peekSome(address, length);
    return bytes.length < length ? undefined : bytes;
  }

  /** The same up to the first that is not there. */
  peekSome(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.process.read(address, bytes));
  }

  /** What is pinned of private pages in a range. */
  pinnedWithin(start: number, end: number): { readonly address: number; readonly length: number }[] {
    const first = Math.floor(start / PAGE_SIZE);
    return this.privateRuns(first, Math.ceil(end / PAGE_SIZE) - first).flatMap(({ object, run }) =>
      object.pinned(run).map((pinned) => ({
        address: pinned.first * PAGE_SIZE,
        length: pinned.count * PAGE_SIZE,
      })),
    );
  }

  get isLive(): boolean {
    return this.process.isLive;
  }

  isUserRange(address: bigint, length: number): boolean {
    return address >= 0n && address + BigInt(length) <= BigInt(this.host.taskSize);
  }

  /** A call begins: most read their struct from here on, which is done in one go. */
  begin(address: bigint): void {
    const toEnd = PAGE_SIZE - Number(address % PAGE);
    this.aheadFrom = address;
    this.aheadLength = Math.max(0, this.copyIn(address, Math.min(AHEAD, toEnd)));
    this.argumentLength = this.aheadLength;
    scratch.copy(this.ahead, 0, 0, this.aheadLength);
  }

  /** What was at the argument of the call when it began, as much as was read of it. */
  get argument(): Uint8Array {
    return Uint8Array.from(this.ahead.subarray(0, this.argumentLength));
  }

  /** Bytes, or as many of them as can be read. */
  tryRead(address: bigint, length: number): Uint8Array {
    const got = this.copyIn(address, Math.min(length, SCRATCH));
    return Uint8Array.from(scratch.subarray(0, got));
  }

  /** A call returns. */
  end(): void {
    this.aheadLength = 0;
    for (const pages of this.borrowed) pages.release();
    this.borrowed.length = 0;
  }

  /** Copies bytes of the process into the scratch buffer. @returns how many, up to the first that cannot be read */
  private copyIn(address: bigint, length: number): number {
    if (!this.isUserRange(address, length)) return 0;
    this.aim(address, length);
    const got = this.host.libc.processVmReadv(this.pid, this.local, this.remote);
    if (got === length) return got;
    return this.copyInWriteOnly(address, length, Math.max(0, got));
  }

  /**
   * A page that can only be written can be read as well by a copy, because page tables have no entries that only allow
   * writes; `process_vm_readv` goes by the mapping.
   */
  private copyInWriteOnly(address: bigint, length: number, from: number): number {
    let done = from;
    while (done < length) {
      const at = Number(address) + done;
      const vma = this.maps.at(at);
      if (vma === undefined || !vma.writable || vma.readable) break;
      const part = scratch.subarray(done, Math.min(length, done + vma.end - at));
      const got = this.process.read(at, part);
      done += got;
      if (got < part.length) break;
    }
    return done;
  }

  /** Copies the first bytes of the scratch buffer into the process. @returns how many, likewise */
  private copyOut(address: bigint, length: number): number {
    if (!this.isUserRange(address, length)) return 0;
    this.aim(address, length);
    return Math.max(0, this.host.libc.processVmWritev(this.pid, this.local, this.remote));
  }

  private aim(address: bigint, length: number): void {
    this.local.writeBigUInt64LE(BigInt(length), 8);
    this.remote.writeBigUInt64LE(address, 0);
    this.remote.writeBigUInt64LE(BigInt(length), 8);
  }

  read(address: bigint, length: number): Uint8Array {
    // Nothing is allocated for what cannot be read anyway.
    if (length > BIG && this.readableBytes(Number(address), length) < length) throw fail('EFAULT');
    const bytes = new Uint8Array(length);
    this.readInto(address, length, bytes);
    return bytes;
  }

  private readableBytes(address: number, length: number): number {
    let at = address;
    for (const { start, end, readable, writable } of this.maps.within(address, address + length)) {
      if (start > at || !(readable || writable)) break;
      at = end;
    }
    return Math.min(at - address, length);
  }

  readInto(address: bigint, length: number, bytes: Uint8Array): void {
    failurePoint('copy', 'copy_from_user()');
    this.observer?.reads(address, length);
    const skipped = address - this.aheadFrom;
    if (skipped >= 0n && skipped + BigInt(length) <= BigInt(this.aheadLength)) {
      const from = Number(skipped);
      bytes.set(this.ahead.subarray(from, from + length));
      return;
    }
    for (let done = 0; done < length;) {
      const asked = Math.min(SCRATCH, length - done);
      const got = this.copyIn(address + BigInt(done), asked);
      bytes.set(scratch.subarray(0, got), done);
      if (got < asked) throw fail('EFAULT');
      done += got;
    }
  }

  readU32(address: bigint): number {
    this.readInto(address, 4, this.word);
    return this.word.readUInt32LE(0);
  }

  /** @throws EFAULT */
  readU64(address: bigint): bigint {
    this.readInto(address, 8, this.word);
    return this.word.readBigUInt64LE(0);
  }

  /** A string that ends with a zero. @returns undefined if it cannot be read, or has `most` bytes and no end */
  readString(address: bigint, most: number): string | undefined {
    let text = '';
    for (let at = address; text.length < most;) {
      // Up to the end of a page, beyond which nothing may be; the first part is as long as most paths are.
      const asked = Math.min(text === '' ? AHEAD : PAGE_SIZE, PAGE_SIZE - Number(at % PAGE));
      const got = this.copyIn(at, asked);
      const end = scratch.subarray(0, got).indexOf(0);
      text += scratch.toString('latin1', 0, end === -1 ? got : end);
      if (end !== -1) return text;
      if (got < asked) return undefined;
      at += BigInt(got);
    }
    return undefined;
  }

  isZero(address: bigint, length: number): boolean {
    failurePoint('copy', 'check_zeroed_user()');
    this.observer?.reads(address, length);
    for (let done = 0; done < length;) {
      const asked = Math.min(SCRATCH, length - done);
      const got = this.copyIn(address + BigInt(done), asked);
      if (scratch.compare(ZEROS, 0, got, 0, got) !== 0) return false;
      if (got < asked) throw fail('EFAULT');
      done += got;
    }
    return true;
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.writePart(address, bytes, 0, bytes.length);
  }

  writePart(address: bigint, bytes: Uint8Array, from: number, end: number): void {
    failurePoint('copy', 'copy_to_user()');
    for (let at = from; at < end;) {
      const part = bytes.subarray(at, Math.min(end, at + SCRATCH));
      scratch.set(part);
      this.put(address + BigInt(at), part.length);
      at += part.length;
    }
  }

  clearBytes(address: bigint, length: number): void {
    failurePoint('copy', 'clear_user()');
    for (let done = 0; done < length;) {
      const part = Math.min(SCRATCH, length - done);
      scratch.fill(0, 0, part);
      this.put(address + BigInt(done), part);
      done += part;
    }
  }

  private put(address: bigint, length: number): void {
    this.observer?.writes(address, length);
    // What was read ahead may be what is written now.
    this.aheadLength = 0;
    if (this.copyOut(address, length) < length) throw fail('EFAULT');
  }

  pin(address: number, count: number, writable: boolean, batch: number): Extent[] {
    return pinPages((at, most) => this.extentForLong(at, most, writable), address, count, batch);
  }

  pinOne(address: number, writable: boolean): PageOfObject {
    return pinOnePage((at, most) => this.extentForLong(at, most, writable), address);
  }

  pinnablePages(address: bigint, most: number): number {
    if (address >= BigInt(this.host.taskSize)) return 0;
    let pages = 0;
    while (pages < most) {
      const extent = this.extentToPin(Number(address) + pages * PAGE_SIZE, most - pages, true);
      if (extent === undefined) break;
      pages += extent.count;
    }
    return pages;
  }

  setBits(address: bigint, from: number, end: number): void {
    const found =
      address < BigInt(this.host.taskSize) ? this.extentToPin(Number(address), 1, true) : undefined;
    if (found === undefined) throw fail('EFAULT');
    const first = from >>> 3;
    const bytes = new Uint8Array(((end + 7) >>> 3) - first);
    const at = found.index * PAGE_SIZE + first;
    found.object.read(at, bytes);
    setBits(bytes, from - first * 8, end - first * 8);
    found.object.write(at, bytes);
  }

  pageAt(address: bigint): PageOfObject {
    const page = address - (address % PAGE);
    if (page + PAGE > ULONG_MAX) throw fail('EOVERFLOW');
    return this.remotePageAt(Number(page));
  }

  remotePageAt(address: number): PageOfObject {
    const extent = this.extentToPin(address, 1, false);
    if (extent === undefined) throw fail('EFAULT');
    return extent;
  }

  /** The pages at an address that can be pinned, up to `most` and to the end of their mapping and their file. */
  private extentToPin(address: number, most: number, writable: boolean): Extent | undefined {
    this.observer?.pins(address, most * PAGE_SIZE);
    const found = this.find(address);
    if (found === undefined || !(writable ? found.vma.writable : found.vma.readable)) return undefined;
    const { object, index } = found;
    const count = Math.min(found.pages, most, object.pageCount - index);
    if (object instanceof PrivatePages)
      object.areHuge({ first: index, count }, found.vma.pageSize > PAGE_SIZE);
    return count > 0 ? { object, index, count } : undefined;
  }

  /**
   * The same of pages that stay pinned. What a private mapping still shows of its file becomes the process's own, also where it is pinned to
   * be read: `gup_must_unshare()`. Beyond the end of the file nothing is there.
   */
  private extentForLong(address: number, most: number, writable: boolean): Extent | undefined {
    const extent = this.extentToPin(address, most, writable);
    const vma = this.maps.at(address);
    if (extent === undefined || vma === undefined || vma.shared || vma.inode === 0) return extent;
    const count = this.unshare(address, extent.count);
    return count > 0 ? { ...extent, count } : undefined;
  }

  /** @returns how many pages from an address on are the process's own now */
  private unshare(address: number, count: number): number {
    const byte = new Uint8Array(1);
    const copied = this.process.copiedPages(address, count);
    for (let i = 0; i < count; i++) {
      const at = address + i * PAGE_SIZE;
      if (copied[i] === true) continue;
      // A write of what is there: another thread that writes to this byte for the first time, at this very moment, would lose it.
      if (this.process.read(at, byte) === 0 || this.process.write(at, byte) === 0) return i;
    }
    return count;
  }

  private find(address: number): Found | undefined {
    const vma = address < this.host.taskSize ? this.maps.at(address) : undefined;
    if (vma === undefined || this.host.isOwn(vma)) return undefined;
    const pages = Math.floor((vma.end - address) / PAGE_SIZE);
    if (vma.shared && vma.inode !== 0) {
      const object = this.host.shared.ofMapping(vma, this);
      this.borrowed.push(object);
      return { vma, object, index: Math.floor((vma.offset + address - vma.start) / PAGE_SIZE), pages };
    }
    const index = Math.floor(address / PAGE_SIZE);
    const renewed = this.renewed.first(BigInt(index), BigInt(index + pages) - 1n);
    if (renewed === undefined) return { vma, object: this.original, index, pages };
    const [first, last] = [Number(renewed.start), Number(renewed.last)];
    if (first > index) return { vma, object: this.original, index, pages: first - index };
    return { vma, object: renewed.value, index, pages: Math.min(pages, last + 1 - index) };
  }

  /** The process is about to lose what is mapped at these addresses. What of it is pinned lives on. */
  take(start: number, end: number): void {
    const first = Math.floor(start / PAGE_SIZE);
    const count = Math.ceil(end / PAGE_SIZE) - first;
    if (count <= 0) return;
    this.observer?.loses(start, end);
    for (const { object, run } of this.privateRuns(first, count)) {
      if (!object.take(run)) continue;
      // From now on other pages are there, which have nothing to do with those that are pinned.
      const last = BigInt(run.first + run.count) - 1n;
      this.renewed.cut(BigInt(run.first), last, (value) => value);
      this.renewed.insert(BigInt(run.first), last, this.privatePages());
    }
    if (this.host.shared.size === 0) return;
    this.eachShared(start, end, (pages, run) => {
      const others = this.host.shared.homesOf(pages.key, { mapper: this, start, end });
      pages.leave(run, others);
    });
  }

  /** The same of memory that goes for everyone who maps its file. */
  takeFromFile(start: number, length: number): void {
    this.take(start, start + length);
    this.eachShared(start, start + length, (pages, run) => pages.take(run), true);
  }

  /** Is something pinned there that is the process's alone? */
  hasPinned(start: number, end: number): boolean {
    const first = Math.floor(start / PAGE_SIZE);
    const runs = this.privateRuns(first, Math.ceil(end / PAGE_SIZE) - first);
    return runs.some(({ object, run }) => object.pinned(run).length > 0);
  }

  /** `brk()`: the heap will end at an address. */
  shrinkHeap(end: number): void {
    if (!this.hasPinned(end, this.host.taskSize)) return;
    const heap = this.maps.at(end);
    if (heap !== undefined && heap.inode === 0 && this.heapStart() <= end) this.take(end, heap.end);
  }

  /** Field 47 of `/proc/PID/stat`, `start_brk`; beyond everything if it is not shown. */
  private heapStart(): number {
    const start = Number(statFields(this.pid)?.[44] ?? 0);
    return start > 0 ? start : this.host.taskSize;
  }

  /** The process may be about to end: all that is pinned of it is kept for then. */
  save(): void {
    this.observer?.keeps();
    const count = this.original.pageCount;
    for (const { object, run } of this.privateRuns(0, count)) object.save(run);
    if (this.host.shared.size > 0) this.eachShared(0, this.host.taskSize, (pages, run) => pages.save(run));
  }

  /** The objects that private pages of a range belong to now. */
  private privateRuns(
    first: number,
    count: number,
  ): { readonly object: PrivatePages; readonly run: PageRun }[] {
    const runs = [];
    let at = first;
    const end = first + count;
    for (const { start, last, value } of [...this.renewed.range(BigInt(first), BigInt(end) - 1n)]) {
      const from = Math.max(at, Number(start));
      const to = Math.min(end, Number(last) + 1);
      if (from > at) runs.push({ object: this.original, run: { first: at, count: from - at } });
      runs.push({ object: value, run: { first: from, count: to - from } });
      at = to;
    }
    if (at < end) runs.push({ object: this.original, run: { first: at, count: end - at } });
    return runs;
  }

  /** Shared memory without a file goes with the last mapping of it that is known. */
  private eachShared(
    start: number,
    end: number,
    each: (pages: SharedPages, run: PageRun) => void,
    withFiles = false,
  ): void {
    for (const vma of this.maps.within(start, end)) {
      if (!vma.shared || vma.inode === 0 || this.host.isOwn(vma)) continue;
      const pages = this.host.shared.find(vma);
      if (pages === undefined || (pages.isFile && !withFiles)) continue;
      const from = Math.max(start, vma.start);
      const to = Math.min(end, vma.end);
      const first = Math.floor((vma.offset + from - vma.start) / PAGE_SIZE);
      each(pages, { first, count: Math.ceil((to - from) / PAGE_SIZE) });
    }
  }

  /** Does a mapping show a part of a file of the fake kernel? */
  shows(
    { file, offset, size }: { readonly file: File; readonly offset: number; readonly size: number },
    find: (vma: RemoteVma) => File | undefined,
  ): boolean {
    return this.placeOf({ file, offset, size }, find) !== undefined;
  }

  /** The mapping that shows a part of a file of the fake kernel, if there is one. */
  placeOf(
    { file, offset, size }: { readonly file: File; readonly offset: number; readonly size: number },
    find: (vma: RemoteVma) => File | undefined,
  ): RemoteVma | undefined {
    for (const vma of this.maps.within(0, this.host.taskSize)) {
      const isThere = vma.offset < offset + size && vma.offset + vma.end - vma.start > offset;
      if (isThere && vma.inode !== 0 && find(vma) === file) return vma;
    }
    return undefined;
  }

  close(): void {
    this.end();
    this.maps.close();
    this.process.close();
  }
}
