/** Numbers of 32 bits, always the same ones for a seed (mulberry32). */
export function randomU32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A number of 64 bits. */
export function u64Of(next: () => number): bigint {
  return (BigInt(next()) << 32n) | BigInt(next());
}
