/**
 * Devices that are unplugged in the middle of recordings: before a random call of each tape with VFIO devices, one of them begins to
 * be removed. What a call then answers was not recorded; no call may throw, and when the programs have ended nothing may be left.
 * `UNPLUGS` says how often each tape is played so, `UNPLUG_SEED` where.
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
      // Each call has a place for each device, of which machines have up to a dozen.
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
