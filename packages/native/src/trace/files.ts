/**
 * The files of iommufd and VFIO of traced processes, by file descriptor. Traced calls keep the tables up to date. A descriptor that
 * came by another way (from a message, or from before the tracer attached) is looked up in `/proc` and compared with the known
 * files (`kcmp()`).
 */

import { readdirSync, readlinkSync } from 'node:fs';
import type { Libc } from '../linux/libc.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';

/** An open file of iommufd or VFIO. Duplicated descriptors share it. */
export class TracedFile {
  /** @param path its node, or the target of its link in `/proc` if it has no node; undefined if it is not known */
  constructor(readonly path: string | undefined) {}
}

/** The nodes of iommufd and VFIO. */
const NODE = /^\/dev\/(iommu|vfio\/.+)$/;
/** Links of their anonymous files, with the names that they pass to `anon_inode_getfile()`. */
const ANONYMOUS =
  /^anon_inode:(\[iommufd-pgfault\]|\[iommufd-viommu-event\]|\[iommufd_test_staccess\]|\[vfio-device\]|vfio_mig)$/;

/** True if a path is a node of iommufd or VFIO. */
export const isNode = (path: string): boolean => NODE.test(path);

interface Table {
  readonly own: Map<number, TracedFile>;
  /** Descriptors that were looked up and belong to other files. */
  readonly foreign: Set<number>;
  /** True if the process may have descriptors that no traced call has opened. */
  mayHaveMore: boolean;
}

/** The files of all processes. */
export class TracedFiles {
  private readonly tables = new Map<number, Table>();
  /** Files that were sent in a message and not received yet, with their device and inode, oldest first. */
  private inFlight: { readonly file: TracedFile; readonly key: string | undefined }[] = [];

  constructor(private readonly libc: Libc) {}

  private table(pid: number): Table {
    let table = this.tables.get(pid);
    if (table === undefined)
      this.tables.set(pid, (table = { own: new Map(), foreign: new Set(), mayHaveMore: false }));
    return table;
  }

  /** The files of a process, by descriptor. */
  of(pid: number): ReadonlyMap<number, TracedFile> {
    return this.table(pid).own;
  }

  /** A process begins with copies of its parent's descriptors. */
  forked(parent: number, pid: number): void {
    const { own, foreign, mayHaveMore } = this.table(parent);
    this.tables.set(pid, { own: new Map(own), foreign: new Set(foreign), mayHaveMore });
  }

  /** A process runs another program, which closes descriptors with close-on-exec. @returns the closed descriptors */
  executed(pid: number): number[] {
    const table = this.table(pid);
    table.foreign.clear();
    const there = new Set(numbersOf(pid));
    const lost = [...table.own.keys()].filter((fd) => !there.has(fd));
    for (const fd of lost) table.own.delete(fd);
    return lost;
  }

  ended(pid: number): void {
    this.tables.delete(pid);
  }

  /** True if a process has a file open, or the file is in a message. */
  isOpen(file: TracedFile): boolean {
    return (
      this.inFlight.some((each) => each.file === file) ||
      [...this.tables.values()].some(({ own }) => [...own.values()].includes(file))
    );
  }

  given(pid: number, fd: number, file: TracedFile): void {
    const table = this.table(pid);
    table.own.set(fd, file);
    table.foreign.delete(fd);
  }

  closed(pid: number, fd: number): void {
    const table = this.table(pid);
    table.own.delete(fd);
    table.foreign.delete(fd);
  }

  /** From now on a process may have descriptors that no traced call has opened. */
  mayHaveMore(pid: number): void {
    const table = this.table(pid);
    table.mayHaveMore = true;
    table.foreign.clear();
  }

  /** The file of iommufd or VFIO at a descriptor; undefined for other files. */
  find(pid: number, fd: number): TracedFile | undefined {
    const table = this.table(pid);
    const known = table.own.get(fd);
    if (known !== undefined || !table.mayHaveMore || table.foreign.has(fd)) return known;
    return this.lookUp(pid, fd);
  }

  /** Looks a descriptor up in `/proc`, even if it is known, and stores the result. */
  lookUp(pid: number, fd: number): TracedFile | undefined {
    const file = this.identify(pid, fd);
    if (file === undefined) {
      this.table(pid).foreign.add(fd);
      return undefined;
    }
    this.inFlight = this.inFlight.filter((each) => each.file !== file);
    this.given(pid, fd, file);
    return file;
  }

  /** True if a descriptor of a process is open. */
  isOpenAt(pid: number, fd: number): boolean {
    return linkOf(pid, fd) !== undefined;
  }

  /** Identifies the file of a descriptor by `/proc` and by comparison with the known files. */
  identify(pid: number, fd: number): TracedFile | undefined {
    const link = linkOf(pid, fd);
    if (link === undefined) return undefined;
    const sent = (): TracedFile | undefined => {
      if (this.inFlight.length === 0) return undefined;
      const key = this.keyOf(pid, fd);
      return this.inFlight.find((each) => each.key === key)?.file;
    };
    return this.known(pid, fd) ?? sent() ?? (isOwn(link) ? new TracedFile(link) : undefined);
  }

  /** A process has sent a file in a message. It may close the file before another process receives it. */
  sent(pid: number, fd: number): void {
    const file = this.find(pid, fd);
    if (file !== undefined) this.inFlight.push({ file, key: this.keyOf(pid, fd) });
  }

  private keyOf(pid: number, fd: number): string | undefined {
    const found = factsOf(this.libc, -1, `/proc/${pid}/fd/${fd}`);
    return found && keyOf(found);
  }

  /** The known file that a descriptor refers to. */
  private known(pid: number, fd: number): TracedFile | undefined {
    for (const [otherPid, { own }] of this.tables)
      for (const [otherFd, file] of own)
        if (this.libc.sameFile(pid, fd, otherPid, otherFd) === 0) return file;
    return undefined;
  }

  /** Looks up all descriptors of a process. @returns its files of iommufd and VFIO */
  lookUpAll(pid: number): ReadonlyMap<number, TracedFile> {
    for (const fd of numbersOf(pid)) if (!this.table(pid).own.has(fd)) this.lookUp(pid, fd);
    return this.of(pid);
  }
}

const isOwn = (link: string): boolean => NODE.test(link) || ANONYMOUS.test(link);

function linkOf(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** The open descriptors of a process; empty after its end. */
export function numbersOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
}
