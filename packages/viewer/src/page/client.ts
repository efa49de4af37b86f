/** The page's side of the worker: each method of the worker as a function that returns a promise of its result. */
import type { Message, Methods, Question } from '../worker.js';

/** The methods of the worker, as promises. */
export type Client = {
  readonly [Name in keyof Methods]: (
    ...args: Parameters<Methods[Name]>
  ) => Promise<Awaited<ReturnType<Methods[Name]>>>;
};

type ProgressMessage = Extract<Message, { readonly kind: 'progress' }>;

/** A URL of the worker's source, which is embedded in the page as text. */
function workerUrl(): string {
  const source = document.getElementById('worker')?.textContent ?? '';
  return URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
}

/**
 * Starts the worker.
 * @param onProgress called with the progress of its work
 * @param onProblem called with the reason if its work ends early
 */
export function connect(
  onProgress: (message: ProgressMessage) => void,
  onProblem: (message: string) => void,
): Client {
  const worker = new Worker(workerUrl());
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<Message>): void => {
    if (data.kind === 'progress') {
      onProgress(data);
      return;
    }
    if (data.kind === 'problem') {
      onProblem(data.message);
      return;
    }
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === 'answer') asked?.resolve(data.value);
    else asked?.reject(new Error(data.message));
  };
  const ask = (method: keyof Methods, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      const question: Question = { id, method, args };
      worker.postMessage(question);
    });
  // Each property is the method of that name, with the worker's types.
  return new Proxy(
    {},
    {
      get:
        (_, method: keyof Methods) =>
        (...args: unknown[]) =>
          ask(method, args),
    },
  ) as Client;
}
