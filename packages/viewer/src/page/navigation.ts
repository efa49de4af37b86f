/** The selected call, and the moves to others: by rows of the filtered list, or to the next error, loss or difference. */
import { useCallback, useRef, useState } from 'preact/hooks';
import type { Client } from './client.js';

/** The selected call. */
export interface Navigation {
  /** Index of the selected call. */
  readonly index: number;
  /** Selects a call, within the rows that are read. */
  go(to: number): void;
  /** Selects a call, which may not be read yet. */
  setIndex(to: number): void;
  /** Moves by `rows` of the filtered rows. */
  step(rows: number): void;
  /** Moves to the next row of a kind, or with -1 to the previous one. */
  seek(kind: 'failed' | 'lost' | 'different', direction: 1 | -1): void;
}

/**
 * @param rows number of rows that are read
 * @param count number of rows that the filter shows
 */
export function useNavigation(client: Client, rows: number, count: number): Navigation {
  const [index, setIndex] = useState(0);
  const go = useCallback((to: number) => setIndex(Math.max(0, Math.min(to, Math.max(0, rows - 1)))), [rows]);
  // Keys may arrive faster than answers: each step starts at the result of the step before it.
  const latest = useRef({ index, count, moves: Promise.resolve() });
  latest.current.index = index;
  latest.current.count = count;
  const move = useCallback((find: (from: number) => Promise<number | undefined>) => {
    const { current } = latest;
    current.moves = current.moves.then(async () => {
      const found = await find(current.index);
      if (found === undefined) return;
      current.index = found;
      setIndex(found);
    });
  }, []);
  const step = useCallback((rows: number) => {
    move(async (from) => {
      const last = latest.current.count - 1;
      const position = Math.max(0, Math.min(last, (await client.positionOf(from)) + rows));
      const [row] = await client.page(position, position + 1);
      return row?.index;
    });
  }, []);
  const seek = useCallback((kind: 'failed' | 'lost' | 'different', direction: 1 | -1) => {
    move((from) => client.seek(from, direction, kind));
  }, []);
  return { index, go, setIndex, step, seek };
}
