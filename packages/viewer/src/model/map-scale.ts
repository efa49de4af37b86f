/**
 * How an address space of 64 bits is drawn: cut at every address where something begins or ends, each piece as wide as the logarithm
 * of its length. What is adjacent stays adjacent, and a page is seen beside a hole of exabytes.
 */

/** IOVAs from the first to the last. */
interface Span {
  readonly start: bigint;
  readonly last: bigint;
}

const END = 1n << 64n;

/** A scale over the address space. */
export interface MapScale {
  /** The addresses at which pieces begin, in order; the last is the end of the space. */
  readonly cuts: readonly bigint[];
  /** Where an address is, from 0 to 1. */
  at(address: bigint): number;
}

/** Makes a scale. @param spans what is drawn @param full spans whose pieces get more room: what is mapped */
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
