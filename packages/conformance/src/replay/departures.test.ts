import { expect, test } from '@jest/globals';
import type { Smmuv3Departures } from '@iommufd/fakekernel';
import { bootSmmuv3, play, prepare, QEMU_SMMUV3, readTapes } from '@iommufd/tape';
import { TAPES } from '../tapes/checked-in.js';

// QEMU's SMMU is not quite the architecture's. These are the tapes that show it: with an SMMU that follows the
// architecture in that one thing they go another way. An event of stage 2 that is not there shows in the kernel's log
// alone, which is not compared.

const tapes = readTapes(TAPES.smmuv3).map(prepare);

/** The names of the tapes whose replay differs with these departures. */
function differing(departures: Smmuv3Departures): string[] {
  const config = { ...QEMU_SMMUV3, departures };
  return tapes
    .filter((tape) => play(tape, () => bootSmmuv3(config)).finding !== undefined)
    .map(({ tape }) => tape.name);
}

test.each<[keyof Smmuv3Departures, readonly string[]]>([
  ['stage2FaultOfWalkSaysStage1', ['faults-s1', 'faults-s2']],
  ['silentLargeStage2Input', []],
  ['silentLargeBypass', []],
  ['ignoresPrivilegedOnly', ['faults-s1']],
  ['checksUnusedS1CDMax', ['faults-ste']],
  ['keepsFirstTable', ['faults-s2']],
  ['ignoresGlobalPages', ['inv-effect']],
  ['forgetsTablePermissions', []],
  ['ignoresTableAddressSize', []],
  ['ignoresInvalidationHints', []],
  ['cachesLegalStructuresOnly', []],
  ['checksOutputSizeLast', []],
])('without %s', (departure, names) => {
  expect(differing({ ...QEMU_SMMUV3.departures, [departure]: false })).toEqual(names);
});
