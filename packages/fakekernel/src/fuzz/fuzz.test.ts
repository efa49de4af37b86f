import { expect, test } from '@jest/globals';
import { play } from './play.testing.js';
import { report } from './report.testing.js';

/** Three times the number that finds every mistake of `planted.testing.ts`. */
const ROUNDS = 30;

const environment = (globalThis as { process?: { env: Readonly<Record<string, string | undefined>> } })
  .process?.env;
/** Seed of the first round; the next rounds use the following seeds. The default is fixed; another seed tests other programs. */
const first = Number(environment?.['FUZZ_SEED'] ?? 1);
const rounds = Number(environment?.['FUZZ_ROUNDS'] ?? ROUNDS);

test(`${rounds} random programs from FUZZ_SEED=${first} on keep the rules, and leave nothing behind`, async () => {
  for (let seed = first; seed < first + rounds; seed++) {
    const { program, failure } = await play(seed);
    if (failure !== undefined) throw new Error(`FUZZ_SEED=${seed}: ${await report(program, failure)}`);
  }
  expect(rounds).toBeGreaterThan(0);
}, 3_600_000);
