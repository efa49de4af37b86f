/** Prints the lines of traced calls to a file. It runs in another thread than the tracer. */

import { closeSync, openSync } from 'node:fs';
import { makeRing, StepReader } from './channel.js';
import { Lines } from './lines.js';
import { writeAll } from './write-all.js';

/** The most calls that one turn of the event loop prints. */
const MOST_AT_ONCE = 2000;
/** Time during which lines are gathered before they are written, in milliseconds. */
const PAUSE = 10;

/** @see the head of this file */
export class LineFile {
  /** The ring for the tracer. */
  readonly ring = makeRing();
  private readonly fd: number;
  private readonly reader: StepReader;
  private text = '';
  private timer: NodeJS.Timeout | undefined;
  /** True after a write has failed. Later calls are read and discarded, so that the tracer does not block at a full ring. */
  private isBroken = false;

  /**
   * @param head the text before the lines
   * @param failed called once if the file cannot be written
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

  /** Called by the tracer's thread if the ring contains steps: prints them soon. */
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

  /** Adds a text after the lines. */
  write(text: string): void {
    this.text += text;
  }

  private flush(): void {
    const { text } = this;
    this.text = '';
    if (text !== '' && !this.isBroken) writeAll(this.fd, text);
  }

  /** Prints the remaining steps. @throws what `writeSync()` does */
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
