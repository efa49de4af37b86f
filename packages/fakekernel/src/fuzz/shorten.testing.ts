/** Shortens a failing program. */

import { Round } from './round.testing.js';
import type { Step } from './step.testing.js';
import type { Setup } from './world.testing.js';

export interface Program {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** Runs a program. @returns its failure; undefined if it does not fail */
export async function failureOf({ setup, steps }: Program): Promise<unknown> {
  try {
    const round = new Round(setup);
    for (const step of steps) round.step(step);
    await round.end();
    return undefined;
  } catch (cause) {
    return cause;
  }
}

/** The message of a failure without its numbers, to recognize the same failure in another program. */
const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/0x[0-9a-f]+|\d+/g, '#') : String(cause);

/** Leaves out steps as long as the program still fails in the same way. */
export async function shorten({ setup, steps }: Program, failure: unknown): Promise<Program> {
  const wanted = kindOf(failure);
  let kept = [...steps];
  const tryWithout = async (at: number, count: number): Promise<void> => {
    const fewer = kept.toSpliced(at, count);
    const cause = await failureOf({ setup, steps: fewer });
    if (cause !== undefined && kindOf(cause) === wanted) kept = fewer;
  };
  for (let size = kept.length >> 1; size > 0; size >>= 1) {
    for (let at = kept.length - size; at > -size; at -= size) await tryWithout(Math.max(at, 0), size);
  }
  return { setup, steps: kept };
}
