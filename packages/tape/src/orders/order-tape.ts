/**
 * Converts an order of calls to a tape. An order that `exploreOrders()` found to fail can so be printed, replayed, and kept as a test.
 */
import type { ExploreOrdersConfig, KernelConfig, MadeCall } from '@iommufd/fakekernel';
import type { MachineOptions, Tape } from '../tapes/tape.js';
import { RecordingKernel } from './process-recorder.js';

/** The exploration, and the order that is recorded. */
export interface OrderTapeOptions<K extends object>
  extends KernelConfig, Pick<ExploreOrdersConfig<K>, 'prepare' | 'threads' | 'modules'> {
  /** The calls in their order: `calls` of an `OrderFailed`. */
  readonly calls: readonly Pick<MadeCall, 'thread' | 'index'>[];
  /** The hardware that `prepare` plugs in. The replay creates it. */
  readonly machine: MachineOptions;
  /** The name of the tape; `order` by default. */
  readonly name?: string;
}

/**
 * Prepares the state again, and makes the calls in the given order.
 * @returns the calls of the processes, up to the first call that throws; its message is in `note`. Actions of devices are not recorded
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

/** @returns the message of the call that threw; undefined if none did */
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

/** Converts a tape to text: one JSON object per line, as `readTapes()` reads it. */
export function tapeText({ steps, ...head }: Tape): string {
  return [{ tape: 1, ...head }, ...steps].map((line) => `${JSON.stringify(line)}\n`).join('');
}
