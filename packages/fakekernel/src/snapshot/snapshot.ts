/** The result and the options of `FakeKernel.snapshot()`. */
import type { Graph } from './graph.js';

/** The version of the format of snapshots. It changes when a class of the kernel changes. */
export const SNAPSHOT_VERSION = 1;

/**
 * A copy of a kernel and everything that it holds. It is plain data, which `structuredClone()` accepts; its contents are opaque.
 */
export interface KernelSnapshot<K extends object = object> {
  /** The version of its format. */
  readonly version: number;
  /** The version of Linux that the kernel emulates. */
  readonly linux: string;
  /** @internal */
  readonly graph: Graph;
  /** Only the type of `keep`; it has no value. */
  readonly kept?: K;
}

/** Options of `FakeKernel.snapshot()`. */
export interface SnapshotOptions<K extends object> {
  /** Processes, devices and other objects of the kernel that the caller needs in a restored kernel. */
  readonly keep?: K;
  /** Objects and functions that are not copied, by name. The caller passes replacements to `restore()`. */
  readonly given?: Readonly<Record<string, object>>;
}

/** Options of `FakeKernel.restore()`. */
export interface RestoreOptions {
  /** Replacements for the objects and functions that were not copied, by the same names. */
  readonly given?: Readonly<Record<string, object>>;
}
