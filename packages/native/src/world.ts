/**
 * The state that all programs on one fake kernel share: the open files of the fake kernel, shared memory, and the processes. It is
 * shared by all runs on the kernel, because their programs may send each other files.
 */

import {
  adopt,
  fail,
  type File,
  hasNode,
  openNode,
  type Privileges,
  runTaskWork,
  type Vma,
} from '@iommufd/fakekernel/task';
import type { FakeKernel } from '@iommufd/fakekernel';
import { statusOfPath } from './files/nodes.js';
import { EventfdWatches } from './files/eventfds.js';
import { KvmVfioDevices } from './files/kvm-vfio.js';
import type { FileStatus } from './files/status.js';
import type { Named, Tree } from './files/tree.js';
import { StandIns } from './files/stand-ins.js';
import {
  AT_FDCWD,
  MADV_DONTNEED,
  MADV_GUARD_INSTALL,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  RLIMIT_NOFILE,
} from './linux/constants.js';
import { type Libc, must, SystemError } from './linux/libc.js';
import type { Machine } from './linux/system-calls.js';
import { factsOf, type Mapper, SharedFiles } from './memory/shared-pages.js';
import type { RemoteVma } from './memory/maps.js';
import { limitOf } from './linux/limits.js';
import {
  descriptorsOf,
  hasFilesInFlight,
  linkOfDescriptor,
  processes,
  processOf,
  startTime,
} from './linux/proc.js';
import { NativeTask, type TaskHost } from './native-task.js';

/** A thread that has made calls. */
export interface Thread {
  readonly tid: number;
  readonly task: NativeTask;
  /** `/proc/TID/fd`, open in this process. */
  readonly directory: number;
}

/** A range of a file of the fake kernel that a program has mapped. */
export interface RegionMapping {
  readonly task: NativeTask;
  readonly file: File;
  /** In bytes, as the size. */
  readonly offset: number;
  readonly size: number;
  readonly vma: Vma;
  /** The thread that maps it. */
  readonly tid: number;
  /** Called when it was unmapped. */
  readonly ended?: (() => void) | undefined;
  /** True once it was found among the mappings of the process. */
  wasSeen: boolean;
}

/** The targets of the links of stand-ins in `/proc/PID/fd`. */
const STAND_IN = /^(?:\/memfd:|pipe:)/;
/** The number of processes at which the first search for ended ones starts. */
const MOST_TASKS = 64;
/** The most threads whose `/proc/TID/fd` is kept open. */
const MOST_THREADS = 256;

/** @see {@link worldOf} */
export class World implements TaskHost {
  /** Privileges that replace the real ones, for all programs that start from now on. */
  privileges: Partial<Privileges> = {};
  readonly shared: SharedFiles;
  readonly standIns: StandIns;
  readonly watches: EventfdWatches;
  /** KVM's VFIO pseudo devices of programs. */
  readonly kvm: KvmVfioDevices;
  /** By process number. */
  private readonly tasks = new Map<number, NativeTask>();
  /** The number of processes at which the next search for ended ones starts. */
  private sweepAt = MOST_TASKS;
  /** By thread ID, the most recently used last. */
  private readonly threads = new Map<number, Thread>();
  private readonly regions: RegionMapping[] = [];
  /** The node that each file was opened with. The node may no longer exist. */
  private readonly nodes = new WeakMap<File, { readonly path: string; readonly status: FileStatus }>();

  constructor(
    readonly kernel: FakeKernel,
    readonly libc: Libc,
    readonly machine: Machine,
    readonly taskSize: number,
  ) {
    this.shared = new SharedFiles(libc, () => this.memories());
    this.watches = new EventfdWatches(libc);
    this.kvm = new KvmVfioDevices(libc);
    this.standIns = new StandIns(libc, () => {
      runTaskWork(kernel);
      this.sweep();
    });
  }

  mayHaveGuards = false;
  private drops: boolean | undefined;
  private guards: boolean | undefined;

  /**
   * True if the host's kernel supports MADV_DONTNEED in `process_madvise()` for the calling process itself. Checked once, with an
   * empty range.
   */
  get dropsOwnMemory(): boolean {
    if (this.drops === undefined) {
      const pidfd = must('pidfd_open()', this.libc.pidfdOpen(process.pid));
      this.drops = this.libc.processMadvise(pidfd, MADV_DONTNEED) === 0;
      this.libc.close(pidfd);
    }
    return this.drops;
  }

  /**
   * True if the host's kernel has guard regions (MADV_GUARD_INSTALL), from Linux 6.13 on. Checked once, with an empty range: `madvise()`
   * fails only if it does not know the advice (`madvise_behavior_valid()`).
   */
  get knowsGuards(): boolean {
    return (this.guards ??= this.libc.madvise(0, 0, MADV_GUARD_INSTALL) === 0);
  }

  get pids(): Iterable<number> {
    return this.tasks.keys();
  }

  isOwn(vma: RemoteVma): boolean {
    return vma.hasFile && this.standIns.find(vma) !== undefined;
  }

  hasNode(path: string): boolean {
    return hasNode(this.kernel, path);
  }

  /** The file trees of all runs. */
  readonly trees = new Set<Tree>();

  namedBy(key: string): Named | undefined {
    for (const { named } of this.trees) {
      const found = named.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** True if a program has opened a file of the fake kernel with O_PATH. */
  get hasNames(): boolean {
    return [...this.trees].some(({ named }) => named.size > 0);
  }

  /** Opens a node of the fake kernel. @returns undefined if the path is not a node */
  openNode(path: string): File | undefined {
    const file = openNode(this.kernel, path);
    const status = statusOfPath(this, path);
    if (file !== undefined && status !== undefined) this.named(file, path, status);
    return file;
  }

  /** Registers the path of a file. @param status the result of `stat()` on the path */
  named(file: File, path: string, status: FileStatus): void {
    this.nodes.set(file, { path, status });
  }

  /** The result of `stat()` on the node that a file was opened with; undefined for a file without a path. */
  statusOf(file: File): FileStatus | undefined {
    return this.nodes.get(file)?.status;
  }

  /** The node that a file was opened with; undefined for a file without a path. */
  nodeOf(file: File): string | undefined {
    return this.nodes.get(file)?.path;
  }

  /** True for a VFIO device, opened with its node or through its group. */
  isDevice(file: File): boolean {
    const path = this.linkOf(file);
    return path?.startsWith('/dev/vfio/devices/') === true || path === 'anon_inode:[vfio-device]';
  }

  /** True for a VFIO device or group: `vfio_file_is_valid()`. */
  isVfio(file: File): boolean {
    return this.isDevice(file) || /^\/dev\/vfio\/(?:noiommu-)?\d+$/.test(this.nodeOf(file) ?? '');
  }

  /** Closes the files that no program has open any more, and performs what signals of eventfds trigger. */
  look(): void {
    this.kvm.look();
    this.standIns.look();
    this.watches.look();
  }

  /** The target of a file's link in `/proc/PID/fd`. */
  linkOf(file: File): string | undefined {
    return this.nodeOf(file) ?? file.link;
  }

  /** True if any process has a file of the fake kernel open. Otherwise no memory is pinned. */
  get isUsed(): boolean {
    return this.standIns.size > 0;
  }

  /** Returns a thread with its process; undefined if it has ended. */
  thread(tid: number): Thread | undefined {
    const known = this.threads.get(tid);
    if (known === undefined) return this.openThread(tid);
    if (known.task.isInDoubt && !known.task.notice()) {
      this.forget(known);
      return this.openThread(tid);
    }
    this.threads.delete(tid);
    this.threads.set(tid, known);
    return known;
  }

  /** Looks a thread up again, because its ID may belong to another thread by now. @returns undefined if it has ended */
  reopenThread(thread: Thread): Thread | undefined {
    this.forget(thread);
    return this.openThread(thread.tid);
  }

  private openThread(tid: number): Thread | undefined {
    const pid = processOf(tid);
    const task = pid === undefined ? undefined : this.task(pid);
    if (task === undefined) return undefined;
    const directory = this.libc.open(`/proc/${tid}/fd`, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (directory < 0) return undefined;
    const thread: Thread = { tid, task, directory };
    this.threads.set(tid, thread);
    const [oldest] = this.threads.values();
    if (this.threads.size > MOST_THREADS && oldest !== undefined) this.forget(oldest);
    return thread;
  }

  private forget(thread: Thread): void {
    this.threads.delete(thread.tid);
    this.libc.close(thread.directory);
  }

  private *memories(): Generator<Mapper> {
    for (const { memorySpace } of this.tasks.values()) yield memorySpace;
  }

  private task(pid: number): NativeTask | undefined {
    const known = this.tasks.get(pid);
    if (known?.notice() === true) return known;
    if (known !== undefined) this.end(known);
    const started = startTime(pid);
    if (started === undefined) return undefined;
    // The end of a process without files of the fake kernel, such as a compiler, is not reported.
    if (this.tasks.size >= this.sweepAt) {
      this.sweep();
      this.sweepAt = Math.max(MOST_TASKS, 2 * this.tasks.size);
    }
    try {
      const task = adopt(this.kernel, (kernel) => new NativeTask(kernel, this, pid, started));
      this.tasks.set(pid, task);
      return task;
    } catch (cause) {
      // The process has ended meanwhile, or may not be traced.
      if (cause instanceof SystemError) return undefined;
      throw cause;
    }
  }

  /** A program maps a range of a file of the fake kernel. */
  mapped(mapping: RegionMapping): void {
    mapping.vma.watcher?.opened();
    this.regions.push(mapping);
  }

  /** Removes mappings that no longer exist. The host's kernel does not report when it unmaps them. */
  lookAtMappings(caller: Thread): void {
    for (const mapping of [...this.regions]) {
      const isThere = mapping.task.memorySpace.shows(mapping, (vma) => this.standIns.find(vma));
      // A mapping does not exist before the call that creates it has returned.
      if (!isThere && (mapping.wasSeen || mapping.tid === caller.tid)) this.unmapped(mapping);
      mapping.wasSeen ||= isThere;
    }
  }

  private unmapped(mapping: RegionMapping): void {
    this.regions.splice(this.regions.indexOf(mapping), 1);
    mapping.ended?.();
    mapping.vma.watcher?.closed();
    runTaskWork(this.kernel);
  }

  /**
   * True if a file of the fake kernel is held outside a process: by another process, for example after `fork()`, or by a message in
   * a socket. Otherwise the end of the process releases all that it has pinned.
   */
  isHeldBeside(task: NativeTask): boolean {
    const own = task.pid;
    // Mappings and KVM hold a file even after its last descriptor was closed.
    if (this.regions.some((mapping) => mapping.task !== task) || this.kvm.isHeldBeside(own)) return true;
    const isHeldBy = (pid: number, fd: number): boolean => {
      const link = linkOfDescriptor(pid, fd) ?? '';
      if (link.startsWith('socket:')) return hasFilesInFlight(pid, fd);
      if (!STAND_IN.test(link)) return false;
      const found = factsOf(this.libc, AT_FDCWD, `/proc/${pid}/fd/${fd}`);
      return found !== undefined && this.standIns.find(found) !== undefined;
    };
    for (const pid of processes())
      if (pid !== own && pid !== process.pid && descriptorsOf(pid)?.some((fd) => isHeldBy(pid, fd)) === true)
        return true;
    return false;
  }

  /** The processes whose calls a supervisor answers, as far as they were not seen to have ended. */
  tasksOf(supervisor: object): readonly NativeTask[] {
    return [...this.tasks.values()].filter((task) => task.supervisor === supervisor);
  }

  /** Returns a process that has used the fake kernel; undefined for others. */
  known(pid: number): NativeTask | undefined {
    return this.tasks.get(pid);
  }

  /** Removes processes that have ended. */
  sweep(): void {
    this.shared.closeIdle();
    for (const task of [...this.tasks.values()]) if (!task.notice()) this.end(task);
  }

  private end(task: NativeTask): void {
    this.tasks.delete(task.pid);
    for (const mapping of [...this.regions]) if (mapping.task === task) this.unmapped(mapping);
    for (const thread of [...this.threads.values()]) if (thread.task === task) this.forget(thread);
    task.end();
  }

  private isOpen(thread: Thread, fd: number): boolean {
    return factsOf(this.libc, thread.directory, String(fd)) !== undefined;
  }

  /** RLIMIT_NOFILE of a process. */
  limitOf(pid: number): number {
    return limitOf(this.libc, pid, RLIMIT_NOFILE) ?? 0;
  }

  /** The lowest free descriptor of a thread from `first` on. @throws EMFILE */
  lowestFree({ tid, task }: Thread, first: number): number {
    // If the thread was just killed, no descriptor appears used. Adding the file fails later.
    const used = new Set(descriptorsOf(tid));
    const limit = this.limitOf(task.pid);
    for (let fd = first; fd < limit; fd++) if (!used.has(fd)) return fd;
    throw fail('EMFILE');
  }

  /**
   * A free descriptor of a thread from `first` on. It is usually the lowest one. Descriptors that were duplicates and have been closed
   * may be left out, because checking all descriptors each time is slow.
   * @throws EMFILE
   */
  someFree(thread: Thread, first: number): number {
    const { task } = thread;
    const limit = this.limitOf(task.pid);
    const isKnown = task.given.closings === this.standIns.closings && task.given.first === first;
    for (let fd = isKnown ? task.given.last + 1 : first; fd < limit; fd++) {
      if (this.isOpen(thread, fd)) continue;
      task.given = { first, last: fd, closings: this.standIns.closings };
      return fd;
    }
    return this.lowestFree(thread, first);
  }
}

const worlds = new WeakMap<FakeKernel, World>();

/** The world of a kernel. It is created when the first program starts. */
export function worldOf(kernel: FakeKernel, make: () => World): World {
  let world = worlds.get(kernel);
  if (world === undefined) worlds.set(kernel, (world = make()));
  return world;
}
