/**
 * The processes of a tape, with their files. Before each recorded call, {@link RecordedProcesses.synchronize} updates the tape's
 * descriptors to those of the processes. Process 0 holds files that no process has for a while.
 */

import type { Step } from '@iommufd/tape';
import { HOLDER, type Holding, RecordedFiles } from './recorded-files.js';
import { ofProcess } from './of-process.js';

/** The recorder, as {@link RecordedProcesses} uses it. */
export interface ProcessesOutput<File extends object> {
  write(steps: readonly Step[]): void;
  /** Notes that the tape is incomplete. */
  note(text: string): void;
  /** True if this file is open, even if only outside the processes of the tape. */
  isOpen(file: File): boolean;
}

/** A process and its current descriptors. */
export interface ProcessNow<File extends object> {
  readonly pid: number;
  /** Undefined if it has ended. */
  readonly now: ReadonlyMap<number, Holding<File>> | undefined;
}

/** One beyond the descriptors of the standard files. */
const FIRST = 3;

/** @see the head of this file */
export class RecordedProcesses<File extends object> {
  readonly files: RecordedFiles<File>;
  private readonly pids = new Set<number>();
  private hasHolder = false;
  private readonly firstFd: number;

  /** @param firstFd the first descriptor that recorded files can have */
  constructor(
    private readonly output: ProcessesOutput<File>,
    firstFd: number,
  ) {
    this.files = new RecordedFiles((steps) => output.write(steps));
    this.firstFd = Math.max(FIRST, firstFd);
  }

  has(pid: number): boolean {
    return this.pids.has(pid);
  }

  /** A process begins. */
  begin(pid: number): void {
    const { files, firstFd, output } = this;
    this.pids.add(pid);
    files.begin(pid);
    if (firstFd > FIRST) output.write([ofProcess({ op: 'occupy', fd: FIRST, to: firstFd - 1 }, pid)]);
    for (let fd = FIRST; fd < firstFd; fd++) files.given(pid, fd, { kind: 'reserved' });
  }

  /** Updates the tape's descriptors of all processes. */
  synchronize(all: readonly ProcessNow<File>[]): void {
    const { files, output } = this;
    // A process may have got a file that another has closed since: first record all new descriptors, then all closed ones.
    for (const { pid, now } of all) {
      if (now === undefined) continue;
      for (const [fd, holding] of now) {
        if (holding.kind !== 'own') continue;
        this.keepOther(pid, fd, holding);
        if (files.put(pid, fd, holding)) continue;
        output.note(`file ${fd} of a process, which it has received from a program that is not recorded`);
      }
    }
    for (const { pid, now } of all) {
      if (now === undefined) this.end(pid);
      else this.drop(pid, now);
    }
    for (const { fd, file } of files.kept) if (!output.isOpen(file)) files.remove(HOLDER, fd);
  }

  /** Keeps the file at a descriptor that is about to change, if the file is still open elsewhere. */
  private keepOther(pid: number, fd: number, next: Holding<File> | undefined): void {
    const old = this.files.table(pid).get(fd);
    if (old?.kind === 'own' && !(next?.kind === 'own' && next.file === old.file))
      this.keepFile(pid, fd, old.file);
  }

  private keepFile(pid: number, fd: number, file: File): void {
    if (!this.output.isOpen(file)) return;
    this.needHolder();
    this.files.keep(pid, fd);
  }

  private drop(pid: number, now: ReadonlyMap<number, Holding<File>>): void {
    const { files } = this;
    for (const [fd, old] of [...files.table(pid)]) {
      const holding = now.get(fd);
      if (fd < FIRST || holding?.kind === 'own') continue;
      // Shared memory that was recorded once keeps its descriptor while it is open.
      if (holding === undefined) this.dropNumber(pid, fd, old);
    }
    for (const [fd, holding] of now) {
      if (fd < FIRST || holding.kind === 'own') continue;
      const old = files.table(pid).get(fd);
      if (old?.kind === 'reserved' || old?.kind === holding.kind) {
        if (old.kind !== 'memory' || (holding.kind === 'memory' && old.key === holding.key)) continue;
      }
      this.keepOther(pid, fd, holding);
      files.put(pid, fd, holding);
    }
  }

  private dropNumber(pid: number, fd: number, old: Holding<File>): void {
    if (old.kind === 'reserved') return;
    this.keepOther(pid, fd, undefined);
    this.files.remove(pid, fd);
    this.reserve(pid, fd);
  }

  /** Occupies a closed descriptor that recorded files cannot have. */
  private reserve(pid: number, fd: number): void {
    if (fd < FIRST || fd >= this.firstFd) return;
    this.output.write([ofProcess({ op: 'occupy', fd }, pid)]);
    this.files.given(pid, fd, { kind: 'reserved' });
  }

  private end(pid: number): void {
    for (const [fd, holding] of [...this.files.table(pid)])
      if (holding.kind === 'own') this.keepFile(pid, fd, holding.file);
    this.files.end(pid);
    this.pids.delete(pid);
  }

  /** Begins process 0, if it does not exist yet. */
  needHolder(): void {
    if (this.hasHolder) return;
    this.hasHolder = true;
    this.output.write([{ op: 'process', pid: HOLDER }]);
    this.files.begin(HOLDER);
  }
}
