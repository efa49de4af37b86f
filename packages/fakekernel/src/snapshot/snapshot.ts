/** What `FakeKernel.snapshot()` returns, and what it can be asked for. */
import type { Graph } from './graph.js';

/** The form of a snapshot, and of what is in it: it changes whenever a class of the kernel does. */
export const SNAPSHOT_VERSION = 1;

/** A copy of a kernel and all that it holds. It is plain data, which `structuredClone()` takes; what is in it is opaque. */
export interface KernelSnapshot<K extends object = object> {
  /** Of its form. */
  readonly version: number;
  /** The version of Linux that the kernel answers as. */
  readonly linux: string;
  /** @internal */
  readonly graph: Graph;
  /** The type of what was kept; there is no value. */
  readonly kept?: K;
}

/** Options of `FakeKernel.snapshot()`. */
export interface SnapshotOptions<K extends object> {
  /** Processes, devices and other objects of the kernel that the caller wants to find in a restored one. */
  readonly keep?: K;
  /** Objects and functions that are not copied, by names: what a restored kernel is given in their place. */
  readonly given?: Readonly<Record<string, object>>;
}

/** Options of `FakeKernel.restore()`. */
export interface RestoreOptions {
  /** What stands for the objects and functions that were not copied, by the same names. */
  readonly given?: Readonly<Record<string, object>>;
}
