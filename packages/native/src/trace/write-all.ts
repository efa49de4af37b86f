/** Writes text to files that may be pipes. */

import { writeSync } from 'node:fs';

const STDERR = 2;

/** Milliseconds between two attempts to write to a full pipe. */
const RETRY_INTERVAL = 5;

/** Writes all of a text. It waits if a pipe is full, even if the program has made it non-blocking. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL);
    }
  }
}

/** Prints lines on standard error. They are lost if the reader has closed the pipe: the program that is traced goes on. */
export function printLines(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
