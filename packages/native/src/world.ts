/**
 * What all programs on one fake kernel share: its files that they have open, the memory that they share, the processes.
 * Programs of several runs may send each other files.
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
import { KvmVfioDevices } from './files/kvm-vfio.js';
import type { FileStatus } from './files/status.js';
import type { Named, Tree } from './files/tree.js';
import { StandIns } from './files/stand-ins.js';
import { AT_FDCWD, MADV_DONTNEED, O_CLOEXEC, O_DIRECTORY, O_PATH, RLIMIT_NOFILE } from './linux/constants.js';
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

/** A thread that makes calls. */
export interface Thread {
  readonly tid: number;
  readonly task: NativeTask;
  /** `/proc/TID/fd`, open in this process. */
  readonly directory: number;
}

/** Part of a file of the fake kernel that a program has mapped. */
export interface RegionMapping {
  readonly task: NativeTask;
  readonly file: File;
  /** In bytes. */
  readonly offset: number;
  readonly size: number;
  readonly vma: Vma;
  /** The thread that maps it. */
  readonly tid: number;
  /** Called when it has gone. */
  readonly ended?: (() => void) | undefined;
  wasSeen: boolean;
}

/** Where the links of stand-ins lead. */
const STAND_IN = /^(?:\/memfd:|pipe:)/;
/** Processes from which on those that have ended are looked for. */
const MOST_TASKS = 64;
/** Threads whose directories are kept open. */
const MOST_THREADS = 256;

/** @see {@link worldOf} */
export class World implements TaskHost {
  /** What its processes may do, other than what they may really: of all programs that begin from now on. */
  privileges: Partial<Privileges> = {};
  readonly shared: SharedFiles;
  readonly standIns: StandIns;
  /** Devices that programs have told KVM of. */
  readonly kvm: KvmVfioDevices;
  /** By process number. */
  private readonly tasks = new Map<number, NativeTask>();
  /** How many of them there are when those that have ended are looked for. */
  private sweepAt = MOST_TASKS;
  /** The most recently used last. */
  private readonly threads = new Map<number, Thread>();
  private readonly regions: RegionMapping[] = [];
  /** The node that a file was opened by. It may be gone. */
  private readonly nodes = new WeakMap<File, { readonly path: string; readonly status: FileStatus }>();

  constructor(
    readonly kernel: FakeKernel,
    readonly libc: Libc,
    readonly machine: Machine,
    readonly taskSize: number,
  ) {
    this.shared = new SharedFiles(libc, () => this.memories());
    this.kvm = new KvmVfioDevices(libc);
    this.standIns = new StandIns(libc, () => {
      runTaskWork(kernel);
      this.sweep();
    });
  }

  private drops: boolean | undefined;

  /** Does the host's kernel take MADV_DONTNEED of `process_madvise()` for the process itself? It is asked once, about no memory. */
  get dropsOwnMemory(): boolean {
    if (this.drops === undefined) {
      const pidfd = must('pidfd_open()', this.libc.pidfdOpen(process.pid));
      this.drops = this.libc.processMadvise(pidfd, MADV_DONTNEED) === 0;
      this.libc.close(pidfd);
    }
    return this.drops;
  }

  get pids(): Iterable<number> {
    return this.tasks.keys();
  }

  isOwn(vma: RemoteVma): boolean {
    return vma.inode !== 0 && this.standIns.find(vma) !== undefined;
  }

  hasNode(path: string): boolean {
    return hasNode(this.kernel, path);
  }

  /** Where trees of programs are in this process. */
  readonly trees = new Set<Tree>();

  namedBy(key: string): Named | undefined {
    for (const { named } of this.trees) {
      const found = named.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Has a program named something with O_PATH? */
  get hasNames(): boolean {
    return [...this.trees].some(({ named }) => named.size > 0);
  }

  /** Opens a node of the fake kernel. @returns undefined if there is none of this path */
  openNode(path: string): File | undefined {
    const file = openNode(this.kernel, path);
    const status = statusOfPath(this, path);
    if (file !== undefined && status !== undefined) this.named(file, path, status);
    return file;
  }

  /** A file has a path. @param status of what is there */
  named(file: File, path: string, status: FileStatus): void {
    this.nodes.set(file, { path, status });
  }

  /** What `stat()` says of what a file was opened by; undefined for one without a path. */
  statusOf(file: File): FileStatus | undefined {
    return this.nodes.get(file)?.status;
  }

  /** The node that a file was opened by; undefined for one without a path. */
  nodeOf(file: File): string | undefined {
    return this.nodes.get(file)?.path;
  }

  /** Is it a device of VFIO, opened by its node or through its group? */
  isDevice(file: File): boolean {
    const path = this.linkOf(file);
    return path?.startsWith('/dev/vfio/devices/') === true || path === 'anon_inode:[vfio-device]';
  }

  /** Is it a device of VFIO, or a group: `vfio_file_is_valid()`? */
  isVfio(file: File): boolean {
    return this.isDevice(file) || /^\/dev\/vfio\/(?:noiommu-)?\d+$/.test(this.nodeOf(file) ?? '');
  }

  /** Closes what no program has any more, as of now. */
  look(): void {
    this.kvm.look();
    this.standIns.look();
  }

  /** Where the link of a file in `/proc/PID/fd` leads. */
  linkOf(file: File): string | undefined {
    return this.nodeOf(file) ?? file.link;
  }

  /** Has any process a file of the fake kernel? Without one nothing is pinned. */
  get isUsed(): boolean {
    return this.standIns.size > 0;
  }

  /** The thread of a number, and its process. @returns undefined if it has ended */
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

  /** The same, for a number that may be another thread's by now. */
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
    // Of a process that only passes by, such as a compiler's, nothing says that it has ended.
    if (this.tasks.size >= this.sweepAt) {
      this.sweep();
      this.sweepAt = Math.max(MOST_TASKS, 2 * this.tasks.size);
    }
    try {
      const task = adopt(this.kernel, (kernel) => new NativeTask(kernel, this, pid, started));
      this.tasks.set(pid, task);
      return task;
    } catch (cause) {
      // It has ended meanwhile, or may not be traced.
      if (cause instanceof SystemError) return undefined;
      throw cause;
    }
  }

  /** A program has mapped part of a file of the fake kernel. */
  mapped(mapping: RegionMapping): void {
    mapping.vma.watcher?.opened();
    this.regions.push(mapping);
  }

  /** Lets go of mappings that are there no more. The host's kernel unmaps them without a word. */
  lookAtMappings(caller: Thread): void {
    for (const mapping of [...this.regions]) {
      const isThere = mapping.task.memorySpace.shows(mapping, (vma) => this.standIns.find(vma));
      // Until the call that maps it returns, it is not there yet.
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
   * Does something hold a file of the fake kernel beside a process: another process, which may have it by `fork()`, or a socket that
   * it was sent through? If not, all that the process has pinned goes with it.
   */
  isHeldBeside(task: NativeTask): boolean {
    const own = task.pid;
    // A mapping keeps its file, and so does KVM, also when no number is left.
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

  /** A process that has used the fake kernel. */
  known(pid: number): NativeTask | undefined {
    return this.tasks.get(pid);
  }

  /** Lets go of processes that have ended. */
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

  /** How many files a process may have open. */
  limitOf(pid: number): number {
    return limitOf(this.libc, pid, RLIMIT_NOFILE) ?? 0;
  }

  /** The lowest number from `first` on that a thread has free. @throws EMFILE */
  lowestFree({ tid, task }: Thread, first: number): number {
    // A thread that has just been killed is given no file in the end.
    const used = new Set(descriptorsOf(tid));
    const limit = this.limitOf(task.pid);
    for (let fd = first; fd < limit; fd++) if (!used.has(fd)) return fd;
    throw fail('EMFILE');
  }

  /**
   * A number from `first` on that a thread has free. It is the lowest, but for those that were copies which have been closed:
   * to look at all each time would take long.
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

/** The world of a kernel, made when its first program begins. */
export function worldOf(kernel: FakeKernel, make: () => World): World {
  let world = worlds.get(kernel);
  if (world === undefined) worlds.set(kernel, (world = make()));
  return world;
}
