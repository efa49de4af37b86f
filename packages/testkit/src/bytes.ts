/** Bytes that differ from each other and from those of another seed. */
export const pattern = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);

/** Where bytes differ; undefined if they do not. (Jest takes its time to compare long ones.) */
export function firstDifference(found: Uint8Array, expected: Uint8Array): number | undefined {
  if (Buffer.compare(found, expected) === 0) return undefined;
  const index = expected.findIndex((byte, i) => byte !== found[i]);
  return index === -1 ? expected.length : index;
}
