/**
 * The file that a tape is written to. The head of a tape contains the number of calls, which is known only at the end: the head has
 * room for it. The tape of a program that is still running, or of a recorder that was killed, is readable. Its number of calls is 0.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Step, Tape } from '@iommufd/tape';

/** The characters that are gathered before they are written. */
const BATCH = 1 << 16;
/** The width of the number of calls in the head, in characters. */
const DIGITS = 12;

/** The head of a tape, without the number of calls. */
export type TapeHead = Omit<Tape, 'calls' | 'steps'>;

/** Thrown if an output file cannot be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';

  /** @param what the option and the file: `-o FILE` */
  constructor(what: string, cause: unknown) {
    super(`${what}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { cause });
  }
}

/** @see {@link Tape} */
export class TapeFile {
  private readonly fd: number;
  private lines: string[] = [];
  private length = 0;
  private calls = 0;
  private written = 0;
  private head: TapeHead | undefined;
  private isBroken = false;

  /**
   * @param failed called once, with an error that has an errno, if a write or the close fails, for example on a full disk. Later steps are
   * discarded
   * @throws what `openSync()` throws
   */
  constructor(
    path: string,
    private readonly failed: (error: unknown) => void,
  ) {
    this.fd = openSync(path, 'w');
  }

  /** Writes the head. */
  begin(head: TapeHead): void {
    this.head = head;
    this.line(this.headLine(head));
  }

  private headLine({ name, kernel, arch, ...others }: TapeHead): string {
    const text = JSON.stringify({ tape: 1, name, kernel, arch, ...others });
    return `${text.slice(0, -1)},"calls":${String(this.calls).padEnd(DIGITS)}}`;
  }

  /** Characters of the tape so far. Equal to its bytes if all names in it are ASCII. */
  get size(): number {
    return this.written;
  }

  private line(text: string): void {
    this.lines.push(text);
    this.length += text.length;
    this.written += text.length + 1;
    if (this.length >= BATCH) this.flush();
  }

  write(steps: readonly Step[]): void {
    for (const step of steps) {
      if ('ret' in step) this.calls++;
      this.line(JSON.stringify(step));
    }
  }

  private flush(): void {
    if (this.lines.length > 0) this.put(`${this.lines.join('\n')}\n`, null);
    this.lines = [];
    this.length = 0;
  }

  /** Writes all of a text: `write()` may write only a part of it if the disk is nearly full. */
  private put(text: string, position: number | null): void {
    if (this.isBroken) return;
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;)
        at += writeSync(this.fd, bytes, at, bytes.length - at, position === null ? null : position + at);
    } catch (error) {
      this.breaks(error);
    }
  }

  private breaks(error: unknown): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.failed(error);
  }

  close(): void {
    this.flush();
    if (this.head !== undefined) this.put(this.headLine(this.head), 0);
    try {
      closeSync(this.fd);
    } catch (error) {
      // `close()` reports what could not be written back before: EIO, EDQUOT, ENOSPC.
      this.breaks(error);
    }
  }
}
