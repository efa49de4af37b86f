/**
 * Replays each tape from start to end, and again from snapshots. For that its machine is copied at random steps, the copy is passed
 * through `structuredClone()`, and the tape continues on the restored machine, with the recorded results to the end.
 * `SNAPSHOTS` is the number of copies per tape, 2 by default; `SNAPSHOT_SEED` selects the steps.
 *
 * One file for both, because reading and preparing the tapes takes as long as replaying them. No variable of the module holds
 * them: it would keep them for the lifetime of the process, which runs other files.
 */
import { describe, expect, test } from '@jest/globals';
import {
  boot,
  explain,
  type Machine,
  play,
  prepare,
  type PreparedTape,
  readTapes,
  type Tape,
} from '@iommufd/tape';
import { Random } from '@iommufd/testkit';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';

const each = Number(process.env['SNAPSHOTS'] ?? 2);
const seed = Number(process.env['SNAPSHOT_SEED'] ?? 1);
const random = new Random(seed);

const read = (): Tape[] => [...Object.values(TAPES), ...VERSION_TAPES].flatMap((url) => readTapes(url));

function restored(machine: Machine): Machine {
  if (machine.restored === undefined) throw new TypeError('the machine has no fake kernel');
  return machine.restored();
}

/** The actions before which the machine is replaced. */
function places({ actions }: PreparedTape): Set<number> {
  return new Set(Array.from({ length: Math.min(each, actions.length) }, () => random.below(actions.length)));
}

function replays(prepared: PreparedTape): void {
  const { finding } = play(prepared, boot);
  // As text, so that a failure shows the call and both results.
  expect(finding && explain(prepared.tape, finding)).toBeUndefined();
}

function goesOnFromSnapshots(prepared: PreparedTape): void {
  const chosen = places(prepared);
  let made = 0;
  const { finding } = play(prepared, boot, {
    replace: (machine, action) => {
      if (!chosen.has(action)) return machine;
      made++;
      return restored(machine);
    },
  });
  const where = `restored before actions ${[...chosen].sort((a, b) => a - b).join()}`;
  expect([where, finding && explain(prepared.tape, finding)]).toEqual([where, undefined]);
  expect(made).toBe(chosen.size);
}

describe('the tapes', () => {
  const tapes = read();

  test.each([
    ['7.3.4', 'x86_64', 1007],
    ['7.3.4', 'aarch64', 81],
    ['7.2.13', 'x86_64', 228],
    ['6.12.107', 'x86_64', 125],
  ])('of Linux %s on %s are as many as were recorded: %i', (kernel, arch, count) => {
    expect(tapes.filter((tape) => tape.kernel === kernel && tape.arch === arch)).toHaveLength(count);
  });

  const named = tapes.map(
    (tape) => [`${tape.kernel} ${tape.machine ?? tape.arch} ${tape.name}`, tape] as const,
  );
  test.each(named)(
    `%s replays as on Linux, also from snapshots: SNAPSHOTS=${each} SNAPSHOT_SEED=${seed}`,
    (_name, tape) => {
      const prepared = prepare(tape);
      replays(prepared);
      goesOnFromSnapshots(prepared);
    },
  );
});
