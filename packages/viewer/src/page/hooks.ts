/** Hooks of the panels. */
import { useEffect, useState } from 'preact/hooks';

/**
 * The result of an asynchronous request. While a new one is pending, the last result is returned.
 * @param ask makes the request; undefined for none
 * @param of the values that the request depends on
 */
export function useAnswer<T>(ask: (() => Promise<T>) | undefined, of: readonly unknown[]): T | undefined {
  const [answer, setAnswer] = useState<T>();
  useEffect(() => {
    let isCurrent = true;
    if (ask === undefined) setAnswer(undefined);
    else
      ask().then(
        (value) => isCurrent && setAnswer(value),
        // The request was for something that is no longer shown.
        () => isCurrent && setAnswer(undefined),
      );
    return () => void (isCurrent = false);
  }, of);
  return answer;
}

/** Like {@link useAnswer}, but undefined while a new request is pending: for values that the user exports. */
export function useFreshAnswer<T>(
  ask: (() => Promise<T>) | undefined,
  of: readonly unknown[],
): T | undefined {
  const answer = useAnswer(ask === undefined ? undefined : async () => ({ of, value: await ask() }), of);
  const isFresh = answer !== undefined && answer.of.every((each, i) => each === of[i]);
  return isFresh ? answer.value : undefined;
}

/** The state of the page in the fragment of its address. */
export interface PageState {
  readonly document: string;
  readonly call: number;
  readonly tab: string;
}

/** Reads the state from a fragment. */
export function pageStateIn(hash: string): Partial<PageState> {
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

/** Writes the state to the address, without an entry in the browser's history. */
export function writePageState({ document: tape, call, tab }: PageState): void {
  const words = new URLSearchParams({ tape, call: String(call), tab });
  history.replaceState(null, '', `#${words.toString()}`);
}
