/**
 * Memory that processes share: a memfd, another memory file, or shared memory without a file. All mappings of it, in any process and
 * at any address, use one {@link SharedContents}, whose pages are the file's own, without a copy.
 */

import {
  type Block,
  type ContentsOfFile,
  type Extent,
  Generations,
  PAGE_SIZE,
  type PageRun,
} from '@iommufd/fakekernel/task';
import { MAP_NORESERVE, MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import {
  AT_EMPTY_PATH,
  F_GET_SEALS,
  F_SEAL_FUTURE_WRITE,
  HUGETLBFS_MAGIC,
  O_CLOEXEC,
  O_RDONLY,
  O_RDWR,
  STATFS_SIZE,
  STATX,
  STATX_BASIC_STATS,
} from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import { descriptorsOf } from '../linux/proc.js';
import { pageEnd } from './drops.js';
import { deviceName, type RemoteVma } from './maps.js';
import type { SharedObserver } from '../observer.js';
import { ProcessMemory } from './process-memory.js';
import { hugePageOf, RemotePages } from './remote-pages.js';
import { readInChunks, writeInChunks } from './transfer.js';

/** The result of `statx()` for a file. */
export interface FileFacts {
  readonly device: string;
  readonly inode: number;
  readonly mode: number;
  /** The user who owns it. */
  readonly uid: number;
  /** Size in bytes. */
  readonly size: number;
}

const filesystem = Buffer.alloc(STATFS_SIZE);

/** The magic number of the filesystem that a file of this process is on: the first field of `struct statfs`. */
export function filesystemOf(libc: Libc, fd: number): bigint | undefined {
  return libc.fstatfs(fd, filesystem) === 0 ? filesystem.readBigUInt64LE(0) : undefined;
}

/** Bytes of a page of a file of this process: more than 4096 on hugetlbfs. `f_bsize`, the second field of `struct statfs`. */
export function pageSizeOf(libc: Libc, fd: number): number {
  return filesystemOf(libc, fd) === HUGETLBFS_MAGIC ? Number(filesystem.readBigUInt64LE(8)) : PAGE_SIZE;
}

/** True if a regular file is on hugetlbfs. */
export function isHugetlb(libc: Libc, path: string): boolean {
  const fd = libc.open(path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const magic = filesystemOf(libc, fd);
  libc.close(fd);
  return magic === HUGETLBFS_MAGIC;
}

const facts = Buffer.alloc(STATX.size);

/** Calls `statx()`. @returns undefined if it fails, for example because the descriptor is not open */
export function factsOf(libc: Libc, directory: number, path: string): FileFacts | undefined {
  const flags = path === '' ? AT_EMPTY_PATH : 0;
  if (libc.statx(directory, path, flags, STATX_BASIC_STATS, facts) < 0) return undefined;
  return {
    device: deviceName(facts.readUInt32LE(STATX.devMajor), facts.readUInt32LE(STATX.devMinor)),
    inode: Number(facts.readBigUInt64LE(STATX.ino)),
    mode: facts.readUInt16LE(STATX.mode),
    uid: facts.readUInt32LE(STATX.uid),
    size: Number(facts.readBigUInt64LE(STATX.bytes)),
  };
}

/** Access to the bytes of shared memory. */
interface Backing {
  read(byte: number, into: Uint8Array): number;
  write(byte: number, bytes: Uint8Array): number;
  /** Size in bytes; undefined if it is not known. */
  readonly size: number | undefined;
  /** True if the memory has huge pages. */
  readonly isHuge: boolean;
  /** F_GET_SEALS; 0 without a file that can have seals. */
  readonly seals: number;
  /** The file is about to get F_SEAL_FUTURE_WRITE. Devices must still be able to write to pinned pages. */
  beforeSeal(): void;
  /** The last page was unpinned. */
  unpinned(): void;
  close(): void;
}

/** A writable mapping of a whole file in this process, and writes through it. */
class OwnMapping {
  private readonly own: ProcessMemory;
  private mapped: { readonly address: bigint; readonly size: number } | undefined;

  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
  ) {
    this.own = new ProcessMemory(libc, process.pid);
  }

  /**
   * Writes bytes within the file.
   * @param size of the file, in bytes
   * @returns the number of bytes written; 0 if mapping fails
   */
  write(byte: number, bytes: Uint8Array, size: number): number {
    const address = this.reach(byte + bytes.length, size);
    return address === undefined ? 0 : this.own.write(Number(address) + byte, bytes);
  }

  /** The address of the mapping, which is replaced if the file has grown; undefined if mapping fails. */
  reach(end: number, size: number): bigint | undefined {
    if (this.mapped !== undefined && this.mapped.size >= end) return this.mapped.address;
    // No reservation: the program may have reserved all huge pages.
    const [prot, flags] = [PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE];
    const address = BigInt(this.libc.mmap(0, size, prot, flags, this.fd, 0n));
    if (address < 0n) return undefined;
    this.unmap();
    this.mapped = { address, size };
    return address;
  }

  private unmap(): void {
    if (this.mapped !== undefined) this.libc.munmap(this.mapped.address, this.mapped.size);
    this.mapped = undefined;
  }

  close(): void {
    this.unmap();
    this.own.close();
  }
}

/** Access through the file. */
class FileBacking implements Backing {
  readonly isHuge: boolean = false;
  private own: OwnMapping | undefined;

  /** @param look finds the current mappings of the file */
  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
    private readonly look: () => readonly Home[],
  ) {}

  get seals(): number {
    // A file that cannot have seals fails with EINVAL.
    return Math.max(0, this.libc.fcntl(this.fd, F_GET_SEALS, 0));
  }

  get size(): number {
    this.libc.statx(this.fd, '', AT_EMPTY_PATH, STATX_BASIC_STATS, facts);
    return Number(facts.readBigUInt64LE(STATX.bytes));
  }

  read(byte: number, into: Uint8Array): number {
    const { libc, fd } = this;
    const done = readInChunks((buffer, count, at) => libc.pread(fd, buffer, count, at), byte, into);
    if (done === into.length) return done;
    // The rest of the last page exists as well, and is zero unless a mapping has written to it.
    const { size } = this;
    const end = Math.min(into.length, pageEnd(size) - byte);
    if (byte + done < size || end <= done) return done;
    const rest = into.subarray(done, end);
    rest.fill(0, this.throughMapping(() => true)?.read(byte + done, rest) ?? 0);
    return end;
  }

  write(byte: number, bytes: Uint8Array): number {
    // A write behind the end would let the file grow. Writes to a page do not, and pages behind the end no longer exist.
    const { size } = this;
    const part = bytes.subarray(0, Math.max(0, size - byte));
    const done = part.length === 0 ? 0 : this.writeWithin(byte, part, size);
    const rest = bytes.subarray(done, Math.max(done, pageEnd(size) - byte));
    if (done < part.length || rest.length === 0) return done;
    return done + this.writeToMappings(byte + done, rest);
  }

  /** Writes bytes within the file. @param size of the file, in bytes */
  protected writeWithin(byte: number, bytes: Uint8Array, size: number): number {
    const { libc, fd } = this;
    const done = writeInChunks((buffer, count, at) => libc.pwrite(fd, buffer, count, at), byte, bytes);
    if (done === bytes.length || (this.seals & F_SEAL_FUTURE_WRITE) === 0) return done;
    // `shmem_file_write_iter()` refuses the write, but not writes to pinned or mapped pages.
    const [from, rest] = [byte + done, bytes.subarray(done)];
    return done + (this.own?.write(from, rest, size) ?? this.writeToMappings(from, rest));
  }

  /** Writes where `pwrite()` cannot: to mappings that were made before the file was sealed, or behind the end of the file. */
  private writeToMappings(byte: number, bytes: Uint8Array): number {
    return this.throughMapping(({ vma }) => vma.writable)?.write(byte, bytes) ?? 0;
  }

  /** Access through the current mappings of a kind; undefined if there are none. */
  private throughMapping(isUsed: (home: Home) => boolean): MappingBacking | undefined {
    const look = (): readonly Home[] => this.look().filter(isUsed);
    const [home] = look();
    return home && new MappingBacking(home, look);
  }

  beforeSeal(): void {
    const { size } = this;
    this.mapping().reach(size, size);
  }

  /** The mapping in this process, until all pages are unpinned. */
  protected mapping(): OwnMapping {
    return (this.own ??= new OwnMapping(this.libc, this.fd));
  }

  unpinned(): void {
    // A writable mapping prevents F_SEAL_WRITE.
    this.own?.close();
    this.own = undefined;
  }

  close(): void {
    this.unpinned();
    this.libc.close(this.fd);
  }
}

/** Access to a file of hugetlbfs. It has no `write()`, so writes use a mapping in this process. */
class HugeFileBacking extends FileBacking {
  override readonly isHuge = true;

  protected override writeWithin(byte: number, bytes: Uint8Array, size: number): number {
    return this.mapping().write(byte, bytes, size);
  }
}

function backingOf(libc: Libc, fd: number, look: () => readonly Home[]): Backing {
  return pageSizeOf(libc, fd) > PAGE_SIZE
    ? new HugeFileBacking(libc, fd, look)
    : new FileBacking(libc, fd, look);
}

/** A mapping of shared memory, and the memory of the process that has it. */
export interface Home {
  readonly memory: ProcessMemory;
  readonly vma: RemoteVma;
}

/** Access through the mappings of processes. If one unmaps the memory or ends, the mapping of another one is used. */
class MappingBacking implements Backing {
  readonly size = undefined;
  readonly isHuge: boolean;
  readonly seals = 0;
  private homes: readonly Home[];

  /** @param look finds the current mappings */
  constructor(
    home: Home,
    private readonly look: () => readonly Home[],
  ) {
    this.homes = [home];
    this.isHuge = home.vma.pageSize > PAGE_SIZE;
  }

  /** Uses these mappings from now on. */
  moveTo(homes: readonly Home[]): void {
    this.homes = homes;
  }

  read(byte: number, into: Uint8Array): number {
    return this.move(byte, into, (memory, address, part) => memory.read(address, part));
  }

  write(byte: number, bytes: Uint8Array): number {
    return this.move(byte, bytes, (memory, address, part) => memory.write(address, part));
  }

  private move(
    byte: number,
    bytes: Uint8Array,
    how: (memory: ProcessMemory, address: number, part: Uint8Array) => number,
  ): number {
    let hasLooked = false;
    for (let done = 0; ;) {
      const at = byte + done;
      const home = this.homes.find(({ vma }) => vma.offset <= at && at < endOf(vma));
      if (home !== undefined) {
        const { memory, vma } = home;
        done += how(memory, vma.start + at - vma.offset, bytes.subarray(done, done + endOf(vma) - at));
      }
      if (done === bytes.length) return done;
      if (home !== undefined && byte + done === endOf(home.vma)) continue;
      // The process has ended, or does not map this part.
      if (hasLooked) return done;
      this.homes = this.look();
      hasLooked = true;
    }
  }

  beforeSeal(): void {
    // The mappings of the processes stay writable.
  }

  unpinned(): void {
    // The processes own the memory.
  }

  close(): void {
    // The processes own the memory.
  }
}

/** The end of a mapping in its file, in bytes. */
function endOf(vma: RemoteVma): number {
  return vma.offset + vma.end - vma.start;
}

/** A run of pages without the pages of another run. */
function without(run: PageRun, other: PageRun): PageRun[] {
  const [end, otherEnd] = [run.first + run.count, other.first + other.count];
  const before = { first: run.first, count: Math.min(end, other.first) - run.first };
  const first = Math.max(run.first, otherEnd);
  return [before, { first, count: end - first }].filter(({ count }) => count > 0);
}

/** Pages of a file. The index of a page is its position in the file. */
export class SharedPages extends RemotePages {
  override readonly hasBlocks: boolean;

  /** @param countPins called with the number of pins that were added or, if negative, removed */
  constructor(
    private readonly contents: SharedContents,
    private readonly backing: Backing,
    private readonly countPins: (added: number) => void,
  ) {
    super();
    this.hasBlocks = backing.isHuge;
    this.listener = contents.listener;
  }

  override block(index: number): Block {
    return this.hasBlocks ? hugePageOf(index) : super.block(index);
  }

  override get pageCount(): number {
    return Math.ceil(this.contents.size / PAGE_SIZE);
  }

  protected override readRemote(byte: number, into: Uint8Array): number {
    return this.backing.read(byte, into);
  }

  protected override writeRemote(byte: number, bytes: Uint8Array): number {
    return this.backing.write(byte, bytes);
  }

  override pin(index: number, count: number): void {
    super.pin(index, count);
    this.countPins(count);
  }

  override unpin(index: number, count: number): void {
    super.unpin(index, count);
    this.countPins(-count);
  }
}

/** Shared memory, for as long as a call uses it or a page of it is pinned. */
export class SharedContents implements ContentsOfFile {
  readonly hasBlocks: boolean;
  private readonly pages: Generations<SharedPages>;
  /** The number of uses other than pins. */
  private holders = 0;
  /** The number of pins, of current pages and of those that the file has lost. */
  private pins = 0;

  /**
   * @param listener @see RemotePages.listener
   * @param removes called before pages are removed from the file
   */
  constructor(
    readonly key: string,
    private readonly backing: Backing,
    readonly listener: RemotePages['listener'],
    private readonly removes: (run: PageRun) => void,
    private readonly idle: () => void,
  ) {
    this.hasBlocks = backing.isHuge;
    this.pages = new Generations(() => new SharedPages(this, backing, (added) => this.countPins(added)));
  }

  /** Reads bytes without a call of the listener. Bytes that cannot be read are zero. */
  peek(byte: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.backing.read(byte, bytes);
    return bytes;
  }

  get size(): number {
    return this.backing.size ?? Number.MAX_SAFE_INTEGER;
  }

  extents(index: number, count: number): readonly Extent[] {
    return this.pages
      .runs({ first: index, count })
      .map(({ object, run }) => ({ object, index: run.first, count: run.count }));
  }

  /** The current page at an index, and those after it in the same object, at most `most`. */
  at(index: number, most: number): { readonly object: SharedPages; readonly count: number } {
    return this.pages.at(index, most);
  }

  /** True if the memory continues to exist when a process unmaps it. */
  get isFile(): boolean {
    return this.backing.size !== undefined;
  }

  /** F_SEAL_*. */
  get seals(): number {
    return this.backing.seals;
  }

  /** True if a page that the file has now is pinned. */
  get isPinned(): boolean {
    return this.pinnedIn({ first: 0, count: Math.ceil(this.size / PAGE_SIZE) }).length > 0;
  }

  /** The runs of pages of a run that the file has now and that are pinned. */
  pinnedIn(run: PageRun): PageRun[] {
    if (this.pins === 0) return [];
    return this.pages.runs(run).flatMap(({ object, run: part }) => object.pinned(part));
  }

  /** The file is about to get F_SEAL_FUTURE_WRITE. Devices can write to its pinned pages afterwards, as on Linux. */
  beforeSeal(): void {
    if (this.isPinned) this.backing.beforeSeal();
  }

  /** The file is about to lose pages. Pinned ones keep their contents. */
  take(run: PageRun): void {
    this.removes(run);
    this.pages.take(run);
    if (!this.isPinned) this.backing.unpinned();
  }

  /** The process that has the pages may be about to end. Copies the pinned ones. */
  save(run: PageRun): void {
    for (const { object, run: part } of this.pages.runs(run)) object.save(part);
  }

  /** A mapping is about to be unmapped. Copies the pinned pages that no other mapping shows. @param others all other mappings */
  leave(run: PageRun, others: readonly Home[]): void {
    let rest = [run];
    for (const { vma } of others) {
      const shown = { first: vma.offset / PAGE_SIZE, count: (vma.end - vma.start) / PAGE_SIZE };
      rest = rest.flatMap((each) => without(each, shown));
    }
    for (const each of rest) this.pages.take(each);
    if (this.backing instanceof MappingBacking) this.backing.moveTo(others);
  }

  hold(): void {
    this.holders++;
  }

  release(): void {
    this.holders--;
    this.closeIfIdle();
  }

  private countPins(added: number): void {
    this.pins += added;
    if (this.pins > 0) return;
    this.backing.unpinned();
    this.closeIfIdle();
  }

  private closeIfIdle(): void {
    if (this.holders === 0 && this.pins === 0) this.idle();
  }

  close(): void {
    this.backing.close();
  }
}

/** A process that may map shared memory. */
export interface Mapper {
  readonly pid: number;
  readonly process: ProcessMemory;
  /** The mappings that overlap a range. */
  mappings(start: number, end: number): Iterable<RemoteVma>;
  /** Private mappings of a file are about to lose the copies that they have of its pages. Offsets are in bytes of the file. */
  takeCopies(key: string, from: number, to: number): void;
}

/** The most unused files that are kept open, until their process ends. */
const MOST_IDLE = 4;

/** The shared memory that the fake kernel uses, by device and inode. */
export class SharedFiles {
  private readonly known = new Map<string, SharedContents>();
  /** Unused files, the most recently used last. They are kept because a program often maps the same memory again. */
  private readonly idle = new Set<SharedContents>();

  /** Observes reads and writes of shared memory. */
  observer: SharedObserver | undefined;

  /** @param mappers returns the processes that may map shared memory */
  constructor(
    private readonly libc: Libc,
    private readonly mappers: () => Iterable<Mapper>,
  ) {}

  /** All mappings of shared memory, except a range of a process. */
  homesOf(
    key: string,
    except?: { readonly mapper: Mapper; readonly start: number; readonly end: number },
  ): readonly Home[] {
    const homes = [];
    for (const mapper of this.mappers()) {
      for (const vma of mapper.mappings(0, Number.MAX_SAFE_INTEGER)) {
        if (!vma.shared || !vma.hasFile || keyOf(vma) !== key) continue;
        const pieces = mapper === except?.mapper ? piecesOf(vma, except) : [vma];
        homes.push(...pieces.map((piece) => ({ memory: mapper.process, vma: piece })));
      }
    }
    return homes;
  }

  /**
   * A part of a file is about to be removed from all mappings, and with it the copies of private mappings, as by
   * `unmap_mapping_range()` with `even_cows`. Pinned copies keep their contents.
   * @param from in bytes of the file, as `to`, which is one beyond the last
   */
  takeCopies(file: { readonly device: string; readonly inode: number }, from: number, to: number): void {
    for (const mapper of this.mappers()) mapper.takeCopies(keyOf(file), from, to);
  }

  /** Closes unused files. @param kept the number of most recently used ones that stay open */
  closeIdle(kept = 0): void {
    for (const pages of this.idle) {
      if (this.idle.size <= kept) return;
      this.idle.delete(pages);
      this.known.delete(pages.key);
      pages.close();
    }
  }

  private nowIdle(pages: SharedContents): void {
    this.idle.add(pages);
    // Memory that is accessed through a mapping may be mapped elsewhere at its next use.
    this.closeIdle(pages.isFile ? MOST_IDLE : 0);
  }

  /** The number of objects. Each keeps a file open. */
  get size(): number {
    return this.known.size;
  }

  /** The object of a file or a mapping; undefined if the fake kernel does not use it. */
  find(file: { readonly device: string; readonly inode: number }): SharedContents | undefined {
    return this.known.get(keyOf(file));
  }

  /** Acquires the object of a shared mapping. The caller must release it. */
  ofMapping(vma: RemoteVma, mapper: Mapper): SharedContents {
    const key = keyOf(vma);
    return this.held(key, () => {
      const fd = this.openMapped(vma, mapper);
      return fd === undefined
        ? new MappingBacking({ memory: mapper.process, vma }, () => this.homesOf(key))
        : backingOf(this.libc, fd, () => this.homesOf(key));
    });
  }

  /** Acquires the object of a file that is open in this process. The caller must release it. @param fd the object closes it */
  ofFile(found: FileFacts, fd: number): SharedContents {
    const key = keyOf(found);
    let used = false;
    const pages = this.held(key, () => {
      used = true;
      return backingOf(this.libc, fd, () => this.homesOf(key));
    });
    if (!used) this.libc.close(fd);
    return pages;
  }

  private held(key: string, make: () => Backing): SharedContents {
    let pages = this.known.get(key);
    if (pages === undefined) {
      const listener = (): ReturnType<RemotePages['listener']> => {
        const { observer } = this;
        return observer && ((byte, length) => observer.reaches(made, byte, length));
      };
      const removes = (run: PageRun): void => this.observer?.removes(made, run);
      const made: SharedContents = new SharedContents(key, make(), listener, removes, () =>
        this.nowIdle(made),
      );
      this.known.set(key, (pages = made));
    }
    this.idle.delete(pages);
    pages.hold();
    return pages;
  }

  /** Opens the file of a mapping: by `/proc/PID/map_files` if that is allowed, otherwise by a descriptor of the process. */
  private openMapped(vma: RemoteVma, { pid }: Mapper): number | undefined {
    const hex = (address: number): string => address.toString(16);
    const mapped = `/proc/${pid}/map_files/${hex(vma.start)}-${hex(vma.end)}`;
    return this.open(mapped, vma) ?? this.openDescriptor(pid, vma);
  }

  private openDescriptor(pid: number, vma: RemoteVma): number | undefined {
    // The process may have ended: descriptorsOf() is undefined then.
    for (const number of descriptorsOf(pid) ?? []) {
      const path = `/proc/${pid}/fd/${number}`;
      const found = factsOf(this.libc, -1, path);
      if (found === undefined || keyOf(found) !== keyOf(vma)) continue;
      const fd = this.open(path, vma);
      if (fd !== undefined) return fd;
    }
    return undefined;
  }

  private open(path: string, vma: RemoteVma): number | undefined {
    for (const mode of [O_RDWR, O_RDONLY]) {
      const fd = this.libc.open(path, mode | O_CLOEXEC, 0);
      if (fd < 0) continue;
      const found = factsOf(this.libc, fd, '');
      if (found !== undefined && keyOf(found) === keyOf(vma)) return fd;
      this.libc.close(fd);
    }
    return undefined;
  }
}

/** The parts of a mapping outside a range. */
function piecesOf(
  vma: RemoteVma,
  { start, end }: { readonly start: number; readonly end: number },
): RemoteVma[] {
  const from = Math.max(vma.start, end);
  const pieces = [
    { ...vma, end: Math.min(vma.end, start) },
    { ...vma, start: from, offset: vma.offset + from - vma.start },
  ];
  return pieces.filter((piece) => piece.start < piece.end);
}

/** Device and inode identify a file. */
export function keyOf({ device, inode }: { readonly device: string; readonly inode: number }): string {
  return `${device} ${inode}`;
}
