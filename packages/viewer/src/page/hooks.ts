/** Hooks that the panels share. */
import { useEffect, useState } from 'preact/hooks';

/**
 * What a promise comes to. While another is on its way, the last answer stays.
 * @param ask asks; undefined for nothing to ask
 * @param of what the question depends on
 */
export function useAnswer<T>(ask: (() => Promise<T>) | undefined, of: readonly unknown[]): T | undefined {
  const [answer, setAnswer] = useState<T>();
  useEffect(() => {
    let isCurrent = true;
    if (ask === undefined) setAnswer(undefined);
    else
      ask().then(
        (value) => isCurrent && setAnswer(value),
        // A question about something that is no longer shown.
        () => isCurrent && setAnswer(undefined),
      );
    return () => void (isCurrent = false);
  }, of);
  return answer;
}

/** The same, but nothing while another answer is on its way: for what is taken from the page. */
export function useFreshAnswer<T>(
  ask: (() => Promise<T>) | undefined,
  of: readonly unknown[],
): T | undefined {
  const answer = useAnswer(ask === undefined ? undefined : async () => ({ of, value: await ask() }), of);
  const isFresh = answer !== undefined && answer.of.every((each, i) => each === of[i]);
  return isFresh ? answer.value : undefined;
}

/** Where the page is: what its address says behind the #. */
export interface Place {
  readonly document: string;
  readonly call: number;
  readonly tab: string;
}

/** Reads the place from the address. */
export function placeOf(hash: string): Partial<Place> {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const call = Number(words.get('call') ?? Number.NaN);
  const tape = words.get('tape');
  const tab = words.get('tab');
  return {
    ...(tape !== null && { document: tape }),
    ...(Number.isInteger(call) && call >= 0 && { call }),
    ...(tab !== null && { tab }),
  };
}

/** Writes it there, without adding to the browser's history. */
export function writePlace({ document: tape, call, tab }: Place): void {
  const words = new URLSearchParams({ tape, call: String(call), tab });
  history.replaceState(null, '', `#${words.toString()}`);
}
