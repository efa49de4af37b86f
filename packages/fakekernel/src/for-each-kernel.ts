import type { Module } from './iommufd/module.js';
import { FakeKernel } from './kernel.js';
import type { KernelConfig } from './kernel-config.js';

/** The configuration of the kernels of {@link forEachKernel}, without the version. */
export interface ForEachKernelConfig extends Omit<KernelConfig, 'version'> {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
}

/** Adds the version to the message of a failure. */
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
 * @param versions as {@link KernelConfig.version}; all are checked before the first run
 * @param run the test, called with a new kernel for each version
 * @returns a promise that resolves after the last run
 * @throws RangeError if a version is unknown; Error that names the version, with the error of `run` as its cause
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
