/**
 * Buffers that bytes pass through on their way between this process and others. Every transfer is over before the next one begins, so
 * that all share them; and they are not moved, as small buffers of JavaScript may be.
 */

import { addressOf } from '../linux/libc.js';

/** Bytes of large transfers that go through one system call. */
export const CHUNK = 1 << 20;
export const chunk = Buffer.alloc(CHUNK);

/** Bytes of arguments and answers that are copied with one system call. */
export const SCRATCH = 1 << 16;
export const scratch = Buffer.alloc(SCRATCH);
export const scratchAddress = addressOf(scratch);
const scratchBytes = new Uint8Array(scratch.buffer, scratch.byteOffset, SCRATCH);

/** A copy of what is at the beginning of {@link scratch}. */
export const scratched = (length: number): Uint8Array => scratchBytes.slice(0, length);

/** Moves bytes in chunks. @param move @returns how many it moved, up to the first that cannot be moved */
export function inChunks(length: number, move: (done: number, count: number) => number): number {
  let done = 0;
  while (done < length) {
    const moved = move(done, Math.min(CHUNK, length - done));
    if (moved <= 0) break;
    done += moved;
  }
  return done;
}

/** `pread()` of any length. @returns bytes up to the first that cannot be read */
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

/** `pwrite()` of any length, likewise. */
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
