/** A file that lines of traced calls are printed to, by another thread than the one that traces. */

import { closeSync, openSync } from 'node:fs';
import { makeRing, StepReader } from './channel.js';
import { Lines } from './lines.js';
import { writeAll } from './write-all.js';

/** Calls that are printed before the event loop goes on. */
const MOST_AT_ONCE = 2000;
/** Milliseconds until lines of calls that follow one another closely are printed together. */
const PAUSE = 10;

/** @see the head of this file */
export class LineFile {
  /** For the thread that traces. */
  readonly ring = makeRing();
  private readonly fd: number;
  private readonly reader: StepReader;
  private text = '';
  private timer: NodeJS.Timeout | undefined;
  /** It could not be written: what comes is discarded, so that the thread that traces does not wait for room. */
  private isBroken = false;

  /**
   * @param head what stands above the lines
   * @param failed called once, when the file cannot be written
   * @throws what `openSync()` does
   */
  constructor(
    path: string,
    head: string,
    private readonly failed: (error: Error) => void,
  ) {
    this.fd = openSync(path, 'w');
    this.text = head;
    const lines = new Lines({ write: (text) => (this.text += text), colour: false });
    this.reader = new StepReader(this.ring, (step) => lines.take(step));
  }

  /** There is something to print. */
  wake(): void {
    this.timer ??= setTimeout(() => this.print(), 0);
  }

  private print(): void {
    this.timer = undefined;
    const count = this.reader.read(MOST_AT_ONCE);
    try {
      this.flush();
    } catch (error) {
      this.isBroken = true;
      this.failed(error instanceof Error ? error : new Error(String(error)));
    }
    if (count === 0 && this.reader.wait()) return;
    this.timer = setTimeout(() => this.print(), count === MOST_AT_ONCE ? 0 : PAUSE);
  }

  /** A text behind the lines. */
  write(text: string): void {
    this.text += text;
  }

  private flush(): void {
    const { text } = this;
    this.text = '';
    if (text !== '' && !this.isBroken) writeAll(this.fd, text);
  }

  /** Prints what is left. @throws what `writeSync()` does */
  close(): void {
    clearTimeout(this.timer);
    try {
      while (this.reader.read(MOST_AT_ONCE) > 0) this.flush();
      this.flush();
    } finally {
      closeSync(this.fd);
    }
  }
}
