/** A failing program with fewer steps. */

import { Round } from './round.testing.js';
import type { Step } from './step.testing.js';
import type { Setup } from './world.testing.js';

export interface Program {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** What went wrong; undefined if nothing did. */
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

/** What two failures have in common that are the same but for their numbers. */
const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/0x[0-9a-f]+|\d+/g, '#') : String(cause);

/** Leaves out steps as long as it fails in the same way. */
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
