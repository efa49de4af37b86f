import { FakeKernel, mockModule, type Process } from '@iommufd/fakekernel';

/** A fresh machine with one process on it: what a tape is replayed on. */
export interface Machine {
  readonly process: Process;
  /** Gives deferred work time to finish. */
  settle(): void;
  /** Ends the process. @returns the names of whatever is left over; there must be nothing */
  finish(): string[];
}

/** A fake kernel as the recorded one was: with iommufd, and with the mock driver of the selftest. */
export function boot(): Machine {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn();
  return {
    process,
    settle: () => undefined,
    finish: () => {
      process.exit();
      return kernel.leftOver();
    },
  };
}
