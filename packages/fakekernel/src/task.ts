/**
 * `@iommufd/fakekernel/task`: the interface for a package that runs processes of another kind on the fake kernel, whose memory
 * and files are outside this program. It implements {@link UserMemory} and {@link FileTable}, and derives its processes from
 * {@link Task}.
 */

import type { SmmuDevice } from './drivers/arm-smmu-v3/smmu-device.js';
import { watchClosing } from './iommufd/closing.js';
import { describeObject } from './iommufd/object.js';
import type { FakeKernel } from './kernel.js';
import type { File } from './process/file.js';
import type { MemoryObject } from './process/memory-object.js';
import type { Process } from './process/process.js';
import type { ProcessKernel } from './process/process-kernel.js';
import type { Task } from './process/task.js';
import type { FileTree } from './sysfs/tree.js';

export { Errno, fail, KernelBug, result } from './errno.js';
export { setBits } from './lib/bits.js';
export { type RangeEntry, RangeMap } from './lib/range-map.js';
export type { EventfdContext, EventfdWatcher } from './process/eventfd.js';
export type { Vma, VmaWatcher } from './process/address-space.js';
export { DeviceMemory } from './process/device-memory.js';
export { allocate, failurePoint, type FailurePlan } from './process/failure-points.js';
export { InjectedFaults, ThreadFaults } from './process/fault-injection.js';
export { checkAllocate } from './process/file-size.js';
export { ForeignFile } from './process/fd-table.js';
export type { FileTable } from './process/file-table.js';
export { Generations, type Losable } from './process/generations.js';
export { LockedPages } from './process/locked-pages.js';
export { accessModeOf, File, type Mappable } from './process/file.js';
export {
  type Block,
  type ContentsOfFile,
  type Extent,
  HostMemory,
  LocalMemory,
  MemoryObject,
  type PageOfObject,
  type PageRun,
} from './process/memory-object.js';
export { checkFile, checkPlace, mapFile } from './process/mmap.js';
export { HUGE_PAGE_SIZE, PAGE_SIZE, ULONG_MAX } from './process/page.js';
export { pinOnePage, pinPages } from './process/pin-pages.js';
export type { Privileges } from './process/privileges.js';
export type { ProcessKernel } from './process/process-kernel.js';
export { SettingFile } from './process/setting-file.js';
export { type CallOrigin, Task } from './process/task.js';
export { TextFile } from './process/text-file.js';
export type { UserMemory } from './process/user-memory.js';
export { writeAttribute } from './sysfs/tree.js';
export type {
  Attribute as FileAttribute,
  Entry as FileEntry,
  FileTree,
  Lookup as FileLookup,
  Status as FileTreeStatus,
  Writing,
} from './sysfs/tree.js';

/** The machine's files: `/dev`, and `/sys` for the devices that exist. */
export function filesOf(kernel: FakeKernel): FileTree {
  return kernel.files;
}

/** The mappings of a process, in order of address. */
export function mappingsOf({
  memorySpace,
}: Process): { readonly address: bigint; readonly length: number }[] {
  return [...memorySpace['vmas']].map(({ start, last }) => ({
    address: start,
    length: Number(last - start) + 1,
  }));
}

/** Starts a process of another kind. It belongs to the kernel until it calls `kernel.reap`. */
export function adopt<T extends Task>(kernel: FakeKernel, make: (kernel: ProcessKernel) => T): T {
  return kernel.adopt(make(kernel));
}

/** Opens a node. @returns the file; undefined if the node is missing */
export function openNode(kernel: FakeKernel, path: string): File | undefined {
  return kernel.hasNode(path) ? kernel.openNode(path) : undefined;
}

/** @returns true if the kernel has a node with this path */
export function hasNode(kernel: FakeKernel, path: string): boolean {
  return kernel.hasNode(path);
}

/** Translates an access of a device, without recording a fault. @returns the memory; undefined if the access is refused */
export function placeOfAccess(
  device: SmmuDevice,
  access: { readonly iova: bigint; readonly write: boolean },
): { readonly object: MemoryObject; readonly byte: number } | undefined {
  const found = device.translate({ ...access, pasid: undefined });
  return 'reason' in found ? undefined : found;
}

/**
 * Unmaps files that their own context maps, and that would keep it open forever. {@link FakeKernel.leftOver} then shows only real
 * leaks.
 */
export function breakSelfHolds(kernel: FakeKernel): void {
  kernel.breakSelfHolds();
}

/**
 * Describes objects that a program has made and that only its exit destroys, because it neither destroys them nor closes their
 * `/dev/iommu`. {@link FakeKernel.leftOver} does not have them after the exit. Only processes that describe their calls are watched.
 * @param report receives the description of the objects of a file, `ioas 1 (2 users, made by ...)`
 */
export function watchAbandoned(kernel: FakeKernel, report: (objects: string) => void): void {
  watchClosing(kernel, (objects) => {
    const made = objects.filter(({ origin }) => origin?.hasExited() === true);
    if (made.length > 0) report(made.map(describeObject).join(', '));
  });
}

/** Runs the work that is deferred until a system call returns. */
export function runTaskWork(kernel: FakeKernel): void {
  kernel.taskWork.run();
}
