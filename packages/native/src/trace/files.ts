/**
 * The files of iommufd and VFIO that traced processes have, by their numbers: whose numbers they are is followed from call to call.
 * A number that came by another way (a message, an attachment in the middle) is looked up in `/proc`, and compared with the files
 * that are known (`kcmp()`).
 */

import { readdirSync, readlinkSync } from 'node:fs';
import type { Libc } from '../linux/libc.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';

/** An open file of iommufd or VFIO. Copies of a number are the same one. */
export class TracedFile {
  /** @param path of its node, or what `/proc` says of a file without one; undefined if it is not known */
  constructor(readonly path: string | undefined) {}
}

/** The nodes, and what `anon_inode_getfile()` of iommufd and VFIO is called with. */
const NODE = /^\/dev\/(iommu|vfio\/.+)$/;
const ANONYMOUS =
  /^anon_inode:(\[iommufd-pgfault\]|\[iommufd-viommu-event\]|\[iommufd_test_staccess\]|\[vfio-device\]|vfio_mig)$/;

/** Is this the path of a node of iommufd or VFIO? */
export const isNode = (path: string): boolean => NODE.test(path);

interface Table {
  readonly own: Map<number, TracedFile>;
  /** Numbers that were looked up, and are of other files. */
  readonly foreign: Set<number>;
  /** It may have numbers that no call has given it. */
  mayHaveMore: boolean;
}

/** The files of all processes. */
export class TracedFiles {
  private readonly tables = new Map<number, Table>();
  /** Files that are on their way in a message, with what tells them from others: those sent first come first. */
  private inFlight: { readonly file: TracedFile; readonly key: string | undefined }[] = [];

  constructor(private readonly libc: Libc) {}

  private table(pid: number): Table {
    let table = this.tables.get(pid);
    if (table === undefined)
      this.tables.set(pid, (table = { own: new Map(), foreign: new Set(), mayHaveMore: false }));
    return table;
  }

  /** The files of a process, by number. */
  of(pid: number): ReadonlyMap<number, TracedFile> {
    return this.table(pid).own;
  }

  /** A process begins with the files of another one. */
  forked(parent: number, pid: number): void {
    const { own, foreign, mayHaveMore } = this.table(parent);
    this.tables.set(pid, { own: new Map(own), foreign: new Set(foreign), mayHaveMore });
  }

  /** A process runs another program: what was to be closed then is closed. @returns numbers that it has lost */
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

  /** Has any process a file, or may it get it by a message? */
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

  /** From now on a process may have numbers that no call has given it. */
  mayHaveMore(pid: number): void {
    const table = this.table(pid);
    table.mayHaveMore = true;
    table.foreign.clear();
  }

  /** The file of a number, if it is one of these. */
  find(pid: number, fd: number): TracedFile | undefined {
    const table = this.table(pid);
    const known = table.own.get(fd);
    if (known !== undefined || !table.mayHaveMore || table.foreign.has(fd)) return known;
    return this.lookUp(pid, fd);
  }

  /** Looks a number up, whatever is known of it, and remembers what it is. */
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

  /** Is a number of a process open? */
  isOpenAt(pid: number, fd: number): boolean {
    return linkOf(pid, fd) !== undefined;
  }

  /** What a number is by `/proc`, and by comparison with the files that are known. */
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

  /** A process has sent a file to another one, which may have it only after this one has closed it. */
  sent(pid: number, fd: number): void {
    const file = this.find(pid, fd);
    if (file !== undefined) this.inFlight.push({ file, key: this.keyOf(pid, fd) });
  }

  private keyOf(pid: number, fd: number): string | undefined {
    const found = factsOf(this.libc, -1, `/proc/${pid}/fd/${fd}`);
    return found && keyOf(found);
  }

  /** A known file that a number is a copy of. */
  private known(pid: number, fd: number): TracedFile | undefined {
    for (const [otherPid, { own }] of this.tables)
      for (const [otherFd, file] of own)
        if (this.libc.sameFile(pid, fd, otherPid, otherFd) === 0) return file;
    return undefined;
  }

  /** Looks up all numbers of a process. @returns the files that it has */
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

/** The numbers of a process that are open; none after its end. */
export function numbersOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
}
