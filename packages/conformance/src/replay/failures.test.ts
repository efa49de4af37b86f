/**
 * Failures in every state that recordings reach. Each system call of a tape is first made with a failure at the first
 * point where Linux can fail, then at the second, and so on. Each time it must fail as Linux does and leave the state
 * unchanged; then the call itself must still have its recorded result.
 */
import { expect, test } from '@jest/globals';
import { failChecked, type FailureKind } from '@iommufd/fakekernel';
import { errno, VFIO_DEVICE_ATTACH_IOMMUFD_PT, VFIO_DEVICE_DETACH_IOMMUFD_PT } from '@iommufd/uapi';
import { type Attempt, boot, explain, play, prepare, readTapes, type Tape } from '@iommufd/tape';
import { TAPES } from '../tapes/checked-in.js';

const KINDS: readonly FailureKind[] = ['allocation', 'pin', 'file', 'driver'];

/** Number of failures at each point. */
const places = new Map<string, number>();

function failingFirst({ steps }: Tape): Attempt {
  /** Device files that are attached to a page table. */
  const attached = new Set<number>();
  return (perform, { kernel }, at) => {
    const step = steps[at];
    // Data that was read before a failure is consumed, so such a read cannot be repeated.
    if (step?.op === 'read') return perform();
    if (step?.op === 'close') attached.delete(step.fd);
    if (step?.op === 'ioctl' && step.ret === 0) {
      const request = Number(step.cmd);
      // A failed replacement removes the reservations of the device, so later calls would have other results.
      if (request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request && attached.has(step.fd)) return perform();
      if (request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request) attached.add(step.fd);
      if (request === VFIO_DEVICE_DETACH_IOMMUFD_PT.request) attached.delete(step.fd);
    }
    if (kernel === undefined) throw new TypeError('the machine has no fake kernel');
    for (let nth = 1; ; nth++) {
      const plan = failChecked(kernel, { kinds: KINDS, nth });
      const answer = perform();
      plan.stop();
      const [point] = plan.failed;
      if (point === undefined) return answer;
      const place = `${point.what} in ${point.in}`;
      places.set(place, (places.get(place) ?? 0) + 1);
      expect([place, answer.ret]).toEqual([place, -errno[point.errno]]);
    }
  };
}

const tapes = [TAPES.scenarios, TAPES.smmuv3].flatMap((url) => readTapes(url));

test.each(tapes.map((tape) => [tape.name, tape] as const))(
  '%s replays as on Linux with all failures before each call',
  (_name, tape) => {
    const { finding } = play(prepare(tape), boot, { attempt: failingFirst(tape) });
    expect(finding && explain(tape, finding)).toBeUndefined();
  },
);

test('2,750 failures at 65 places were tried', () => {
  expect([[...places.values()].reduce((sum, count) => sum + count, 0), places.size]).toEqual([2750, 65]);
});
