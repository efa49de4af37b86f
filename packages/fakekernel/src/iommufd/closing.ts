/**
 * Reports objects that a program has not destroyed when the last reference to their file is closed, which destroys them. A program may
 * rely on that, so only a test that looks for forgotten objects asks for the report.
 */
import type { IommufdObject } from './object.js';

/** Receives the objects of a file of `/dev/iommu` that is closed, before they are destroyed. */
export type ClosingWatcher = (objects: readonly IommufdObject[]) => void;

// By kernel, and not in it: a snapshot of the kernel has no functions.
const watchers = new WeakMap<object, ClosingWatcher>();

/** Calls `watcher` for each file of `/dev/iommu` of a kernel that is closed from now on. */
export function watchClosing(kernel: object, watcher: ClosingWatcher): void {
  watchers.set(kernel, watcher);
}

/** The last reference to a file has been closed. */
export function closing(kernel: object, objects: Iterable<IommufdObject>): void {
  watchers.get(kernel)?.([...objects]);
}
