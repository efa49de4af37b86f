/**
 * A program that only waits on queues, for `waiting.test.ts`, which checks when Node ends it. Without an argument it tries every kind of
 * wait with every way to end it. With an argument it starts that kind of wait with `ref: false`, and does not end it.
 */
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { POLLIN } from '@iommufd/uapi';
import { Iommufd, type WaitOptions } from '../index.js';

function start() {
  const kernel = new FakeKernel([mockModule]);
  const program = kernel.spawn();
  const iommufd = Iommufd.open(program);
  const device = iommufd.openDevice(kernel.plug(new MockDevice()));
  const parent = device.allocHwpt({ ioas: iommufd.allocIoas(), nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
  return { program, iommufd, veventq, controller: new AbortController() };
}

type Started = ReturnType<typeof start>;

const waits: Readonly<Record<string, (started: Started, options: WaitOptions) => Promise<unknown>>> = {
  loop: async ({ veventq }) => {
    for await (const item of veventq) console.log(item.kind);
  },
  events: async ({ veventq, controller: { signal } }, options) => {
    for await (const item of veventq.events({ signal, ...options })) console.log(item.kind);
  },
  readable: ({ veventq, controller: { signal } }, options) => veventq.readable({ signal, ...options }),
  poll: ({ iommufd, veventq, controller: { signal } }, options) =>
    iommufd.poll([veventq, iommufd.allocFaultQueue()], { signal, ...options }),
};

/** The ways to end a wait. */
const endings: Readonly<Record<string, (started: Started) => void>> = {
  close: ({ veventq }) => veventq.close(),
  'close all': ({ iommufd }) => iommufd.close(),
  exit: ({ program }) => program.exit(),
  abort: ({ controller }) => controller.abort(),
};

const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ended',
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );

/** A timer that does not keep the process running. */
const later = (work: () => void): unknown => setTimeout(work, 1).unref();

const [how] = process.argv.slice(2);
if (how !== undefined) {
  await waits[how]?.(start(), { ref: false });
} else {
  for (const [name, wait] of Object.entries(waits)) {
    for (const [ending, end] of Object.entries(endings)) {
      // A plain loop has no signal.
      if (name === 'loop' && ending === 'abort') continue;
      const started = start();
      later(() => end(started));
      console.log(`${name}, ${ending}: ${await outcomeOf(wait(started, {}))}`);
    }
  }
  const { program, veventq, controller } = start();
  later(() => controller.abort());
  const fds = [{ fd: veventq.fd, events: POLLIN, revents: 0 }];
  console.log(`wait(): ${await program.wait(fds, { signal: controller.signal })}`);
}
