/**
 * Failures in every state that recordings reach. Each system call of a tape is first made with a failure at the first
 * point where Linux can fail, then at the second, and so on. Each time it must fail as Linux does and leave the state
 * unchanged; then the call itself must still have its recorded result.
 */
import { expect, test } from '@jest/globals';
import { failChecked, type FailureKind, type FailurePlan, type FakeKernel } from '@iommufd/fakekernel';
import { errno, VFIO_DEVICE_ATTACH_IOMMUFD_PT, VFIO_DEVICE_DETACH_IOMMUFD_PT } from '@iommufd/uapi';
import {
  boot,
  explain,
  play,
  type PlayOptions,
  prepare,
  type PreparedTape,
  readTapes,
  type Step,
} from '@iommufd/tape';
import { TAPES } from '../tapes/checked-in.js';

const KINDS: readonly FailureKind[] = ['allocation', 'pin', 'file', 'driver'];

/** Number of failures at each point. */
const places = new Map<string, number>();

/** Checks the result of a call with a plan of failures, and counts the failure. @returns false if the call has no such place */
function failed(plan: FailurePlan, ret: number): boolean {
  plan.stop();
  const [point] = plan.failed;
  if (point === undefined) return false;
  const place = `${point.what} in ${point.in}`;
  places.set(place, (places.get(place) ?? 0) + 1);
  expect([place, ret]).toEqual([place, -errno[point.errno]]);
  return true;
}

function failChosen(kernel: FakeKernel | undefined, nth: number): FailurePlan {
  if (kernel === undefined) throw new TypeError('the machine has no fake kernel');
  return failChecked(kernel, { kinds: KINDS, nth });
}

/** The options of a replay in which each call fails first. */
function failingFirst({ tape, actions }: PreparedTape): PlayOptions {
  /** Device files that are attached to a page table. */
  const attached = new Set<number>();
  // A failed replacement removes the reservations of the device, so later calls would have other results: it is made on copies.
  const replacementAt = (at: number): Extract<Step, { readonly op: 'ioctl' }> | undefined => {
    const step = tape.steps[at];
    if (step?.op !== 'ioctl' || step.ret !== 0 || (step.pid ?? 1) !== 1) return undefined;
    const attaches = Number(step.cmd) === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request;
    return attaches && attached.has(step.fd) ? step : undefined;
  };
  return {
    replace: (machine, index) => {
      const action = actions[index];
      const step = action?.kind === 'call' ? replacementAt(action.at) : undefined;
      for (let nth = 1; step !== undefined; nth++) {
        const copy = machine.restored?.();
        if (copy === undefined) throw new TypeError('the machine cannot be copied');
        const plan = failChosen(copy.kernel, nth);
        if (!failed(plan, copy.process.ioctl(step.fd, Number(step.cmd), BigInt(step.arg)))) break;
      }
      return machine;
    },
    attempt: (perform, { kernel }, at) => {
      const step = tape.steps[at];
      // Data that was read before a failure is consumed, so such a read cannot be repeated.
      if (step?.op === 'read' || replacementAt(at) !== undefined) return perform();
      if (step?.op === 'close') attached.delete(step.fd);
      if (step?.op === 'ioctl' && step.ret === 0) {
        const request = Number(step.cmd);
        if (request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request) attached.add(step.fd);
        if (request === VFIO_DEVICE_DETACH_IOMMUFD_PT.request) attached.delete(step.fd);
      }
      for (let nth = 1; ; nth++) {
        const plan = failChosen(kernel, nth);
        const answer = perform();
        if (!failed(plan, answer.ret)) return answer;
      }
    },
  };
}

test.each(
  [TAPES.scenarios, TAPES.smmuv3].flatMap((url) => readTapes(url).map((tape) => [tape.name, tape] as const)),
)('%s replays as on Linux with all failures before each call', (_name, tape) => {
  const prepared = prepare(tape);
  const { finding } = play(prepared, boot, failingFirst(prepared));
  expect(finding && explain(tape, finding)).toBeUndefined();
});

test('2,830 failures at 65 places were tried', () => {
  expect([[...places.values()].reduce((sum, count) => sum + count, 0), places.size]).toEqual([2830, 65]);
});
