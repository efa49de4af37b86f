import type { AbortSignalLike } from '@iommufd/uapi';

/** What every host of JavaScript has of it, and ECMAScript does not. */
declare const AbortController: new () => { readonly signal: AbortSignalLike; abort(): void };

/** Waits for something, which end when it goes. */
export class Waits {
  private readonly ends = new Set<() => void>();

  /** @returns what takes it back */
  add(end: () => void): () => void {
    this.ends.add(end);
    return () => this.ends.delete(end);
  }

  endAll(): void {
    for (const end of [...this.ends]) end();
  }
}

/** Runs `wait` with a signal that is aborted when `signal` is, or when one of those goes that are waited for. */
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
