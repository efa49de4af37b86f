import { expect, test } from '@jest/globals';
import { exploreOrders, mockModule, type OrderedCall, OrderFailed, type Process } from '@iommufd/fakekernel';
import {
  encode,
  errno,
  IOMMU_DESTROY,
  IOMMU_IOAS_ALLOC,
  iommu_destroy,
  iommu_ioas_alloc,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { boot } from '../tapes/machine.js';
import { parseTapes } from '../tapes/tape.js';
import { replay } from '../replay/replay.js';
import { tapeOfOrder, tapeText } from './order-tape.js';

/** Two processes that share a context. */
interface Kept {
  readonly processes: readonly [Process, Process];
  readonly at: readonly [bigint, bigint];
  readonly fd: number;
}

const config = {
  modules: [mockModule],
  prepare: (kernel: { spawn(): Process }): Kept => {
    const [first, second] = [kernel.spawn(), kernel.spawn()];
    const fd = first.open('/dev/iommu');
    second.receive(fd, first, fd);
    const buffer = second.mmap(0n, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
    return {
      processes: [first, second],
      // The first uses a buffer of the test, the second memory that it mapped.
      at: [first.mapHost(new Uint8Array(4096), PROT_READ | PROT_WRITE), buffer],
      fd,
    };
  },
};

function call(who: 0 | 1, name: string, request: number, bytes: Uint8Array): OrderedCall<Kept> {
  return {
    name,
    make: ({ processes, at, fd }) => {
      processes[who].memory(at[who], bytes.length).set(bytes);
      return processes[who].ioctl(fd, request, at[who]);
    },
  };
}

const alloc = (who: 0 | 1): OrderedCall<Kept> =>
  call(
    who,
    'alloc',
    IOMMU_IOAS_ALLOC.request,
    encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }),
  );
const destroy = call(1, 'destroy', IOMMU_DESTROY.request, encode(iommu_destroy, { size: 8, id: 1 }));

test('tapeOfOrder() records an order that fails, and its tape replays without a difference', () => {
  const threads = [
    [alloc(0), alloc(0)],
    [destroy, alloc(1)],
  ];
  let failure: unknown;
  try {
    exploreOrders({
      ...config,
      threads,
      check: (kernel) => {
        if (kernel.leftOver().some((line) => line.includes('ioas 2')))
          throw new Error('a second IOAS exists');
      },
    });
  } catch (error) {
    failure = error;
  }
  if (!(failure instanceof OrderFailed)) throw failure;
  // Reduced to the calls that are needed: the other thread's allocation is not, nor is its call that destroys nothing.
  expect(failure.calls.map(({ thread, index }) => [thread, index])).toEqual([
    [0, 0],
    [0, 1],
  ]);
  const tape = tapeOfOrder({ ...config, threads, calls: failure.calls, machine: { mock: true } });
  expect(tape.steps.map(({ op }) => op)).toEqual([
    ...['process', 'open', 'dup', 'mmap'],
    ...['mmap', 'poke', 'ioctl', 'peek', 'poke', 'ioctl', 'peek'],
  ]);
  const [parsed] = parseTapes(tapeText(tape));
  expect(parsed).toMatchObject(tape);
  expect(replay(tape, boot)).toEqual({ name: 'order', steps: 11, calls: 6 });
  // Another result is a difference.
  const steps = tape.steps.map((step) => (step.op === 'ioctl' ? { ...step, ret: -errno.EBUSY } : step));
  expect(replay({ ...tape, steps }, boot).difference).toMatchObject({ step: 6 });
});

test('tapeOfOrder() notes a call that cannot be recorded', () => {
  const threads = [[{ name: 'exec', make: ({ processes }: Kept) => (processes[0].exec(), 0) }]];
  const tape = tapeOfOrder({
    ...config,
    threads,
    calls: [{ thread: 0, index: 0 }],
    machine: { mock: true },
    name: 'exec',
  });
  expect(tape).toMatchObject({
    name: 'exec',
    note: 'the last call throws: RecordingKernel: exec() of a process cannot be recorded',
  });
});
