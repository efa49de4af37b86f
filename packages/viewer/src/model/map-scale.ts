/**
 * The scale of a drawing of a 64-bit address space. The space is cut at every address where a range begins or ends, and
 * the width of each piece is the logarithm of its length. Adjacent ranges stay adjacent, and a page is visible beside a
 * hole of exabytes.
 */

/** IOVAs from the first to the last. */
interface Span {
  readonly start: bigint;
  readonly last: bigint;
}

const END = 1n << 64n;

/** A scale over the address space. */
export interface MapScale {
  /** The start addresses of the pieces, in order; the last element is the end of the space. */
  readonly cuts: readonly bigint[];
  /** The position of an address, from 0 to 1. */
  at(address: bigint): number;
}

/** Creates a scale. @param spans the drawn ranges @param full ranges whose pieces get more room: the mapped ones */
export function mapScale(spans: readonly Span[], full: readonly Span[]): MapScale {
  const all = new Set([0n, END, ...[...spans, ...full].flatMap(({ start, last }) => [start, last + 1n])]);
  const cuts = [...all].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const starts = new Set(full.map(({ start }) => start));
  const places: number[] = [0];
  for (const [i, start] of cuts.entries()) {
    const end = cuts[i + 1];
    if (end === undefined) break;
    const bits = (end - start).toString(2).length;
    places.push((places.at(-1) ?? 0) + (starts.has(start) ? 14 + bits : 4 + bits / 4));
  }
  const whole = places.at(-1) ?? 1;
  return {
    cuts,
    at: (address) => {
      let i = cuts.findLastIndex((cut) => cut <= address);
      if (i === cuts.length - 1) i--;
      const start = cuts[i] ?? 0n;
      const end = cuts[i + 1] ?? END;
      const from = places[i] ?? 0;
      const to = places[i + 1] ?? whole;
      return (from + ((to - from) * Number(address - start)) / Number(end - start)) / whole;
    },
  };
}
