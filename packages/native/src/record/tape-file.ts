/**
 * The file that a tape is written to. A tape begins with its head, which says how many calls there are; that is known at the end, so
 * that room is left for it. A tape whose program is still running, or whose recorder was killed, can be read: it says 0.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Step, Tape } from '@iommufd/tape';

/** Bytes that are gathered before they are written. */
const BATCH = 1 << 16;
/** Room for the number of calls. */
const DIGITS = 12;

/** What a tape begins with. */
export type TapeHead = Omit<Tape, 'calls' | 'steps'>;

/** A file that is written to cannot be written. */
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
   * @param failed called once, with an errno, when it cannot be written, as on a full disk: what comes after that is discarded
   * @throws what `openSync()` does
   */
  constructor(
    path: string,
    private readonly failed: (error: unknown) => void,
  ) {
    this.fd = openSync(path, 'w');
  }

  /** Begins the tape. */
  begin(head: TapeHead): void {
    this.head = head;
    this.line(this.headLine(head));
  }

  private headLine({ name, kernel, arch, ...others }: TapeHead): string {
    const text = JSON.stringify({ tape: 1, name, kernel, arch, ...others });
    return `${text.slice(0, -1)},"calls":${String(this.calls).padEnd(DIGITS)}}`;
  }

  /** Characters of the tape so far: its bytes, where all names in it are of ASCII. */
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

  /** Writes all of a text: a disk that is nearly full takes a part of it. */
  private put(text: string, position: number | null): void {
    if (this.isBroken) return;
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;)
        at += writeSync(this.fd, bytes, at, bytes.length - at, position === null ? null : position + at);
    } catch (error) {
      this.isBroken = true;
      this.failed(error);
    }
  }

  close(): void {
    this.flush();
    if (this.head !== undefined) this.put(this.headLine(this.head), 0);
    closeSync(this.fd);
  }
}
