import { expect, test } from '@jest/globals';
import { boot } from '../tapes/machine.js';
import { prepare } from './prepare.js';
import { explain } from './difference.js';
import { play } from './replay.js';
import { readTapes, TAPES } from '../tapes/tape.js';

const prepared = Object.values(TAPES).flatMap((url) =>
  readTapes(url).map((tape) => [tape.name, prepare(tape)] as const),
);

test('there are 826 tapes of the machine with the mock driver, and 81 of the machine with an SMMUv3', () => {
  const count = (arch: string): number => prepared.filter(([, { tape }]) => tape.arch === arch).length;
  expect([count('x86_64'), count('aarch64')]).toEqual([826, 81]);
});

test.each(prepared)('%s replays as on Linux', (_name, tape) => {
  const played = play(tape, boot);
  // Put into words, so that a failure shows the call and both answers.
  expect(played.finding && explain(tape.tape, played.finding)).toBeUndefined();
});
