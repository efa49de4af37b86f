/**
 * The file descriptors of the processes of a tape. Most of what a program does with them is not seen (`close()`, `dup2()`, a file that
 * is sent): before each call that is written, the tape is brought to where the processes are. Numbers that the program has for
 * other files are taken in the tape as well, so that new files get the same numbers.
 *
 * Process 0 of a tape is not of the program: it holds what the fake kernel has and no process of the program has at the moment, such
 * as a file that is on its way through a socket, and shared memory.
 */

import type { Step } from '@iommufd/tape';

/** The process that holds what no other has. */
export const HOLDER = 0;
/** The most numbers that a process of the replay has: `FdTable`. */
export const MOST_FILES = 1024;
/** A number that programs seldom get, for what a process has for the time of one step. */
export const LENT = MOST_FILES - 1;

/** What a number of a process is. @typeParam File an open file that the tape is about; two numbers may have the same */
export type Holding<File extends object> =
  | { readonly kind: 'own'; readonly file: File }
  /** Shared memory, or an eventfd, by its key. */
  | { readonly kind: 'memory'; readonly key: string }
  /** A file of the host's kernel. */
  | { readonly kind: 'foreign' }
  /** A number that the fake kernel does not give away. */
  | { readonly kind: 'reserved' };

/** A file and its number in a process of the tape. */
interface Place {
  readonly pid: number;
  readonly fd: number;
}

const isSame = <File extends object>(a: Holding<File> | undefined, b: Holding<File> | undefined): boolean =>
  a?.kind === b?.kind &&
  (a?.kind !== 'own' || (b?.kind === 'own' && a.file === b.file)) &&
  (a?.kind !== 'memory' || (b?.kind === 'memory' && a.key === b.key));

/** A file or memory that has places in the tape. */
type Held<File extends object> = File | string;

const heldOf = <File extends object>(holding: Holding<File> | undefined): Held<File> | undefined =>
  holding?.kind === 'own' ? holding.file : holding?.kind === 'memory' ? holding.key : undefined;

/** The tables of all processes of a tape. */
export class RecordedFiles<File extends object> {
  private readonly tables = new Map<number, Map<number, Holding<File>>>();
  private readonly places = new Map<Held<File>, Place[]>();

  /** @param write puts steps into the tape */
  constructor(private readonly write: (steps: readonly Step[]) => void) {}

  private step(pid: number, step: Step): void {
    this.write([pid === 1 ? step : { ...step, pid }]);
  }

  /** A process begins, whose standard files are taken. */
  begin(pid: number): void {
    this.tables.set(pid, new Map([0, 1, 2].map((fd) => [fd, { kind: 'foreign' }])));
  }

  table(pid: number): ReadonlyMap<number, Holding<File>> {
    return this.tables.get(pid) ?? new Map<number, Holding<File>>();
  }

  /** Has a process of the tape this file, or memory? */
  has(held: Held<File>): boolean {
    return this.places.has(held);
  }

  /** A number that a process has for a file. */
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

  /** A file that a step of the tape has just given a process. */
  given(pid: number, fd: number, holding: Holding<File>): void {
    this.set(pid, fd, holding);
  }

  /** The lowest number that a process of the tape has free. */
  lowestFree(pid: number): number {
    const table = this.table(pid);
    let fd = 0;
    while (table.has(fd)) fd++;
    return fd;
  }

  /**
   * Has a process get a number.
   * @returns false for a file that no process of the tape has
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

  /** Has a process lose a number. */
  remove(pid: number, fd: number): void {
    if (!this.table(pid).has(fd)) return;
    this.step(pid, { op: 'close', fd, ret: 0 });
    this.set(pid, fd, undefined);
  }

  /** Keeps what a process is about to lose with {@link HOLDER}, if that is the last place that it has. */
  keep(pid: number, fd: number): void {
    const holding = this.table(pid).get(fd);
    const held = heldOf(holding);
    if (holding === undefined || held === undefined || (this.places.get(held)?.length ?? 0) > 1) return;
    this.put(HOLDER, this.lowestFree(HOLDER), holding);
  }

  /** Files that {@link HOLDER} has. */
  get kept(): { readonly fd: number; readonly file: File }[] {
    return [...this.table(HOLDER)].flatMap(([fd, holding]) =>
      holding.kind === 'own' ? [{ fd, file: holding.file }] : [],
    );
  }

  /** A process has ended, and all that it had open is closed. */
  end(pid: number): void {
    for (const fd of [...this.table(pid).keys()]) this.set(pid, fd, undefined);
    this.step(pid, { op: 'exit' });
    this.tables.delete(pid);
  }

  /**
   * Takes all numbers below one, for the time of a call that gets it.
   * @returns gives them back
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
