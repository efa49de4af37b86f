/**
 * The bytes of a snapshot. A buffer is copied page by page, without its zero pages: a program's memory is often a large buffer of
 * which only a small part was used.
 */

/** The buffer of a view. */
export type BufferKind = ArrayBufferLike;

/** The kinds of views that a kernel holds. */
export const viewNames = ['Uint8Array', 'Uint32Array', 'Float64Array', 'DataView'] as const;

/** A non-zero part of a buffer. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Buffers up to this length are copied whole. */
const SMALL = 4096;
const PAGE = 4096;

export function isBuffer(value: object): value is BufferKind {
  const text = Object.prototype.toString.call(value);
  return text === '[object ArrayBuffer]' || text === '[object SharedArrayBuffer]';
}

/** Copies of the parts of a buffer that are not zero. */
export function* bytesOf(buffer: BufferKind): Generator<Piece> {
  if (buffer.byteLength <= SMALL) {
    const bytes = new Uint8Array(buffer);
    if (!isZero(bytes)) yield { start: 0, bytes: bytes.slice() };
    return;
  }
  for (let start = 0; start < buffer.byteLength; start += PAGE) {
    const length = Math.min(PAGE, buffer.byteLength - start);
    const bytes = new Uint8Array(buffer, start, length);
    if (!isZero(bytes)) yield { start, bytes: bytes.slice() };
  }
}

function isZero(bytes: Uint8Array): boolean {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = bytes.length & ~3; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Restores a buffer. @param values its length at index `at`, followed by the start and the bytes of each piece */
export function bufferOf(kind: string, values: readonly unknown[], at: number, end: number): BufferKind {
  const length = Number(values[at]);
  const buffer = kind === 'SharedArrayBuffer' ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  const bytes = new Uint8Array(buffer);
  for (let piece = at + 1; piece < end; piece += 2) {
    const copied = values[piece + 1];
    // `instanceof` does not recognize bytes of another realm.
    if (!ArrayBuffer.isView(copied))
      throw new TypeError('FakeKernel.restore: snapshot: a buffer without its bytes');
    const { buffer: from, byteOffset, byteLength } = copied;
    bytes.set(new Uint8Array(from, byteOffset, byteLength), Number(values[piece]));
  }
  return buffer;
}
