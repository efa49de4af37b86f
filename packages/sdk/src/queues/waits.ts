import type { AbortSignalLike } from '@iommufd/uapi';

/** A global of every JavaScript host that is not part of ECMAScript. */
declare const AbortController: new () => { readonly signal: AbortSignalLike; abort(): void };

/** Pending waits, cancelled when their object closes. */
export class Waits {
  private readonly ends = new Set<() => void>();

  /** Adds a wait. @param end cancels it @returns removes it */
  add(end: () => void): () => void {
    this.ends.add(end);
    return () => this.ends.delete(end);
  }

  endAll(): void {
    for (const end of [...this.ends]) end();
  }
}

/** Runs `wait` with a signal that is aborted when `signal` is, or when the waits of an object in `of` are cancelled. */
export async function untilGone<T>(
  of: readonly Waits[],
  signal: AbortSignalLike | undefined,
  wait: (either: AbortSignalLike) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end, { once: true });
  const undo = of.map((waits) => waits.add(end));
  try {
    return await wait(controller.signal);
  } finally {
    for (const step of undo) step();
    signal?.removeEventListener('abort', end);
  }
}
