/** `pnpm conformance --native`: replays tapes by native programs. */

import {
  explain,
  type DifferentTape,
  type Finding,
  play,
  prepare,
  type PreparedTape,
  readTapes,
} from '@iommufd/tape';
import { whyImpossible } from './impossible.js';
import { bootNative } from './native-player.js';

/** The result for the tapes of a file. */
export interface NativeReport {
  readonly file: string;
  readonly identical: number;
  readonly differences: readonly DifferentTape[];
  /** The tapes that a native program on this machine cannot replay, and the reasons. */
  readonly impossible: readonly { readonly tape: string; readonly why: string }[];
}

/** Replays a tape on its own machine. */
async function playOn(prepared: PreparedTape): Promise<Finding | undefined> {
  const machine = await bootNative(prepared.tape);
  const { finding } = play(prepared, () => machine);
  const names = await machine.end();
  if (finding !== undefined || names.length === 0) return finding;
  return { step: prepared.tape.steps.length, problem: { kind: 'left over', names } };
}

/** Replays the tapes of a file. @param filter only tapes whose name contains it */
export async function playNative(
  file: string | URL,
  filter = '',
  onTape: (done: number, tapes: number) => void = () => undefined,
): Promise<NativeReport> {
  const tapes = readTapes(file).filter(({ name }) => name.includes(filter));
  const differences: DifferentTape[] = [];
  const impossible: { readonly tape: string; readonly why: string }[] = [];
  let identical = 0;
  for (const [i, tape] of tapes.entries()) {
    const finding = await playOn(prepare(tape));
    const why = finding && whyImpossible(tape, finding);
    if (finding === undefined) identical++;
    else if (why !== undefined) impossible.push({ tape: tape.name, why });
    else differences.push({ tape: tape.name, ...explain(tape, finding) });
    onTape(i + 1, tapes.length);
  }
  return { file: String(file), identical, differences, impossible };
}
