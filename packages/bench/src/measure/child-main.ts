/** What runs in the process that is measured. */
import { median } from 'simple-statistics';
import { type Cannot, type Implementation, isCannot, type OtherForm } from '../implementation.js';
import { type Pass, type Runner, type Workload, WrongResult } from '../workload.js';
import type { Answer, Order, Task } from './protocol.js';
import type { Settings } from './settings.js';

let runner: Runner | undefined;
let settings: Settings | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  void answer(order).then((message) => process.send?.(message));
});

async function answer(order: Order): Promise<Answer> {
  try {
    switch (order.kind) {
      case 'start':
        return await start(order);
      case 'sample':
        return await sample();
      case 'bytes':
        if (runner?.bytesPerOperation === undefined) throw new TypeError('nothing counts bytes here');
        return { kind: 'bytes', bytes: await runner.bytesPerOperation() };
    }
  } catch (error) {
    if (error instanceof WrongResult) return { kind: 'failed', message: error.message };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

async function start({ task, others, settings: wanted }: Order & { kind: 'start' }): Promise<Answer> {
  for (const other of others) {
    const made = await make(other);
    if (!isCannot(made)) await runFor(made, wanted.otherTime);
  }
  const made = await make(task);
  if (isCannot(made)) return { kind: 'cannot', reason: made.cannot };
  await runFor(made, wanted.warmUpTime);
  runner = made;
  settings = wanted;
  return { kind: 'ready' };
}

async function make({ workloadModule, implementationModule, name, input }: Task): Promise<Runner | Cannot> {
  const { workload }: { readonly workload: Workload } = await import(workloadModule);
  // What comes from another process lies anywhere in its message: typed arrays want it aligned.
  const own = input && new Uint8Array(input);
  if (workload.kind === 'comparison') {
    if (implementationModule === undefined) throw new TypeError(`no implementation of ${workload.name}`);
    const { implementations }: { readonly implementations: readonly (Implementation | OtherForm)[] } =
      await import(implementationModule);
    try {
      return workload.start(named(implementations, name), own);
    } catch (error) {
      if (error instanceof WrongResult) error.message = `${workload.name}, ${name}: ${error.message}`;
      throw error;
    }
  }
  return named(workload.cases, name).start();
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`there is no ${name}`);
  return found;
}

async function runFor(what: Runner, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  do await pass(what);
  while (performance.now() < end);
}

/**
 * One pass. What the last one left behind is collected before, where that can be done: otherwise it would be chance which pass
 * pays for it, and chance whether the engine, having seen objects survive that way, moves to making them old from birth.
 */
async function pass({ run }: Runner): Promise<Pass> {
  globalThis.gc?.({ type: 'minor' });
  return run();
}

/** As many passes as make the time that a sample takes; what they took, the median of them. */
async function sample(): Promise<Answer> {
  if (runner === undefined || settings === undefined) throw new TypeError('nothing was started');
  const asked = performance.now();
  // While others had their turn the processor forgot this one, and the engine gave memory back.
  await runFor(runner, settings.wakeUpTime);
  const start = performance.now();
  const passes: number[] = [];
  do {
    const { operations, milliseconds } = await pass(runner);
    passes.push((milliseconds * 1e6) / operations);
  } while (performance.now() - start < settings.sampleTime);
  return { kind: 'sample', nanoseconds: median(passes), milliseconds: performance.now() - asked };
}
