import type { Module } from './iommufd/module.js';
import { FakeKernel, type KernelConfig } from './kernel.js';

/** The configuration of the kernels of {@link forEachKernel}: all that is not the version. */
export interface ForEachKernelConfig extends Omit<KernelConfig, 'version'> {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
}

/** Says which version a failure is of. */
function failureOf({ version }: FakeKernel, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`on Linux ${version.name}: ${message}`, { cause });
}

/**
 * Runs a test on a kernel of each version, one after the other.
 *
 * ```ts
 * test('a monitor starts on every kernel', () => forEachKernel(['6.12', '7.2', '7.3'], (kernel) => start(kernel.spawn())));
 * ```
 * @param versions as {@link KernelConfig.version}; all are looked at before the first runs
 * @param run gets a kernel of its own for each version
 * @returns once all have ended
 * @throws RangeError for a version that is not known; Error that names the version and has as its cause what `run` threw
 */
export async function forEachKernel(
  versions: readonly string[],
  run: (kernel: FakeKernel) => unknown,
  { modules = [], ...config }: ForEachKernelConfig = {},
): Promise<void> {
  const kernels = versions.map((version) => new FakeKernel(modules, { ...config, version }));
  for (const kernel of kernels) {
    try {
      await run(kernel);
    } catch (cause) {
      throw failureOf(kernel, cause);
    }
  }
}
