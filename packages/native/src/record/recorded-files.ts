/**
 * The file descriptors of the processes of a tape. Most calls that change them are not observed (`close()`, `dup2()`, a file in a
 * message). So before each recorded call, the tape's descriptors are updated to those of the processes. Descriptors of other files
 * are occupied in the tape as well, so that new files get the same descriptors in a replay.
 *
 * Process 0 of a tape does not exist in the run. It holds shared memory, and files that no process of the run has at the moment, such
 * as a file in a message.
 */

import type { Step } from '@iommufd/tape';
import { ofProcess } from './of-process.js';

/** The process that holds files that no other process has. */
export const HOLDER = 0;
/** The most descriptors of a process in a replay: `FdTable`. */
export const MOST_FILES = 1024;
/** A descriptor that programs seldom use, for files that a process has only during one step. */
export const LENT = MOST_FILES - 1;

/** The file at a descriptor. @typeParam File a recorded open file. Two descriptors may have the same */
export type Holding<File extends object> =
  | { readonly kind: 'own'; readonly file: File }
  /** Shared memory or an eventfd, by its key. */
  | { readonly kind: 'memory'; readonly key: string }
  /** A file of the host's kernel. */
  | { readonly kind: 'foreign' }
  /** A descriptor below the window of the fake kernel's files. */
  | { readonly kind: 'reserved' };

/** A descriptor of a process of the tape. */
interface Place {
  readonly pid: number;
  readonly fd: number;
}

const isSame = <File extends object>(a: Holding<File> | undefined, b: Holding<File> | undefined): boolean =>
  a?.kind === b?.kind &&
  (a?.kind !== 'own' || (b?.kind === 'own' && a.file === b.file)) &&
  (a?.kind !== 'memory' || (b?.kind === 'memory' && a.key === b.key));

/** A recorded file, or the key of shared memory or an eventfd. */
type Held<File extends object> = File | string;

const heldOf = <File extends object>(holding: Holding<File> | undefined): Held<File> | undefined =>
  holding?.kind === 'own' ? holding.file : holding?.kind === 'memory' ? holding.key : undefined;

/** The descriptor tables of all processes of a tape. */
export class RecordedFiles<File extends object> {
  private readonly tables = new Map<number, Map<number, Holding<File>>>();
  private readonly places = new Map<Held<File>, Place[]>();

  /** @param write adds steps to the tape */
  constructor(private readonly write: (steps: readonly Step[]) => void) {}

  private step(pid: number, step: Step): void {
    this.write([ofProcess(step, pid)]);
  }

  /** A process begins, with its standard files. */
  begin(pid: number): void {
    this.tables.set(pid, new Map([0, 1, 2].map((fd) => [fd, { kind: 'foreign' }])));
  }

  table(pid: number): ReadonlyMap<number, Holding<File>> {
    return this.tables.get(pid) ?? new Map<number, Holding<File>>();
  }

  /** True if a process of the tape has this file or memory. */
  has(held: Held<File>): boolean {
    return this.places.has(held);
  }

  /** A descriptor of a process for a file; undefined if it has none. */
  numberOf(pid: number, held: Held<File>): number | undefined {
    return this.places.get(held)?.find((place) => place.pid === pid)?.fd;
  }

  private set(pid: number, fd: number, holding: Holding<File> | undefined): void {
    const table = this.tables.get(pid);
    if (table === undefined) return;
    const old = heldOf(table.get(fd));
    if (old !== undefined) {
      const left = (this.places.get(old) ?? []).filter((place) => place.pid !== pid || place.fd !== fd);
      if (left.length > 0) this.places.set(old, left);
      else this.places.delete(old);
    }
    if (holding === undefined) table.delete(fd);
    else table.set(fd, holding);
    const held = heldOf(holding);
    if (held !== undefined) this.places.set(held, [...(this.places.get(held) ?? []), { pid, fd }]);
  }

  /** A step of the tape has just opened a file at a descriptor. */
  given(pid: number, fd: number, holding: Holding<File>): void {
    this.set(pid, fd, holding);
  }

  /** The lowest free descriptor of a process of the tape. */
  lowestFree(pid: number): number {
    const table = this.table(pid);
    let fd = 0;
    while (table.has(fd)) fd++;
    return fd;
  }

  /**
   * Records steps after which a process has a file at a descriptor.
   * @returns false if no process of the tape has the file, so that it cannot be duplicated
   */
  put(pid: number, fd: number, holding: Holding<File>): boolean {
    if (isSame(this.table(pid).get(fd), holding)) return true;
    const held = heldOf(holding);
    if (held !== undefined) {
      const places = this.places.get(held) ?? [];
      const from = places.find((place) => place.pid === pid) ?? places[0];
      if (from === undefined) return false;
      const of = from.pid === pid ? {} : { of: from.pid };
      this.step(pid, { op: 'dup', fd: from.fd, ...of, to: fd, ret: fd });
    } else if (this.table(pid).get(fd)?.kind !== 'foreign') {
      this.remove(pid, fd);
      this.step(pid, { op: 'occupy', fd });
    }
    this.set(pid, fd, holding);
    return true;
  }

  /** Records that all descriptors of a file or of shared memory are closed. */
  removeAll(held: Held<File>): void {
    for (const { pid, fd } of this.places.get(held) ?? []) this.remove(pid, fd);
  }

  /** Records that a descriptor is closed. */
  remove(pid: number, fd: number): void {
    if (!this.table(pid).has(fd)) return;
    this.step(pid, { op: 'close', fd, ret: 0 });
    this.set(pid, fd, undefined);
  }

  /** Duplicates a file that a process is about to lose to {@link HOLDER}, if this is its last descriptor. */
  keep(pid: number, fd: number): void {
    const holding = this.table(pid).get(fd);
    const held = heldOf(holding);
    if (holding === undefined || held === undefined || (this.places.get(held)?.length ?? 0) > 1) return;
    this.put(HOLDER, this.lowestFree(HOLDER), holding);
  }

  /** The files of {@link HOLDER}. */
  get kept(): { readonly fd: number; readonly file: File }[] {
    return [...this.table(HOLDER)].flatMap(([fd, holding]) =>
      holding.kind === 'own' ? [{ fd, file: holding.file }] : [],
    );
  }

  /** A process has ended, which closes its files. */
  end(pid: number): void {
    for (const fd of [...this.table(pid).keys()]) this.set(pid, fd, undefined);
    this.step(pid, { op: 'exit' });
    this.tables.delete(pid);
  }

  /**
   * Occupies all free descriptors below one, so that the next new file gets that one.
   * @returns a function that closes them again
   */
  takeBelow(pid: number, number: number): () => void {
    const taken: number[] = [];
    for (let fd = 0; fd < number; fd++) if (!this.table(pid).has(fd)) taken.push(fd);
    for (const fd of taken) this.step(pid, { op: 'occupy', fd });
    return () => {
      for (const fd of taken) this.step(pid, { op: 'close', fd, ret: 0 });
    };
  }
}
