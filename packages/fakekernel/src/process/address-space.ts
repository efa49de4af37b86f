/**
 * The memory of a process: `struct mm_struct`. It maps addresses to pages of memory objects, copies with the rules of
 * `copy_from_user()` and `copy_to_user()`, and pins pages (`pin_user_pages_fast()` and related functions). A pinned page stays
 * the same page when its address is mapped to another one.
 */
import { PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { fail, result } from '../errno.js';
import { setBits } from '../lib/bits.js';
import { type RangeEntry, RangeMap } from '../lib/range-map.js';
import { failurePoint } from './failure-points.js';
import { type AccessSize, DeviceMemory, getValue, putValue } from './device-memory.js';
import { LockedPages } from './locked-pages.js';
import { MemoryFault } from './memory-fault.js';
import type { Extent, LocalMemory, PageOfObject } from './memory-object.js';
import {
  bytesBehind,
  HUGE_PAGE_SIZE,
  offsetInPage,
  PAGE,
  PAGE_MASK,
  PAGE_SIZE,
  TASK_SIZE,
  ULONG_MAX,
} from './page.js';
import { pinOnePage, pinPages } from './pin-pages.js';
import type { UserMemory } from './user-memory.js';

/** A mapping: consecutive pages of one object at consecutive addresses. */
export interface Vma {
  readonly object: LocalMemory;
  /** The page of the object at the mapping's start. */
  readonly index: number;
  readonly prot: number;
  /** True for registers of a device: the kernel cannot pin them (VM_IO). */
  readonly io: boolean;
  /** True with MAP_HUGETLB: the mapping can only be split between huge pages. */
  readonly isHugetlb?: boolean | undefined;
  /** Called when pieces of the mapping are created and removed, like a driver's `vm_operations`. */
  readonly watcher?: VmaWatcher | undefined;
}

/** Counts the mappings of an object's memory. */
export interface VmaWatcher {
  opened(): void;
  closed(): void;
}

/** The mapping and page at an address. */
interface Found {
  readonly vma: Vma;
  /** Index of the page in the object. */
  readonly index: number;
  /** Number of pages from there to the end of the mapping. */
  readonly pages: number;
}

/** A mapping with its range of addresses. `end` is exclusive. */
interface MappedRange {
  readonly start: number;
  readonly end: number;
  readonly vma: Vma;
}

/** Reads of more bytes than this are checked before memory is allocated for them. */
const BIG = 1 << 20;

/** Up to this many bytes, copying byte by byte is faster than creating views of them. */
const FEW = 64;

/** The memory of a process of this program: its mappings, ordered by address. */
export class AddressSpace implements UserMemory {
  private readonly vmas = new RangeMap<Vma>();
  /** The mapping that was found last. The next access is likely to be in it too. */
  private recent: MappedRange | undefined;
  private ended = false;
  /** `locked_vm`. */
  readonly lockedPages = new LockedPages();
  /** `pinned_vm`: pages with long-term pins, with or without a limit. */
  pinnedPages = 0;
  private readonly word = new Uint8Array(4);
  private readonly wordView = new DataView(this.word.buffer);

  /** @param taskSize one beyond the last address */
  constructor(readonly taskSize: number = TASK_SIZE) {}

  /**
   * Maps pages at an address and replaces any mappings there. `address` and `length` are multiples of the page size.
   * @throws EINVAL as {@link unmap}
   */
  map(address: number, length: number, vma: Vma): void {
    this.unmap(address, length);
    this.vmas.insert(BigInt(address), BigInt(address + length) - 1n, vma);
    vma.watcher?.opened();
  }

  /**
   * Unmaps a range. A mapping that is only partly in the range is split.
   * @throws EINVAL if the split would be inside a huge page; nothing is unmapped then
   */
  unmap(address: number, length: number): void {
    this.checkCut(address);
    this.checkCut(address + length);
    const from = BigInt(address);
    const last = BigInt(address + length) - 1n;
    this.recent = undefined;
    const cut = this.vmas.cut(from, last, (vma, skipped) => {
      vma.watcher?.opened();
      return { ...vma, index: vma.index + Number(skipped) / PAGE_SIZE };
    });
    for (const { watcher } of cut) watcher?.closed();
  }

  /**
   * Moves the mappings of a range to another address, where they replace any others. The ranges must not overlap.
   * @param size in bytes. It is rounded up to huge pages, if the first mapping has them
   * @throws EINVAL as {@link unmap}, or if huge pages would not begin at a multiple of their size
   */
  move(address: number, size: number, to: number): void {
    // `align_hugetlb()`
    const unit = this.find(address)?.vma.isHugetlb === true ? HUGE_PAGE_SIZE : PAGE_SIZE;
    const length = Math.ceil(size / unit) * unit;
    this.checkCut(address);
    this.checkCut(address + length);
    const isHugetlb = [...this.mappedIn(address, length)].some(({ value }) => value.isHugetlb === true);
    if (isHugetlb && (to - address) % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
    this.unmap(to, length);
    const [from, last] = [BigInt(address), BigInt(address + length) - 1n];
    const moved = [...this.mappedIn(address, length)].map(({ start, last: end, value }) => {
      const first = start > from ? start : from;
      const index = value.index + Number(first - start) / PAGE_SIZE;
      return { first, end: end < last ? end : last, vma: { ...value, index } };
    });
    // As `copy_vma()`: the new mappings are created before the old ones are removed.
    const delta = BigInt(to - address);
    for (const { first, end, vma } of moved) {
      this.vmas.insert(first + delta, end + delta, vma);
      vma.watcher?.opened();
    }
    this.unmap(address, length);
  }

  private mappedIn(address: number, length: number): Iterable<RangeEntry<Vma>> {
    return this.vmas.range(BigInt(address), BigInt(address + length) - 1n);
  }

  /** `hugetlb_vm_op_split()`: checks that a mapping may be split at an address. @throws EINVAL */
  private checkCut(address: number): void {
    if (address % HUGE_PAGE_SIZE === 0) return;
    if (this.vmas.at(BigInt(address))?.value.isHugetlb === true) throw fail('EINVAL');
  }

  /** Called when the process exits or runs another program: unmaps everything. No mappings are added afterwards. */
  end(): void {
    this.unmap(0, this.taskSize);
    this.ended = true;
  }

  get isLive(): boolean {
    return !this.ended;
  }

  isUserRange(address: bigint, length: number): boolean {
    return address >= 0n && address + BigInt(length) <= BigInt(this.taskSize);
  }

  /** The highest free range of this length below `ceiling`, which is where Linux places mappings. @throws ENOMEM */
  findFree(length: number, ceiling: number, alignment = PAGE_SIZE): number {
    const below = (end: number): number => Math.floor((end - length) / alignment) * alignment;
    let at = below(ceiling);
    for (const { start, last } of [...this.vmas].reverse()) {
      if (Number(last) < at) break;
      if (Number(start) < at + length) at = below(Number(start));
    }
    if (at < PAGE_SIZE) throw fail('ENOMEM');
    return at;
  }

  /** True if the range has no mappings. */
  isFree(address: number, length: number): boolean {
    return this.vmas.first(BigInt(address), BigInt(address + length) - 1n) === undefined;
  }

  /** The mapping that contains an address. */
  private rangeAt(address: number): MappedRange | undefined {
    const { recent } = this;
    if (recent !== undefined && address >= recent.start && address < recent.end) return recent;
    const entry = this.vmas.at(BigInt(address));
    if (entry === undefined) return undefined;
    this.recent = { start: Number(entry.start), end: Number(entry.last) + 1, vma: entry.value };
    return this.recent;
  }

  /** The mapping that contains an address, and the page of its object there. */
  private find(address: number): Found | undefined {
    const range = this.rangeAt(address);
    if (range === undefined) return undefined;
    const { start, end, vma } = range;
    const index = indexAt(range, address);
    return { vma, index, pages: (end - start) / PAGE_SIZE - (index - vma.index) };
  }

  /**
   * The page at an address, if the mapping allows the access and the file behind it is long enough. Memory that can be written
   * can also be read, because page tables have no write-only entries.
   */
  private findFor(address: number, prot: number): Found | undefined {
    const found = this.find(address);
    if (found === undefined || !allows(found.vma, prot)) return undefined;
    return found.index < found.vma.object.pageCount ? found : undefined;
  }

  /**
   * The bytes of the page at an address, if {@link findFor} would find it. Device memory has no bytes. Every copy calls this, so it
   * allocates no object.
   */
  private page(address: number, prot: number): Uint8Array | undefined {
    const range = this.rangeAt(address);
    if (range === undefined || !allows(range.vma, prot)) return undefined;
    const { object } = range.vma;
    const index = indexAt(range, address);
    if (index >= object.pageCount || object instanceof DeviceMemory) return undefined;
    return (prot & PROT_WRITE) === 0 ? object.pageToRead(index) : object.page(index);
  }

  /**
   * Calls `each` for the pieces of memory at an address, page by page, until it returns false. A piece is `count` bytes of a
   * page, from `offset` on.
   * @returns the number of bytes that were reached
   */
  private walk(
    from: number,
    length: number,
    prot: number,
    each: (page: Uint8Array, offset: number, count: number, done: number) => unknown,
  ): number {
    // access_ok(): the whole range must be in user space.
    if (from < 0 || from + length > this.taskSize) return 0;
    let done = 0;
    while (done < length) {
      const at = from + done;
      const count = Math.min(bytesBehind(at), length - done);
      const page = this.page(at, prot);
      if (page === undefined) {
        if (this.walkDevice(at, count, prot, (bytes) => each(bytes, 0, count, done)) !== true) return done;
      } else if (each(page, offsetInPage(at), count, done) === false) return done;
      done += count;
    }
    return done;
  }

  /**
   * Calls `each` with bytes of device memory, which are copied.
   * @returns false if `each` did; undefined if they cannot be reached
   */
  private walkDevice(
    at: number,
    count: number,
    prot: number,
    each: (bytes: Uint8Array) => unknown,
  ): boolean | undefined {
    const found = this.findFor(at, prot);
    if (!(found?.vma.object instanceof DeviceMemory) || !found.vma.object.isReachable) return undefined;
    const byte = found.index * PAGE_SIZE + offsetInPage(at);
    const bytes = new Uint8Array(count);
    if (prot === PROT_READ) found.vma.object.read(byte, bytes);
    if (each(bytes) === false) return false;
    if (prot === PROT_WRITE) found.vma.object.write(byte, bytes);
    return true;
  }

  /** A load of the program. @throws MemoryFault */
  load(address: bigint, size: AccessSize): bigint {
    if (size > bytesBehind(Number(address))) return this.loadAcross(address, size);
    const { object, byte } = this.accessed(address, size, PROT_READ);
    if (object instanceof DeviceMemory) return object.load(byte, size);
    return getValue(viewOf(object.pageToRead(Math.floor(byte / PAGE_SIZE))), offsetInPage(byte), size);
  }

  /** A load that crosses a page boundary is split, as a processor does. Here it is split into bytes. */
  private loadAcross(address: bigint, size: AccessSize): bigint {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | this.load(address + BigInt(i), 1);
    return value;
  }

  /** A store of the program. @throws MemoryFault */
  store(address: bigint, size: AccessSize, value: bigint): void {
    if (size > bytesBehind(Number(address))) {
      // The second page is checked before the first is written.
      this.accessed(address + BigInt(size - 1), 1, PROT_WRITE);
      for (let i = 0; i < size; i++) this.store(address + BigInt(i), 1, (value >> BigInt(8 * i)) & 0xffn);
      return;
    }
    const { object, byte } = this.accessed(address, size, PROT_WRITE);
    if (object instanceof DeviceMemory) object.store(byte, size, value);
    else putValue(viewOf(object.page(Math.floor(byte / PAGE_SIZE))), offsetInPage(byte), size, value);
  }

  private accessed(
    address: bigint,
    size: AccessSize,
    prot: number,
  ): { readonly object: LocalMemory; readonly byte: number } {
    const at = Number(address);
    if (address < 0n || at + size > this.taskSize)
      throw new MemoryFault('SIGSEGV', address, 'beyond user space');
    const found = this.find(at);
    if (found === undefined) throw new MemoryFault('SIGSEGV', address, 'nothing is mapped there');
    // Memory that can be written can also be read.
    if ((found.vma.prot & (prot | (prot === PROT_READ ? PROT_WRITE : 0))) === 0)
      throw new MemoryFault('SIGSEGV', address, 'the mapping does not allow it');
    const { object } = found.vma;
    checkReachable(object, found.index, address);
    return { object, byte: found.index * PAGE_SIZE + offsetInPage(at) };
  }

  /** `mprotect()` of whole pages. @throws ENOMEM if a page is not mapped; the pages before it have been changed then */
  protect(address: number, length: number, prot: number): void {
    this.checkCut(address);
    this.checkCut(address + length);
    const end = BigInt(address + length);
    for (let at = BigInt(address); at < end;) {
      const entry = this.vmas.at(at);
      if (entry === undefined) throw fail('ENOMEM');
      const { start, value: vma } = entry;
      const last = entry.last < end ? entry.last : end - 1n;
      const skipped = (from: bigint): number => Number(from - start) / PAGE_SIZE;
      this.recent = undefined;
      const cut = this.vmas.cut(at, last, (part, from) => {
        part.watcher?.opened();
        return { ...part, index: part.index + Number(from) / PAGE_SIZE };
      });
      this.vmas.insert(at, last, { ...vma, prot, index: vma.index + skipped(at) });
      vma.watcher?.opened();
      for (const { watcher } of cut) watcher?.closed();
      at = last + 1n;
    }
  }

  /** The mappings of a range. @throws ENOMEM if a part of it is not mapped */
  *mappings(address: number, length: number): Generator<Vma> {
    for (let at = address; at < address + length;) {
      const range = this.rangeAt(at);
      if (range === undefined) throw fail('ENOMEM');
      yield range.vma;
      at = range.end;
    }
  }

  read(address: bigint, length: number): Uint8Array {
    // No large buffer is allocated for a read that would fail.
    if (length > BIG && this.walk(Number(address), length, PROT_READ, () => undefined) < length)
      throw fail('EFAULT');
    const bytes = new Uint8Array(length);
    this.readInto(address, length, bytes);
    return bytes;
  }

  readInto(address: bigint, length: number, bytes: Uint8Array): void {
    failurePoint('copy', 'copy_from_user()');
    const at = Number(address);
    const whole = this.onePage(at, length, PROT_READ);
    if (whole !== undefined) {
      copy(whole, offsetInPage(at), bytes, 0, length);
      return;
    }
    const done = this.walk(at, length, PROT_READ, (page, offset, count, copied) =>
      copy(page, offset, bytes, copied, count),
    );
    if (done < length) throw fail('EFAULT');
  }

  readU32(address: bigint): number {
    this.readInto(address, 4, this.word);
    return this.wordView.getUint32(0, true);
  }

  isZero(address: bigint, length: number): boolean {
    failurePoint('copy', 'check_zeroed_user()');
    let zero = true;
    const done = this.walk(Number(address), length, PROT_READ, (page, offset, count) => {
      zero &&= page.subarray(offset, offset + count).every((byte) => byte === 0);
      return zero;
    });
    if (zero && done < length) throw fail('EFAULT');
    return zero;
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.writePart(address, bytes, 0, bytes.length);
  }

  writePart(address: bigint, bytes: Uint8Array, from: number, end: number): void {
    failurePoint('copy', 'copy_to_user()');
    const at = Number(address) + from;
    const whole = this.onePage(at, end - from, PROT_WRITE);
    if (whole !== undefined) {
      copy(bytes, from, whole, offsetInPage(at), end - from);
      return;
    }
    const done = this.walk(at, end - from, PROT_WRITE, (page, offset, count, copied) =>
      copy(bytes, from + copied, page, offset, count),
    );
    if (done < end - from) throw fail('EFAULT');
  }

  /**
   * The page that contains the whole range, as for most arguments; undefined if the range is unmapped or crosses a page boundary.
   */
  private onePage(from: number, length: number, prot: number): Uint8Array | undefined {
    if (from < 0 || from + length > this.taskSize || length > bytesBehind(from)) return undefined;
    return this.page(from, prot);
  }

  setBits(address: bigint, from: number, end: number): void {
    const page = address < BigInt(this.taskSize) ? this.page(Number(address), PROT_WRITE) : undefined;
    if (page === undefined) throw fail('EFAULT');
    setBits(page, from, end);
  }

  clearBytes(address: bigint, length: number): void {
    failurePoint('copy', 'clear_user()');
    const done = this.walk(Number(address), length, PROT_WRITE, (page, offset, count) =>
      page.fill(0, offset, offset + count),
    );
    if (done < length) throw fail('EFAULT');
  }

  /**
   * A view of memory, if it belongs to one object and is contiguous.
   * @throws RangeError; MemoryFault for device memory that is unreachable
   */
  inPlace(address: bigint, length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`length is ${length}, and not a number of bytes`);
    }
    const readable = (at: number): { object: LocalMemory; index: number; count: number } => {
      const found = this.findFor(at, PROT_READ);
      if (found === undefined) throw new RangeError(`nothing is mapped at 0x${at.toString(16)}`);
      const { vma, index, pages } = found;
      checkReachable(vma.object, index, BigInt(at));
      return { object: vma.object, index, count: Math.min(pages, vma.object.pageCount - index) };
    };
    const from = Number(address);
    const offset = offsetInPage(from);
    const { object, index, count } = readable(from);
    for (let pages = count; pages * PAGE_SIZE < offset + length;) {
      const at = from - offset + pages * PAGE_SIZE;
      const next = readable(at);
      if (next.object !== object || next.index !== index + pages) {
        throw new RangeError(`the memory is not in one piece: another begins at 0x${at.toString(16)}`);
      }
      pages += next.count;
    }
    return object.inPlace(index * PAGE_SIZE + offset, length);
  }

  /**
   * Writes bytes of one page, like a caller of {@link inPlace}, but without a contiguous buffer for the whole mapping.
   * @throws RangeError MemoryFault as {@link inPlace}
   */
  poke(address: bigint, bytes: Uint8Array): void {
    const at = Number(address);
    const found = this.findFor(at, PROT_READ);
    if (found === undefined || found.vma.object instanceof DeviceMemory) {
      this.inPlace(address, bytes.length).set(bytes);
      return;
    }
    const { object } = found.vma;
    checkReachable(object, found.index, address);
    object.page(found.index).set(bytes, offsetInPage(at));
  }

  pin(address: number, count: number, writable: boolean, batch: number): Extent[] {
    return pinPages((at, most) => this.extentToPin(at, most, writable), address, count, batch);
  }

  pinOne(address: number, writable: boolean): PageOfObject {
    return pinOnePage((at, most) => this.extentToPin(at, most, writable), address);
  }

  /** The pages at an address that can be pinned: at most `most`, up to the end of their mapping. */
  private extentToPin(address: number, most: number, writable: boolean): Extent | undefined {
    const prot = writable ? PROT_WRITE : PROT_READ;
    const found = this.find(address);
    if (found === undefined || found.vma.io || (found.vma.prot & prot) !== prot) return undefined;
    const { object } = found.vma;
    const count = Math.min(found.pages, most, object.pageCount - found.index);
    return count > 0 ? object.extent(found.index, count) : undefined;
  }

  pinnablePages(address: bigint, most: number): number {
    if (address >= BigInt(this.taskSize)) return 0;
    let pages = 0;
    while (pages < most) {
      const found = this.findFor(Number(address) + pages * PAGE_SIZE, PROT_WRITE);
      if (found === undefined || found.vma.io) break;
      pages += Math.min(found.pages, found.vma.object.pageCount - found.index);
    }
    return Math.min(pages, most);
  }

  pageAt(address: bigint): PageOfObject {
    if ((address & PAGE_MASK) + PAGE > ULONG_MAX) throw fail('EOVERFLOW');
    return this.remotePageAt(Number(address & PAGE_MASK));
  }

  remotePageAt(address: number): PageOfObject {
    const found = this.find(address);
    if (found === undefined || found.vma.io || (found.vma.prot & PROT_READ) === 0) throw fail('EFAULT');
    if (found.index >= found.vma.object.pageCount) throw fail('EFAULT');
    return found.vma.object.shown(found.index);
  }

  /** A view of bytes within one page, for reading; undefined if they cannot be read. */
  visible(address: bigint, length: number): Uint8Array | undefined {
    const at = Number(address);
    const page = this.onePage(at, length, PROT_READ);
    return page?.subarray(offsetInPage(at), offsetInPage(at) + length);
  }

  /** True if an address has ordinary memory, not device registers. */
  isOrdinary(address: bigint): boolean {
    return result(() => (this.pageAt(address), 0)) === 0;
  }
}

/** The page of a mapping's object at an address. */
const indexAt = ({ start, vma }: MappedRange, address: number): number =>
  vma.index + Math.floor((address - start) / PAGE_SIZE);

/** Returns true if a mapping allows an access. */
function allows(vma: Vma, prot: number): boolean {
  const wanted = prot === PROT_READ ? PROT_READ | PROT_WRITE : prot;
  return (vma.prot & wanted) !== 0;
}

/** @throws MemoryFault if the file ends before the page, or if the device cannot be reached */
function checkReachable(object: LocalMemory, index: number, address: bigint): void {
  if (index >= object.pageCount) throw new MemoryFault('SIGBUS', address, 'the file ends before it');
  if (object instanceof DeviceMemory && !object.isReachable)
    throw new MemoryFault('SIGBUS', address, 'the device does not answer: its memory decoding is off');
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Copies `count` bytes. */
function copy(from: Uint8Array, fromByte: number, to: Uint8Array, toByte: number, count: number): void {
  if (count > FEW) {
    to.set(from.subarray(fromByte, fromByte + count), toByte);
    return;
  }
  for (let i = 0; i < count; i++) to[toByte + i] = from[fromByte + i] ?? 0;
}
