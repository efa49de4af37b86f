/**
 * The processes of a tape, with their files. Before each call that is written, {@link RecordedProcesses.synchronize} brings the tape
 * to the files that the processes have by now. A file that none of them has for a while is kept by process 0.
 */

import type { Step } from '@iommufd/tape';
import { HOLDER, type Holding, RecordedFiles } from './recorded-files.js';

/** What the processes of a tape need of its recorder. */
export interface ProcessesOutput<File extends object> {
  write(steps: readonly Step[]): void;
  /** Something is not in the tape. */
  note(text: string): void;
  /** Does anything hold this file, be it no process of the tape? */
  isOpen(file: File): boolean;
}

/** A process, and what its numbers are now. */
export interface ProcessNow<File extends object> {
  readonly pid: number;
  /** Undefined if it has ended. */
  readonly now: ReadonlyMap<number, Holding<File>> | undefined;
}

/** Numbers of the standard files end here. */
const FIRST = 3;

/** @see the head of this file */
export class RecordedProcesses<File extends object> {
  readonly files: RecordedFiles<File>;
  private readonly pids = new Set<number>();
  private hasHolder = false;
  private readonly firstFd: number;

  /** @param firstFd files that the tape is about get numbers from here on */
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
    if (firstFd > FIRST) output.write([this.stepOf(pid, { op: 'occupy', fd: FIRST, to: firstFd - 1 })]);
    for (let fd = FIRST; fd < firstFd; fd++) files.given(pid, fd, { kind: 'reserved' });
  }

  private stepOf(pid: number, step: Step): Step {
    return pid === 1 ? step : { ...step, pid };
  }

  /** Brings the files of all processes of the tape to where they are. */
  synchronize(all: readonly ProcessNow<File>[]): void {
    const { files, output } = this;
    // What one process has got another may have lost since: first all that is there, then all that is not.
    for (const { pid, now } of all) {
      if (now === undefined) continue;
      for (const [fd, holding] of now) {
        if (holding.kind !== 'own') continue;
        this.keepOther(pid, fd, holding);
        if (files.put(pid, fd, holding)) continue;
        output.note(`file ${fd} of a process, which it has got from a program that is not recorded`);
      }
    }
    for (const { pid, now } of all) {
      if (now === undefined) this.end(pid);
      else this.drop(pid, now);
    }
    for (const { fd, file } of files.kept) if (!output.isOpen(file)) files.remove(HOLDER, fd);
  }

  /** A number is about to become something else: what it was lives on, if it is held elsewhere. */
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
      // Shared memory that was looked up once keeps its number as long as it is that.
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

  /** A number that files of the tape do not get is taken again. */
  private reserve(pid: number, fd: number): void {
    if (fd < FIRST || fd >= this.firstFd) return;
    this.output.write([this.stepOf(pid, { op: 'occupy', fd })]);
    this.files.given(pid, fd, { kind: 'reserved' });
  }

  private end(pid: number): void {
    for (const [fd, holding] of [...this.files.table(pid)])
      if (holding.kind === 'own') this.keepFile(pid, fd, holding.file);
    this.files.end(pid);
    this.pids.delete(pid);
  }

  /** Process 0 of the tape begins when it is first needed. */
  needHolder(): void {
    if (this.hasHolder) return;
    this.hasHolder = true;
    this.output.write([{ op: 'process', pid: HOLDER }]);
    this.files.begin(HOLDER);
  }
}
