/**
 * The file descriptors of a process of the host, as the fake kernel uses them. Descriptors are not stored here: each call looks them up
 * in the host's kernel.
 */

import { readFileSync } from 'node:fs';
import { fail, File, type FileTable, ForeignFile, type ContentsOfFile } from '@iommufd/fakekernel/task';
import {
  HUGETLBFS_MAGIC,
  O_CLOEXEC,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  S_IFMT,
  S_IFREG,
  TMPFS_MAGIC,
} from '../linux/constants.js';
import {
  factsOf,
  type FileFacts,
  filesystemOf,
  keyOf,
  type SharedFiles,
  type SharedContents,
} from '../memory/shared-pages.js';
import { type EventfdHost, isEventfd, RemoteEventfd } from './eventfds.js';
import type { StandIns } from './stand-ins.js';
import type { Named } from './tree.js';

/** A memory file of a process: a memfd, or a file of tmpfs or hugetlbfs. */
class RemoteMemfd extends File {
  override readonly memory: ContentsOfFile;

  constructor(private readonly pages: SharedContents) {
    super();
    this.memory = pages;
  }

  protected override release(): void {
    this.pages.release();
  }
}

/** The world, as the files of a process use it. */
export interface FilesHost extends EventfdHost {
  readonly standIns: StandIns;
  readonly shared: SharedFiles;
  /** The file of the fake kernel that a program has opened with O_PATH, by the key ({@link keyOf}) of its stand-in. */
  namedBy(key: string): Named | undefined;
}

/** The thread that makes the current call: access to its descriptors. */
export interface FdOwner {
  /** `/proc/TID/fd`, open in this process. */
  readonly directory: number;
  /** Returns a free descriptor. @throws EMFILE */
  freeNumber(): number;
  /** Adds a file of this process to the thread. @param at its descriptor there @returns the descriptor @throws Errno */
  give(fd: number, at: number, closeOnExec: boolean): number;
  /** Duplicates a descriptor of the thread into this process; undefined if it is not open. */
  take(fd: number): number | undefined;
}

/** @see {@link FileTable} */
export class RemoteFiles implements FileTable {
  /** The thread of the current call; undefined outside calls. */
  private owner: FdOwner | undefined;
  /** Descriptors that were looked up in the current call. */
  private readonly seen = new Map<number, File | undefined>();
  private readonly facts = new Map<number, FileFacts | undefined>();
  /** Files that the current call has opened, with their descriptors. */
  readonly opened: (readonly [number, File])[] = [];
  /** Files that exist only during the current call. */
  private readonly passing: File[] = [];

  constructor(
    private readonly host: FilesHost,
    /** Returns the number of the fake kernel's files that the process has open. */
    private readonly count: () => number,
  ) {}

  begin(owner: FdOwner): void {
    this.owner = owner;
  }

  end(): void {
    this.owner = undefined;
    this.seen.clear();
    this.facts.clear();
    this.opened.length = 0;
    for (const file of this.passing) file.put();
    this.passing.length = 0;
  }

  private get current(): FdOwner {
    if (this.owner === undefined) throw new Error('files of a process are used while it makes no call');
    return this.owner;
  }

  open(make: (fd: number) => File, closeOnExec = true): number {
    const { current } = this;
    const number = current.freeNumber();
    const file = make(number);
    const fd = this.host.standIns.open(file);
    try {
      current.give(fd, number, closeOnExec);
    } finally {
      // The program holds the stand-in now. If adding it failed, this closes the stand-in and its file.
      this.host.libc.close(fd);
    }
    this.seen.set(number, file);
    this.opened.push([number, file]);
    return number;
  }

  /** The file of the fake kernel at a descriptor; undefined for other files. */
  own(fd: number): File | undefined {
    const found = this.factsOf(fd);
    return found && this.host.standIns.find(found);
  }

  /** The shared memory at a descriptor, if the fake kernel uses it. */
  shared(fd: number): SharedContents | undefined {
    const found = this.factsOf(fd);
    return found && this.host.shared.find(found);
  }

  /** The result of `statx()` of the host's kernel for a descriptor. */
  factsOf(fd: number): FileFacts | undefined {
    if (!Number.isInteger(fd) || fd < 0) return undefined;
    if (!this.facts.has(fd)) this.facts.set(fd, factsOf(this.host.libc, this.current.directory, String(fd)));
    return this.facts.get(fd);
  }

  find(fd: number): File | undefined {
    if (!this.seen.has(fd)) this.seen.set(fd, this.lookUp(fd));
    return this.seen.get(fd);
  }

  private lookUp(fd: number): File | undefined {
    const found = this.factsOf(fd);
    if (found === undefined) return undefined;
    const own = this.host.standIns.find(found);
    if (own !== undefined) return own;
    if (this.isPath(fd) || this.named(fd) !== undefined) return undefined;
    const file = this.memfd(fd, found) ?? this.eventfd(fd, found) ?? new ForeignFile();
    this.passing.push(file);
    return file;
  }

  /** The file of the fake kernel that a descriptor with O_PATH refers to. Its stand-in is a file of this process. */
  named(fd: number): Named | undefined {
    const found = this.factsOf(fd);
    return found && this.host.namedBy(keyOf(found));
  }

  /** True if a descriptor has O_PATH. `fget()` fails for such a descriptor. */
  private isPath(fd: number): boolean {
    try {
      const info = readFileSync(`/proc/self/fd/${this.current.directory}/../fdinfo/${fd}`, 'latin1');
      return (parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '0', 8) & O_PATH) !== 0;
    } catch {
      return false;
    }
  }

  /** `memfd_pin_folios()` takes files of these filesystems. */
  private memfd(fd: number, found: FileFacts): File | undefined {
    if ((found.mode & S_IFMT) !== S_IFREG) return undefined;
    const { libc } = this.host;
    for (const mode of [O_RDWR, O_RDONLY]) {
      const here = libc.openat(this.current.directory, String(fd), mode | O_CLOEXEC, 0);
      if (here < 0) continue;
      const magic = filesystemOf(libc, here);
      if (magic === TMPFS_MAGIC || magic === HUGETLBFS_MAGIC)
        return new RemoteMemfd(this.host.shared.ofFile(found, here));
      libc.close(here);
      return undefined;
    }
    return undefined;
  }

  private eventfd(fd: number, found: FileFacts): File | undefined {
    const { current } = this;
    // Anonymous inodes have no type in their mode.
    if ((found.mode & S_IFMT) !== 0 || !isEventfd(current.directory, fd)) return undefined;
    return new RemoteEventfd(this.host, () => current.take(fd));
  }

  get(fd: number): File {
    const file = this.find(fd);
    if (file === undefined) throw fail('EBADF');
    return file;
  }

  setCloseOnExec(): void {
    throw new Error("FIOCLEX is answered by the host's kernel");
  }

  get openCount(): number {
    return this.count();
  }
}
