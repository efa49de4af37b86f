/**
 * Unplugging of devices during replays: before a random call of each tape with VFIO devices, the removal of one of them
 * begins. The following results were not recorded; no call may throw, and after the programs have ended no object may
 * remain. `UNPLUGS` is the number of replays of each tape, `UNPLUG_SEED` selects the calls.
 */
import { expect, test } from '@jest/globals';
import { boot, type Machine, playAll, prepare, readTapes } from '@iommufd/tape';
import { Random } from '@iommufd/testkit';
import { TAPES } from '../tapes/checked-in.js';

const each = Number(process.env['UNPLUGS'] ?? 2);
const seed = Number(process.env['UNPLUG_SEED'] ?? 1);
const random = new Random(seed);

const tapes = [TAPES.smmuv3, TAPES.vfio].flatMap((url) => readTapes(url));

function kernelOf({ kernel }: Machine): NonNullable<Machine['kernel']> {
  if (kernel === undefined) throw new TypeError('the machine has no fake kernel');
  return kernel;
}

test(`${tapes.length} tapes with UNPLUGS=${each} UNPLUG_SEED=${seed} go on when a device is unplugged`, () => {
  let unplugged = 0;
  for (const tape of tapes) {
    const prepared = prepare(tape);
    for (let round = 0; round < each; round++) {
      let plan: ReturnType<NonNullable<Machine['kernel']>['failAllocation']> | undefined;
      // A removal may begin at each call, for each device; machines have up to a dozen devices.
      const nth = 1 + random.below(4 * prepared.actions.length);
      const { findings } = playAll(prepared, boot, Infinity, {
        replace: (machine) => {
          plan ??= kernelOf(machine).failAllocation({ kinds: ['unplug'], nth });
          return machine;
        },
      });
      const [point] = plan?.failed ?? [];
      if (point !== undefined) unplugged++;
      const bad = findings.filter(({ problem: { kind } }) => kind === 'thrown' || kind === 'left over');
      expect([tape.name, nth, point, bad]).toEqual([tape.name, nth, point, []]);
    }
  }
  expect(unplugged).toBeGreaterThan((tapes.length * each) / 4);
});
