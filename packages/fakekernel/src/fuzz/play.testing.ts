/** Creates and runs random programs. */

import { Random } from '@iommufd/testkit';
import { PROFILES, Repertoire } from './calls.testing.js';
import { Round } from './round.testing.js';
import type { Program } from './shorten.testing.js';
import type { Step } from './step.testing.js';
import { randomSetup } from './world.testing.js';

/** Number of steps of a program. Most kinds of objects exist after 150 steps. */
const STEPS = 400;

/** A program, and its failure; undefined if it did not fail. */
export interface Played {
  readonly program: Program;
  readonly failure: unknown;
}

/** Runs a random program. Each step is chosen for the state that the steps before it have left. */
export async function play(seed: number): Promise<Played> {
  const random = new Random(seed);
  const repertoire = new Repertoire(random.pick(PROFILES));
  const setup = randomSetup(random);
  const steps: Step[] = [];
  const round = new Round(setup);
  try {
    while (steps.length < STEPS) {
      const step = repertoire.nextStep(round.world, random);
      steps.push(step);
      round.step(step);
    }
    await round.end();
    return { program: { setup, steps }, failure: undefined };
  } catch (failure) {
    return { program: { setup, steps }, failure };
  }
}
