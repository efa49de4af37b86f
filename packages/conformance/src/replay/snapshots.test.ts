/**
 * Snapshots in every state that recordings reach. At random steps of a tape, its machine is copied, the copy is passed
 * through `structuredClone()`, and the tape continues on the restored machine, with the recorded results to the end.
 * `SNAPSHOTS` is the number of copies per tape, 2 by default; `SNAPSHOT_SEED` selects the steps.
 */
import { expect, test } from '@jest/globals';
import { boot, explain, type Machine, play, prepare, type PreparedTape, readTapes } from '@iommufd/tape';
import { Random } from '@iommufd/testkit';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';

const each = Number(process.env['SNAPSHOTS'] ?? 2);
const seed = Number(process.env['SNAPSHOT_SEED'] ?? 1);
const random = new Random(seed);

const tapes = [...Object.values(TAPES), ...VERSION_TAPES].flatMap((url) => readTapes(url));

function restored(machine: Machine): Machine {
  if (machine.restored === undefined) throw new TypeError('the machine has no fake kernel');
  return machine.restored();
}

/** The actions before which the machine is replaced. */
function places({ actions }: PreparedTape): Set<number> {
  return new Set(Array.from({ length: Math.min(each, actions.length) }, () => random.below(actions.length)));
}

test(`${tapes.length} tapes go on from snapshots as recorded, with SNAPSHOTS=${each} SNAPSHOT_SEED=${seed}`, () => {
  let made = 0;
  for (const tape of tapes) {
    const prepared = prepare(tape);
    const chosen = places(prepared);
    const { finding } = play(prepared, boot, {
      replace: (machine, action) => {
        if (!chosen.has(action)) return machine;
        made++;
        return restored(machine);
      },
    });
    const where = `${tape.kernel} ${tape.name}, restored before actions ${[...chosen].sort((a, b) => a - b).join()}`;
    expect([where, finding && explain(tape, finding)]).toEqual([where, undefined]);
  }
  expect(made).toBeGreaterThanOrEqual(Math.min(each, 1) * tapes.length);
});
