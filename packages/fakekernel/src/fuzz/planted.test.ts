import { expect, test } from '@jest/globals';
import { play } from './play.testing.js';
import { MISTAKES } from './planted.testing.js';

/** A third of the rounds of the random test. Each planted mistake must be found within them, which leaves a margin. */
const WITHIN = 10;

test.each(MISTAKES)(`%s is found within ${WITHIN} rounds of the random test`, async (_, plant) => {
  const takeOut = plant();
  let rounds = 0;
  try {
    let failure: unknown;
    while (failure === undefined && rounds < WITHIN) ({ failure } = await play(++rounds));
    expect(failure).toBeDefined();
  } finally {
    takeOut();
  }
});
