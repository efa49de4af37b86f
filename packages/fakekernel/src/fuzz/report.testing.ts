/** The report of a failure: its message, the steps that lead to it, and its stack. */

import { askedBy } from './asked.testing.js';
import { Round } from './round.testing.js';
import { show } from './show.testing.js';
import { type Program, shorten } from './shorten.testing.js';

/** The largest number of steps that are printed. */
const MOST_STEPS = 40;
/** The largest number of stack frames that are printed. */
const MOST_FRAMES = 6;

/** Shortens a failing program. @returns the report of the shortened program */
export async function report(program: Program, failure: unknown): Promise<string> {
  const { setup, steps } = await shorten(program, failure);
  const lines: string[] = [];
  const round = new Round(setup);
  let last: unknown;
  try {
    for (const step of steps) {
      lines.push(show(step, undefined, undefined));
      const process = round.world.process(step.process);
      for (const poke of step.pokes) round.world.poke(process, poke);
      const asked = step.call.name === 'ioctl' ? askedBy(process, step.call) : undefined;
      lines[lines.length - 1] = show(step, asked, undefined);
      lines[lines.length - 1] = show(step, asked, round.step(step));
    }
    await round.end();
  } catch (cause) {
    last = cause;
  }
  const cause = last ?? failure;
  const message = cause instanceof Error ? cause.message : String(cause);
  const frames = cause instanceof Error ? framesOf(cause) : [];
  const left = lines.length - MOST_STEPS;
  const shown =
    left > 0
      ? [...lines.slice(0, MOST_STEPS / 2), `... ${left} more`, ...lines.slice(-MOST_STEPS / 2)]
      : lines;
  return [message, JSON.stringify(setup), ...shown, ...frames].join('\n');
}

function framesOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MOST_FRAMES);
}
