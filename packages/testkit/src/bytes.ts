/** A sequence of bytes whose neighbours differ, and which depends on the seed. */
export const pattern = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);

/** The index of the first byte that differs; undefined if the bytes are equal. For long arrays this is much faster than Jest. */
export function firstDifference(found: Uint8Array, expected: Uint8Array): number | undefined {
  if (Buffer.compare(found, expected) === 0) return undefined;
  const index = expected.findIndex((byte, i) => byte !== found[i]);
  return index === -1 ? expected.length : index;
}
