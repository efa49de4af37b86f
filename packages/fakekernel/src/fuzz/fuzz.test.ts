import { expect, test } from '@jest/globals';
import { play } from './play.testing.js';
import { report } from './report.testing.js';

/** Enough for every mistake of `planted.testing.ts`, three times over. */
const ROUNDS = 30;

const environment = (globalThis as { process?: { env: Readonly<Record<string, string | undefined>> } })
  .process?.env;
/** Of the first round; the next ones count on from it. The same ones each time: with another seed it looks elsewhere. */
const first = Number(environment?.['FUZZ_SEED'] ?? 1);
const rounds = Number(environment?.['FUZZ_ROUNDS'] ?? ROUNDS);

test(`${rounds} random programs from FUZZ_SEED=${first} on keep the rules, and leave nothing over`, async () => {
  for (let seed = first; seed < first + rounds; seed++) {
    const { program, failure } = await play(seed);
    if (failure !== undefined) throw new Error(`FUZZ_SEED=${seed}: ${await report(program, failure)}`);
  }
  expect(rounds).toBeGreaterThan(0);
}, 3_600_000);
