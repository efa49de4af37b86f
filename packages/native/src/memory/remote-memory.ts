/**
 * The memory of a process of the host, as the fake kernel uses it. Copies use `process_vm_readv` and `process_vm_writev`, which check
 * the protection of pages as the kernel's own copies do. Pins are objects that keep pages even if the process unmaps them.
 */

import {
  type Extent,
  fail,
  failurePoint,
  type File,
  Generations,
  LockedPages,
  type MemoryObject,
  PAGE_SIZE,
  type PageOfObject,
  type PageRun,
  pinOnePage,
  pinPages,
  setBits,
  ULONG_MAX,
  type UserMemory,
} from '@iommufd/fakekernel/task';
import type { Libc } from '../linux/libc.js';
import { lockedOf } from '../linux/proc.js';
import type { MemoryObserver } from '../observer.js';
import { Maps, type RemoteVma, type VmaFlags } from './maps.js';
import { ProcessMemory } from './process-memory.js';
import { PrivatePages } from './remote-pages.js';
import { keyOf, type Mapper, type SharedContents, type SharedFiles } from './shared-pages.js';
import { SCRATCH, scratch, scratchAddress } from './transfer.js';

/** The bytes that are read ahead from an argument, within its page. Structs of iommufd are smaller. */
const AHEAD = 256;
/** The length from which a range is checked before memory is allocated for it, in bytes. */
const BIG = 1 << 20;
const PAGE = BigInt(PAGE_SIZE);
const ZEROS = new Uint8Array(SCRATCH);

/** The result of looking up an address. */
interface Found {
  readonly vma: RemoteVma;
  readonly object: MemoryObject;
  /** The page of the object. */
  readonly index: number;
  /** The number of pages from there to the end of the mapping or object, or as many as were looked for. */
  readonly count: number;
}

/** What pages are looked up for: `FOLL_WRITE`, `FOLL_LONGTERM`, and whether by one of the functions that call `gup_fast()` first. */
interface Asked {
  readonly writable: boolean;
  readonly longTerm: boolean;
  readonly isFast: boolean;
}

const TO_READ: Asked = { writable: false, longTerm: false, isFast: true };
const TO_READ_REMOTE: Asked = { ...TO_READ, isFast: false };
const TO_WRITE: Asked = { writable: true, longTerm: false, isFast: true };

/** The world, as the memory of a process uses it. */
export interface MemoryHost {
  readonly libc: Libc;
  readonly shared: SharedFiles;
  /** One beyond the last address of user space. */
  readonly taskSize: number;
  /** True if a program may have guard regions (MADV_GUARD_INSTALL). */
  readonly mayHaveGuards: boolean;
  /** True for a mapping of a file of the fake kernel. It contains registers, which cannot be pinned. */
  isOwn(vma: RemoteVma): boolean;
}

/** `locked_vm` of a process. Pages that it has locked itself are read from the host. */
class LockedInMemory extends LockedPages {
  constructor(
    private readonly pid: number,
    private readonly memory: ProcessMemory,
  ) {
    super();
  }

  protected override get locked(): number {
    // After an exec, the pages that the process has locked are the new program's.
    if (!this.memory.isLive) return 0;
    return (lockedOf(this.pid) ?? 0) / (PAGE_SIZE / 1024);
  }
}

/** The memory of a process until it ends or runs another program. */
export class RemoteMemory implements UserMemory, Mapper {
  readonly process: ProcessMemory;
  readonly lockedPages: LockedPages;
  pinnedPages = 0;
  /** Observes accesses of the fake kernel. */
  observer: MemoryObserver | undefined;
  private readonly maps: Maps;
  private readonly pages: Generations<PrivatePages>;
  private readonly local = Buffer.alloc(16);
  private readonly remote = Buffer.alloc(16);
  private readonly word = Buffer.alloc(8);
  private readonly ahead = Buffer.alloc(AHEAD);
  private aheadFrom = 0n;
  private aheadLength = 0;
  private argumentLength = 0;
  /** Shared memory that the current call has acquired. */
  private borrowed: SharedContents[] = [];

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
    this.lockedPages = new LockedInMemory(pid, this.process);
    this.pages = new Generations(() => this.privatePages());
    this.local.writeBigUInt64LE(scratchAddress, 0);
  }

  private privatePages(): PrivatePages {
    const pages = new PrivatePages(this.process, this.host.taskSize);
    pages.listener = () => this.observer?.reaches;
    return pages;
  }

  /** The mappings that overlap a range. */
  mappings(start: number, end: number): Generator<RemoteVma> {
    return this.maps.within(start, end);
  }

  /** The flags of a mapping. */
  flagsOf(vma: RemoteVma): VmaFlags {
    return this.maps.flagsOf(vma);
  }

  /** The seals of the file of a mapping, F_SEAL_*; 0 if none of the file is mapped for devices. */
  sealsOf(vma: RemoteVma): number {
    return this.host.shared.find(vma)?.seals ?? 0;
  }

  /** True if nothing is mapped in a range. */
  isFree(start: number, length: number): boolean {
    return this.maps.within(start, start + length).next().done === true;
  }

  /** True for a mapping of a file of the fake kernel. */
  isOwn(vma: RemoteVma): boolean {
    return this.host.isOwn(vma);
  }

  /** Reads bytes, ignoring the protection. @returns undefined if one of them cannot be read */
  peek(address: number, length: number): Uint8Array | undefined {
    const bytes = this.peekSome(address, length);
    return bytes.length < length ? undefined : bytes;
  }

  /** Reads bytes, ignoring the protection, up to the first that cannot be read. */
  peekSome(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.process.read(address, bytes));
  }

  /** The pinned private pages in a range. */
  pinnedWithin(start: number, end: number): { readonly address: number; readonly length: number }[] {
    const first = Math.floor(start / PAGE_SIZE);
    return this.pages.runs({ first, count: Math.ceil(end / PAGE_SIZE) - first }).flatMap(({ object, run }) =>
      object.pinned(run).map((pinned) => ({
        address: pinned.first * PAGE_SIZE,
        length: pinned.count * PAGE_SIZE,
      })),
    );
  }

  get isLive(): boolean {
    return this.process.isLive;
  }

  /** One beyond the last address of user space. */
  get taskSize(): number {
    return this.host.taskSize;
  }

  isUserRange(address: bigint, length: number): boolean {
    return address >= 0n && address + BigInt(length) <= BigInt(this.taskSize);
  }

  /** A call begins. Reads ahead from its argument, where most calls read their struct. */
  begin(address: bigint): void {
    const toEnd = PAGE_SIZE - Number(address % PAGE);
    this.aheadFrom = address;
    this.aheadLength = Math.max(0, this.copyIn(address, Math.min(AHEAD, toEnd)));
    this.argumentLength = this.aheadLength;
    scratch.copy(this.ahead, 0, 0, this.aheadLength);
  }

  /** The bytes at the argument when the call began, as far as they were read ahead. */
  get argument(): Uint8Array {
    return Uint8Array.from(this.ahead.subarray(0, this.argumentLength));
  }

  /** Reads bytes, up to the first that cannot be read. */
  tryRead(address: bigint, length: number): Uint8Array {
    const got = this.copyIn(address, Math.min(length, SCRATCH));
    return Uint8Array.from(scratch.subarray(0, got));
  }

  /** A call returns. Releases shared memory. */
  end(): void {
    this.aheadLength = 0;
    for (const contents of this.borrowed) contents.release();
    this.borrowed.length = 0;
  }

  /**
   * Extends a stack to an address, as the kernel's copies do. `process_vm_readv()` and pins do not.
   * @returns false if no stack ends above the address, or its limit is reached
   */
  private extendStack(address: number): boolean {
    if (address >= this.host.taskSize || this.maps.at(address) !== undefined) return false;
    // `__access_remote_vm()` calls `expand_stack()`.
    return this.process.read(address, new Uint8Array(1)) > 0;
  }

  /** Copies bytes into the scratch buffer as the kernel's copies do. @returns their number, up to the first that cannot be read */
  private fetch(address: bigint, length: number): number {
    let got = this.copyIn(address, length);
    while (got < length && this.extendStack(Number(address) + got)) got = this.copyIn(address, length);
    return got;
  }

  /** Copies bytes of the process into the scratch buffer. @returns their number, up to the first that cannot be read */
  private copyIn(address: bigint, length: number): number {
    if (!this.isUserRange(address, length)) return 0;
    this.aim(address, length);
    const got = this.host.libc.processVmReadv(this.pid, this.local, this.remote);
    if (got === length) return got;
    return this.copyInWriteOnly(address, length, Math.max(0, got));
  }

  /**
   * Continues a copy in write-only mappings. The kernel's copies can read them, because page tables cannot allow writes only, but
   * `process_vm_readv` checks the mapping's flags.
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

  /** Copies the first bytes of the scratch buffer into the process. @returns their number, up to the first that cannot be written */
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
    // Allocates nothing for a range that cannot be read.
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
      const got = this.fetch(address + BigInt(done), asked);
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

  /** Reads a string that ends with a zero byte. @returns undefined if it cannot be read, or has no end within `most` bytes */
  readString(address: bigint, most: number): string | undefined {
    let text = '';
    for (let at = address; text.length < most;) {
      // At most to the end of the page: the next one may not be mapped. The first read is long enough for most paths.
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
      const got = this.fetch(address + BigInt(done), asked);
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
    // The write may change bytes that were read ahead.
    this.aheadLength = 0;
    for (let done = this.copyOut(address, length); done < length; done = this.copyOut(address, length))
      if (!this.extendStack(Number(address) + done)) throw fail('EFAULT');
  }

  pin(address: number, count: number, writable: boolean, batch: number): Extent[] {
    const asked = { writable, longTerm: true, isFast: true };
    return pinPages((at, most) => this.extentToPin(at, most, asked), address, count, batch);
  }

  pinOne(address: number, writable: boolean): PageOfObject {
    const asked = { writable, longTerm: false, isFast: false };
    return pinOnePage((at, most) => this.extentToPin(at, most, asked), address);
  }

  pinnablePages(address: bigint, most: number): number {
    if (address >= BigInt(this.host.taskSize)) return 0;
    let pages = 0;
    while (pages < most) {
      const extent = this.extentToPin(Number(address) + pages * PAGE_SIZE, most - pages, TO_WRITE);
      if (extent === undefined) break;
      pages += extent.count;
    }
    return pages;
  }

  setBits(address: bigint, from: number, end: number): void {
    const found =
      address < BigInt(this.host.taskSize) ? this.extentToPin(Number(address), 1, TO_WRITE) : undefined;
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
    return this.page(Number(page), TO_READ);
  }

  remotePageAt(address: number): PageOfObject {
    return this.page(address, TO_READ_REMOTE);
  }

  private page(address: number, asked: Asked): PageOfObject {
    const extent = this.extentToPin(address, 1, asked);
    if (extent === undefined) throw fail('EFAULT');
    return extent;
  }

  /** The pages at an address that can be pinned, up to `most` and to the end of their mapping and their file. */
  private extentToPin(address: number, most: number, asked: Asked): Extent | undefined {
    this.observer?.pins(address, most * PAGE_SIZE);
    const found = this.find(address, most);
    if (found === undefined) return undefined;
    const { vma, object, index } = found;
    let count = this.allowed(found, address, asked);
    if (count <= 0) return undefined;
    const isPrivateFile = !vma.shared && vma.hasFile;
    if (isPrivateFile && !asked.writable && !asked.longTerm) return this.shown(found, address);
    // Pages of a file's private mapping are replaced by copies before they are written, and before a long-term pin even for reads:
    // `gup_must_unshare()`.
    if (isPrivateFile) count = this.unshare(address, count);
    if (object instanceof PrivatePages) object.areHuge({ first: index, count }, vma.pageSize > PAGE_SIZE);
    return count > 0 ? { object, index, count } : undefined;
  }

  /** The number of pages from an address that may be accessed in this way. */
  private allowed({ vma, object, index, count }: Found, address: number, asked: Asked): number {
    let most = Math.min(count, object.pageCount - index);
    if (this.host.mayHaveGuards) most = this.process.unguarded(address, most);
    // `check_vma_flags()`
    if (asked.writable ? vma.writable : vma.readable) return most;
    if (asked.writable || !asked.isFast || !vma.writable) return 0;
    // `gup_fast()` looks only at the page table, which cannot allow writes without reads. It has the pages that the program has used,
    // and on Linux also those that were pinned.
    let done = 0;
    for (let more = 1; more > 0 && done < most; done += more) {
      const [pinned] = object.pinned({ first: index + done, count: most - done });
      more =
        pinned?.first === index + done
          ? pinned.count
          : this.process.present(address + done * PAGE_SIZE, most - done);
    }
    return done;
  }

  /** The page that a read of a private file mapping reaches: a copy, or the file's page. Behind the end of the file there is none. */
  private shown({ vma, object, index }: Found, address: number): Extent | undefined {
    const [isCopy] = this.process.copiedPages(address, 1);
    if (isCopy === true) return { object, index, count: 1 };
    if (this.process.read(address, new Uint8Array(1)) === 0) return undefined;
    // Only shared memory can be pinned as the file's page. All other pages have the identity of their address.
    const file = this.host.shared.find(vma);
    if (file === undefined) return { object, index, count: 1 };
    const page = Math.floor((vma.offset + address - vma.start) / PAGE_SIZE);
    return { object: file.at(page, 1).object, index: page, count: 1 };
  }

  /** Makes the process copy pages of a private file mapping. @returns the number of pages from the address that are copies now */
  private unshare(address: number, count: number): number {
    const byte = new Uint8Array(1);
    const copied = this.process.copiedPages(address, count);
    for (let i = 0; i < count; i++) {
      const at = address + i * PAGE_SIZE;
      if (copied[i] === true) continue;
      // Writes the byte that was read. If another thread writes to this byte at the same time, its write may be lost.
      if (this.process.read(at, byte) === 0 || this.process.write(at, byte) === 0) return i;
    }
    return count;
  }

  private find(address: number, most: number): Found | undefined {
    const vma = address < this.host.taskSize ? this.maps.at(address) : undefined;
    if (vma === undefined || this.host.isOwn(vma)) return undefined;
    const pages = Math.min(most, Math.floor((vma.end - address) / PAGE_SIZE));
    if (vma.shared && vma.hasFile) {
      const contents = this.host.shared.ofMapping(vma, this);
      this.borrowed.push(contents);
      const index = Math.floor((vma.offset + address - vma.start) / PAGE_SIZE);
      return { vma, index, ...contents.at(index, pages) };
    }
    const index = Math.floor(address / PAGE_SIZE);
    return { vma, index, ...this.pages.at(index, pages) };
  }

  /** The process is about to unmap or replace a range. Pinned pages keep their contents. */
  take(start: number, end: number): void {
    const first = Math.floor(start / PAGE_SIZE);
    const count = Math.ceil(end / PAGE_SIZE) - first;
    if (count <= 0) return;
    this.observer?.loses(start, end);
    this.pages.take({ first, count });
    if (this.host.shared.size === 0) return;
    this.eachShared(start, end, (contents, run) => {
      const others = this.host.shared.homesOf(contents.key, { mapper: this, start, end });
      contents.leave(run, others);
    });
  }

  takeCopies(key: string, from: number, to: number): void {
    if (!this.hasPinned(0, this.host.taskSize)) return;
    for (const vma of [...this.maps.within(0, this.host.taskSize)]) {
      if (vma.shared || !vma.hasFile || keyOf(vma) !== key) continue;
      const start = Math.max(vma.start, vma.start + from - vma.offset);
      const end = Math.min(vma.end, vma.start + to - vma.offset);
      if (start < end) this.take(start, end);
    }
  }

  /** A range is about to be removed from its file, and so from all mappings. Pinned pages keep their contents. */
  takeFromFile(start: number, length: number): void {
    this.take(start, start + length);
    this.eachShared(start, start + length, (contents, run) => contents.take(run), true);
  }

  /** True if private pages in a range are pinned. */
  hasPinned(start: number, end: number): boolean {
    const first = Math.floor(start / PAGE_SIZE);
    const runs = this.pages.runs({ first, count: Math.ceil(end / PAGE_SIZE) - first });
    return runs.some(({ object, run }) => object.pinned(run).length > 0);
  }

  /** The process may be about to end. Copies all of its pinned pages. */
  save(): void {
    this.observer?.keeps();
    const count = Math.floor(this.host.taskSize / PAGE_SIZE);
    for (const { object, run } of this.pages.runs({ first: 0, count })) object.save(run);
    if (this.host.shared.size > 0)
      this.eachShared(0, this.host.taskSize, (contents, run) => contents.save(run));
  }

  /** Calls `each` for shared memory in a range. Without `withFiles`, only for shared memory that ends with its last mapping. */
  private eachShared(
    start: number,
    end: number,
    each: (contents: SharedContents, run: PageRun) => void,
    withFiles = false,
  ): void {
    for (const vma of this.maps.within(start, end)) {
      if (!vma.shared || !vma.hasFile || this.host.isOwn(vma)) continue;
      const contents = this.host.shared.find(vma);
      if (contents === undefined || (contents.isFile && !withFiles)) continue;
      const from = Math.max(start, vma.start);
      const to = Math.min(end, vma.end);
      const first = Math.floor((vma.offset + from - vma.start) / PAGE_SIZE);
      each(contents, { first, count: Math.ceil((to - from) / PAGE_SIZE) });
    }
  }

  /** True if a mapping shows a range of a file of the fake kernel. */
  shows(
    { file, offset, size }: { readonly file: File; readonly offset: number; readonly size: number },
    find: (vma: RemoteVma) => File | undefined,
  ): boolean {
    return this.placeOf({ file, offset, size }, find) !== undefined;
  }

  /** The mapping of a range of a file of the fake kernel; undefined if it is not mapped. */
  placeOf(
    { file, offset, size }: { readonly file: File; readonly offset: number; readonly size: number },
    find: (vma: RemoteVma) => File | undefined,
  ): RemoteVma | undefined {
    for (const vma of this.maps.within(0, this.host.taskSize)) {
      const isThere = vma.offset < offset + size && vma.offset + vma.end - vma.start > offset;
      if (isThere && vma.hasFile && find(vma) === file) return vma;
    }
    return undefined;
  }

  close(): void {
    this.end();
    this.maps.close();
    this.process.close();
  }
}
