/**
 * A process of the host that uses files of the fake kernel. It is a {@link Task}, as the fake kernel knows processes, whose memory, files
 * and privileges are read from the host.
 */

import {
  allocate,
  type CallOrigin,
  type FailurePlan,
  failurePoint,
  InjectedFaults,
  type Privileges,
  type ProcessKernel,
  Task,
  ThreadFaults,
} from '@iommufd/fakekernel/task';
import { describeRequest } from './describe.js';
import { AttributeFile } from './files/attribute-file.js';
import { type FilesHost, RemoteFiles } from './files/remote-files.js';
import {
  CAP_IPC_LOCK,
  CAP_SYS_ADMIN,
  CAP_SYS_RAWIO,
  CAP_SYS_RESOURCE,
  LINUX_CAPABILITY_VERSION_3,
  RLIMIT_MEMLOCK,
} from './linux/constants.js';
import { type Libc, SystemError } from './linux/libc.js';
import { limitOf } from './linux/limits.js';
import { descriptorsOf, isExiting, parentOf, programOf, startTime, userOf } from './linux/proc.js';
import { watch } from './linux/watch.js';
import { type MemoryHost, RemoteMemory } from './memory/remote-memory.js';
import { factsOf } from './memory/shared-pages.js';
import type { CallObserver } from './observer.js';

/** The privileges of a process, read at each use, because a program may drop privileges. */
export class LivePrivileges implements Privileges {
  private readonly header = Buffer.alloc(8);
  private readonly data = Buffer.alloc(24);
  /** The last values that were read. After the end of the process its memory may still be pinned against its limit. */
  private readonly last: { uid: number; memlock: number };

  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
    private readonly given: Partial<Privileges>,
  ) {
    this.last = { uid: userOf(pid) ?? 0, memlock: limitOf(libc, pid, RLIMIT_MEMLOCK) ?? 0 };
  }

  /** True if a capability is effective. */
  private has(capability: number): boolean {
    this.header.writeUInt32LE(LINUX_CAPABILITY_VERSION_3, 0);
    this.header.writeInt32LE(this.pid, 4);
    if (this.libc.capget(this.header, this.data) !== 0) return false;
    return (this.data.readUInt32LE(0) & (1 << capability)) !== 0;
  }

  get ipcLock(): boolean {
    return this.given.ipcLock ?? this.has(CAP_IPC_LOCK);
  }

  get sysResource(): boolean {
    return this.given.sysResource ?? this.has(CAP_SYS_RESOURCE);
  }

  get rawIo(): boolean {
    return this.given.rawIo ?? this.has(CAP_SYS_RAWIO);
  }

  get sysAdmin(): boolean {
    return this.given.sysAdmin ?? this.has(CAP_SYS_ADMIN);
  }

  get uid(): number {
    return this.given.uid ?? (this.last.uid = userOf(this.pid) ?? this.last.uid);
  }

  get memlock(): number {
    return (
      this.given.memlock ??
      (this.last.memlock = limitOf(this.libc, this.pid, RLIMIT_MEMLOCK) ?? this.last.memlock)
    );
  }
}

/** The world, as processes use it. */
export type TaskHost = MemoryHost &
  FilesHost & {
    /** Privileges that replace the real ones. */
    readonly privileges: Partial<Privileges>;
  };

/** A process whose memory and files are the host's. */
export class NativeTask extends Task {
  override readonly files: RemoteFiles;
  /** The last descriptor that it got, the start of that search, and the number of files that had been closed by then. */
  given = { first: -1, last: -1, closings: 0 };
  /** True if it has called `io_uring_setup()` since its descriptors were last searched for a ring. */
  mayUseRings = false;
  private space: RemoteMemory;
  private program: string | undefined;
  /** Observes its calls. Set during a call. */
  observer: CallObserver | undefined;
  /** True after an execve() call: it may run another program by now, with other memory. */
  private mayHaveExecuted = false;
  /** The parent whose memory it shares until it runs another program: after `vfork()`. */
  private lender: number | undefined;

  constructor(
    kernel: ProcessKernel,
    private readonly host: TaskHost,
    readonly pid: number,
    /** Its start time: another process may get the same number later. */
    readonly started: string,
  ) {
    super(kernel, new LivePrivileges(host.libc, pid, host.privileges));
    this.space = new RemoteMemory(host, pid);
    this.files = new RemoteFiles(host, () => this.openFiles());
  }

  override get memorySpace(): RemoteMemory {
    return this.space;
  }

  /** It is about to call execve(), which may fail. */
  willExecute(): void {
    this.space.save();
    this.mayHaveExecuted = true;
    const parent = parentOf(this.pid);
    if (parent !== undefined && this.host.libc.sameMemory(this.pid, parent) === 0) this.lender = parent;
  }

  /** True if its memory has been replaced. The memory of a child of `vfork()` continues to exist in the parent. */
  private get hasOther(): boolean {
    const { lender } = this;
    return !this.space.isLive || (lender !== undefined && this.host.libc.sameMemory(this.pid, lender) !== 0);
  }

  /**
   * Checks whether the process still exists, and opens the memory of the program that it runs now.
   * @returns false if it has ended
   */
  notice(): boolean {
    if (!this.hasOther) return true;
    if (!this.mayHaveExecuted || startTime(this.pid) !== this.started) return false;
    this.space.close();
    try {
      this.space = new RemoteMemory(this.host, this.pid);
    } catch (cause) {
      if (cause instanceof SystemError) return false;
      throw cause;
    }
    this.mayHaveExecuted = false;
    this.lender = undefined;
    this.program = undefined;
    return true;
  }

  /** The current ioctl, with its thread. */
  current: { readonly tid: number; readonly request: number; readonly argument: bigint } | undefined;

  /** Fault injection settings of threads, by thread ID. */
  private readonly faults = new Map<number, ThreadFaults>();
  /** The thread of the current call. */
  caller = 0;
  /** The supervisor that answers its calls. */
  supervisor: object | undefined;

  /** The fault injection settings of a thread. */
  faultsOf(tid: number): ThreadFaults {
    let faults = this.faults.get(tid);
    if (faults === undefined) this.faults.set(tid, (faults = new ThreadFaults()));
    return faults;
  }

  /** The failures that a test has armed on the kernel; otherwise those of the thread or of `/sys/kernel/debug`. @hidden */
  override get failures(): FailurePlan | undefined {
    const armed = super.failures;
    const faults = this.faults.get(this.caller);
    const isOn = (faults?.nth ?? 0) > 0 || this.kernel.faults.isOn;
    return armed ?? (isOn ? new InjectedFaults(this.kernel.faults, this.faultsOf(this.caller)) : undefined);
  }

  /** Opens a file, with the injected failures of its other calls. @throws Errno */
  opening<T>(work: () => T): T {
    const { failures } = this;
    const perform = (): T => {
      failurePoint('file', 'get_unused_fd_flags()');
      allocate('alloc_empty_file()');
      return work();
    };
    return failures === undefined ? work() : failures.run('open', perform);
  }

  override ioctl(fd: number, request: number, argument: bigint): number {
    const perform = (): number => super.ioctl(fd, request, argument);
    return this.observer?.call(this, { op: 'ioctl', fd, request, argument }, perform) ?? perform();
  }

  /** The observer of calls on a file; undefined for a file of sysfs. */
  private observerOf(fd: number): CallObserver | undefined {
    return this.files.find(fd) instanceof AttributeFile ? undefined : this.observer;
  }

  override read(fd: number, address: bigint, length: number): number {
    const perform = (): number => super.read(fd, address, length);
    return this.observerOf(fd)?.call(this, { op: 'read', fd, address, length }, perform) ?? perform();
  }

  override write(fd: number, address: bigint, length: number): number {
    const perform = (): number => super.write(fd, address, length);
    return this.observerOf(fd)?.call(this, { op: 'write', fd, address, length }, perform) ?? perform();
  }

  override pread(fd: number, address: bigint, length: number, position: bigint): number {
    const perform = (): number => super.pread(fd, address, length, position);
    return (
      this.observerOf(fd)?.call(this, { op: 'pread', fd, address, length, position }, perform) ?? perform()
    );
  }

  override pwrite(fd: number, address: bigint, length: number, position: bigint): number {
    const perform = (): number => super.pwrite(fd, address, length, position);
    return (
      this.observerOf(fd)?.call(this, { op: 'pwrite', fd, address, length, position }, perform) ?? perform()
    );
  }

  override describeCall(): CallOrigin | undefined {
    const { current, pid, started } = this;
    if (current === undefined) return undefined;
    const { tid, request, argument } = current;
    const before = this.space.argument;
    const program = (this.program ??= programOf(this.pid) ?? 'a program without a path');
    return {
      describe: () => `${program}, thread ${tid}: ${describeRequest(request, argument, before)}`,
      hasExited: () => isExiting(pid) || startTime(pid) !== started,
    };
  }

  /** True if {@link notice} must be called before its next call. */
  get isInDoubt(): boolean {
    return this.mayHaveExecuted;
  }

  /** Calls back once when the process has ended, with its files closed and its memory unmapped. @returns false if it has ended already */
  onEnd(ended: () => void): boolean {
    const { libc } = this.host;
    const pidfd = libc.pidfdOpen(this.pid);
    if (pidfd < 0) return false;
    // The number may be another process's by now.
    if (startTime(this.pid) !== this.started) {
      libc.close(pidfd);
      return false;
    }
    // A pidfd is readable from `exit_notify()` on.
    const handle = watch(pidfd, { readable: true }, () => {
      handle.close();
      libc.close(pidfd);
      ended();
    });
    return true;
  }

  private openFiles(): number {
    let count = 0;
    for (const fd of descriptorsOf(this.pid) ?? []) {
      const found = factsOf(this.host.libc, -1, `/proc/${this.pid}/fd/${fd}`);
      if (found !== undefined && this.host.standIns.find(found) !== undefined) count++;
    }
    return count;
  }

  /** Releases a process that has ended. */
  end(): void {
    this.space.close();
    this.kernel.reap(this);
  }
}
