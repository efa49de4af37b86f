/** Native programs of the workloads K6 to K9 and K13. */

import { spawnSync } from 'node:child_process';
import { type Cannot, isCannot } from '../implementation.js';
import { loadKoffi } from '../load-koffi.js';
import { alone, bare, type NativeProgram, onFakeKernel } from '../native/program.js';
import type { NativeTask } from '../native/task.js';
import type { Runner } from '../workload.js';

/** Calls that are timed together. */
const CALLS = 1000;

/** The reason why this machine cannot run native programs; undefined if it can. */
function cannotRun(): Cannot | undefined {
  const isSupported = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
  return isSupported ? undefined : { cannot: 'native programs run on Linux, on x86-64 and arm64' };
}

const runner = (program: NativeProgram, what: NativeTask['what'], calls: number): Runner => ({
  run: async () => ({ operations: calls, milliseconds: await program.time({ what, calls }) }),
});

/** Calls of a program on the fake kernel. */
export const intercepted =
  (what: NativeTask['what'], calls = CALLS) =>
  async (): Promise<Runner | Cannot> =>
    cannotRun() ?? runner((await onFakeKernel()).program, what, calls);

/** The same calls by a program that has used the fake kernel before. */
export const ofUser =
  (what: NativeTask['what'], calls = CALLS) =>
  async (): Promise<Runner | Cannot> => {
    const cannot = cannotRun();
    if (cannot !== undefined) return cannot;
    const { program } = await onFakeKernel();
    await program.time({ what: 'option', calls: 1 });
    return runner(program, what, calls);
  };

/** Calls of a program without the fake kernel. */
export const plain =
  (what: NativeTask['what'], calls = CALLS) =>
  (): Runner | Cannot =>
    cannotRun() ?? runner(alone(), what, calls);

/** Calls of a program under strace. */
export function traced(): Runner | Cannot {
  if (spawnSync('strace', ['-V']).status !== 0) return { cannot: 'strace is not installed' };
  return runner(alone('strace', '-f', '-e', 'trace=ioctl', '-o', '/dev/null'), 'ioctl', CALLS);
}

/** Requests of iommufd of a program under another one. @param needed a program that must be installed */
export const under = (command: readonly string[], needed?: string) => (): Runner | Cannot => {
  if (needed !== undefined && spawnSync(needed, ['-V']).status !== 0)
    return { cannot: `${needed} is not installed` };
  return cannotRun() ?? runner(alone(...command), 'request', CALLS);
};

/** Calls that are notified and answered at once. */
export async function notified(): Promise<Runner | Cannot> {
  const koffi = await loadKoffi();
  const cannot = cannotRun() ?? (isCannot(koffi) ? koffi : undefined);
  if (cannot !== undefined || isCannot(koffi)) return cannot ?? { cannot: 'koffi is not there' };
  const { program, serve } = await bare(koffi);
  return {
    run: async () => {
      program.ask({ what: 'ioctl', calls: CALLS });
      // It must be written before this process waits for calls.
      await new Promise((resolve) => setImmediate(resolve));
      serve(CALLS);
      return { operations: CALLS, milliseconds: (await program.answer()).milliseconds ?? NaN };
    },
  };
}

/** Events of a device, until the program has read them. */
export async function events(): Promise<Runner | Cannot> {
  const cannot = cannotRun();
  if (cannot !== undefined) return cannot;
  const { program, device } = await onFakeKernel();
  return {
    run: async () => {
      program.ask({ what: 'events', calls: EVENTS });
      await program.answer();
      for (let sent = 0; sent < EVENTS; sent += BURST) {
        for (let i = 0; i < BURST; i++) if (!device.raiseEvent()) throw new Error('an event was not taken');
        // The event loop must run to answer the program.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { operations: EVENTS, milliseconds: (await program.answer()).milliseconds ?? NaN };
    },
  };
}

/** Number of events of one run, and of those that the device sends in one turn of the event loop. */
const EVENTS = 64_000;
const BURST = 64;
