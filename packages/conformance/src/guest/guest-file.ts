/** Replays a file with a guest's tape, for `pnpm conformance`. */
import type { DifferentTape, OtherFile } from '@iommufd/tape';
import { playGuest } from './guest-replay.js';
import { isGuestFile, readGuestTape } from './guest-files.js';

/** Maximum number of shown differences of a guest: one often causes others. */
const MOST_DIFFERENCES = 10;

/** Replays the tape of a guest. @returns undefined for a file of another kind */
export function playGuestFile(file: string, filter: string): OtherFile | undefined {
  if (!isGuestFile(file)) return undefined;
  const tape = readGuestTape(file);
  if (!tape.name.includes(filter))
    return { report: { file, identical: 0, different: 0, differences: [] }, calls: 0 };
  const { differences, compared } = playGuest(tape);
  const different = differences.length === 0 ? 0 : 1;
  const shown = differences
    .slice(0, MOST_DIFFERENCES)
    .map(({ step, note, action, expected, found }): DifferentTape => ({
      ...{ tape: tape.name, reference: 'guest', step, op: 'guest', call: action, fields: [] },
      linux: { result: expected, notes: note === '' ? [] : [note] },
      ours: { result: found, notes: [] },
    }));
  return { report: { file, identical: 1 - different, different, differences: shown }, calls: compared };
}
