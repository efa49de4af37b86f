/** An order of calls as a tape: what `exploreOrders()` has found, to be looked at, replayed, and kept as a test. */
import type { ExploreOrdersConfig, KernelConfig, MadeCall } from '@iommufd/fakekernel';
import type { MachineOptions, Tape } from '../tapes/tape.js';
import { RecordingKernel } from './process-recorder.js';

/** What of an exploration is recorded. */
export interface OrderTapeOptions<K extends object>
  extends KernelConfig, Pick<ExploreOrdersConfig<K>, 'prepare' | 'threads' | 'modules'> {
  /** The calls, in order: of an `OrderFailed`. */
  readonly calls: readonly Pick<MadeCall, 'thread' | 'index'>[];
  /** The machine that `prepare` makes of the kernel: what it plugs in. */
  readonly machine: MachineOptions;
  /** Its name; `order` by default. */
  readonly name?: string;
}

/**
 * Prepares a state once more, makes calls in an order, and ends all processes.
 * @returns what the processes did, until a call threw. What devices did is not in it
 */
export function tapeOfOrder<K extends object>(options: OrderTapeOptions<K>): Tape {
  const { modules, prepare, threads, calls, machine, name = 'order' } = options;
  const kernel = new RecordingKernel(modules, options);
  const kept = prepare(kernel);
  const note = makeAll(kept, threads, calls);
  return {
    name,
    kernel: kernel.version.name,
    arch: 'x86_64',
    machine,
    privileges: kernel.privileges ?? {},
    calls: kernel.steps.filter(({ op }) => op !== 'poke' && op !== 'peek').length,
    ...(note !== undefined && { note }),
    steps: kernel.steps,
  };
}

/** @returns what a call threw */
function makeAll<K extends object>(
  kept: K,
  threads: ExploreOrdersConfig<K>['threads'],
  calls: readonly Pick<MadeCall, 'thread' | 'index'>[],
): string | undefined {
  try {
    for (const { thread, index } of calls) threads[thread]?.[index]?.make(kept);
    return undefined;
  } catch (error) {
    return `the last call throws: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A tape as text: one JSON object a line, as `readTapes()` reads it. */
export function tapeText({ steps, ...head }: Tape): string {
  return [{ tape: 1, ...head }, ...steps].map((line) => `${JSON.stringify(line)}\n`).join('');
}
