/**
 * Buffers for copies between this process and others. A transfer ends before the next one begins, so all transfers share them. They
 * have fixed addresses, unlike small buffers of JavaScript.
 */

import { addressOf } from '../linux/libc.js';

/** The bytes of a large transfer that one system call copies. */
export const CHUNK = 1 << 20;
export const chunk = Buffer.alloc(CHUNK);

/** The bytes of arguments and results that one system call copies. */
export const SCRATCH = 1 << 16;
export const scratch = Buffer.alloc(SCRATCH);
export const scratchAddress = addressOf(scratch);
const scratchBytes = new Uint8Array(scratch.buffer, scratch.byteOffset, SCRATCH);

/** Copies the first bytes of {@link scratch}. */
export const scratched = (length: number): Uint8Array => scratchBytes.slice(0, length);

/**
 * Copies bytes in chunks.
 * @param move copies a chunk, and returns the number of bytes copied
 * @returns the number of bytes copied, up to the first that cannot be copied
 */
export function inChunks(length: number, move: (done: number, count: number) => number): number {
  let done = 0;
  while (done < length) {
    const moved = move(done, Math.min(CHUNK, length - done));
    if (moved <= 0) break;
    done += moved;
  }
  return done;
}

/** `pread()` of any length. @returns the number of bytes read, up to the first that cannot be read */
export function readInChunks(
  pread: (into: Uint8Array, count: number, position: number) => number,
  position: number,
  into: Uint8Array,
): number {
  return inChunks(into.length, (done, count) => {
    const got = pread(chunk, count, position + done);
    if (got > 0) into.set(chunk.subarray(0, got), done);
    return got;
  });
}

/** `pwrite()` of any length. @returns the number of bytes written, up to the first that cannot be written */
export function writeInChunks(
  pwrite: (bytes: Uint8Array, count: number, position: number) => number,
  position: number,
  bytes: Uint8Array,
): number {
  return inChunks(bytes.length, (done, count) => {
    chunk.set(bytes.subarray(done, done + count));
    return pwrite(chunk, count, position + done);
  });
}
