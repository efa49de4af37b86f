/** Asynchronous iteration over the items that arrive in a file: events of a queue, values of an eventfd, interrupts. */
import { Waits } from './waits.js';
import type { WaitOptions } from './wait.js';

/** A source of items. */
export interface Arrivals<T> {
  /** Returns true if the file was closed, which ends the iteration. */
  isOver(): boolean;
  /** Removes and returns the next item that has been read; undefined if the list is empty. */
  take(): T | undefined;
  /** Reads the available items from the file, without waiting. */
  fill(): void;
  /** Waits until the file has items, unless some have been read already. @param also further waits that can end this one */
  wait(options: WaitOptions, also: Waits): Promise<unknown>;
}

/**
 * Iterates until the file is closed or `signal` is aborted. If `next()` is called before the last call has its result, the calls are
 * served in order. Ending the iteration ends its wait.
 */
export function iterate<T>(
  of: Arrivals<T>,
  { signal, ref }: Pick<WaitOptions, 'signal' | 'ref'>,
): AsyncIterableIterator<T> {
  let ended = false;
  const ownWaits = new Waits();
  /** The last pending `next()`: later calls are served after it. */
  let pending: Promise<unknown> | undefined;
  const done: IteratorResult<T> = { done: true, value: undefined };
  const isOver = (): boolean => ended || of.isOver() || signal?.aborted === true;
  const nextAfterWait = async (before: Promise<unknown> | undefined): Promise<IteratorResult<T>> => {
    // The result or failure of an earlier `next()` belongs to its own caller.
    await before?.catch(() => undefined);
    while (!isOver()) {
      const item = of.take();
      if (item !== undefined) return { done: false, value: item };
      of.fill();
      await of.wait({ signal, ref }, ownWaits);
    }
    return done;
  };
  const next = (): Promise<IteratorResult<T>> => {
    if (isOver()) return Promise.resolve(done);
    const item = pending === undefined ? of.take() : undefined;
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    const result = nextAfterWait(pending);
    pending = result;
    const settle = (): void => {
      if (pending === result) pending = undefined;
    };
    result.then(settle, settle);
    return result;
  };
  return {
    next,
    return: () => {
      ended = true;
      ownWaits.endAll();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
