/** A process of the host that uses files of the fake kernel. */

import {
  allocate,
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
import { descriptorsOf, parentOf, programOf, startTime, userOf } from './linux/proc.js';
import { type MemoryHost, RemoteMemory } from './memory/remote-memory.js';
import { factsOf } from './memory/shared-pages.js';
import type { CallObserver } from './observer.js';

/** What a process may do, asked when it matters: a program may give up privileges. */
export class LivePrivileges implements Privileges {
  private readonly header = Buffer.alloc(8);
  private readonly data = Buffer.alloc(24);
  /** What was last found: memory that it has mapped may be pinned after its end, against the limit that it had. */
  private last = { uid: 0, memlock: 0 };

  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
    private readonly given: Partial<Privileges>,
  ) {}

  /** Is a capability effective? */
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

/** What processes need of the rest. */
export type TaskHost = MemoryHost &
  FilesHost & {
    /** What processes may do, other than what they may really. */
    readonly privileges: Partial<Privileges>;
  };

/** A process: its memory and its files are the host's. */
export class NativeTask extends Task {
  override readonly files: RemoteFiles;
  /** The last number that it was given: where the search began, and how many files had been closed by then. */
  given = { first: -1, last: -1, closings: 0 };
  /** Has it asked for an `io_uring`, since it was looked whether there is one? */
  mayUseRings = false;
  private space: RemoteMemory;
  private program: string | undefined;
  /** Called for each call that it makes. */
  observer: CallObserver | undefined;
  /** May it run another program by now? Its memory is another one then. */
  private mayHaveExecuted = false;
  /** The parent whose memory it shares until it runs another program: after `vfork()`. */
  private lender: number | undefined;

  constructor(
    kernel: ProcessKernel,
    private readonly host: TaskHost,
    readonly pid: number,
    /** When it began: its number may be given to another process later. */
    readonly started: string,
  ) {
    super(kernel, new LivePrivileges(host.libc, pid, host.privileges));
    this.space = new RemoteMemory(host, pid);
    this.files = new RemoteFiles(host, () => this.openFiles());
  }

  override get memorySpace(): RemoteMemory {
    return this.space;
  }

  /** It is about to run another program, if it can. */
  willExecute(): void {
    this.space.save();
    this.mayHaveExecuted = true;
    const parent = parentOf(this.pid);
    if (parent !== undefined && this.host.libc.sameMemory(this.pid, parent) === 0) this.lender = parent;
  }

  /** Has it other memory than when it was first seen? That of a child of `vfork()` lives on in the parent. */
  private get hasOther(): boolean {
    const { lender } = this;
    return !this.space.isLive || (lender !== undefined && this.host.libc.sameMemory(this.pid, lender) !== 0);
  }

  /**
   * Looks at what became of it: another program has other memory.
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

  /** The ioctl that is being made: by which thread, and with what. */
  current: { readonly tid: number; readonly request: number; readonly argument: bigint } | undefined;

  /** What threads have set of fault injection, by their numbers. */
  private readonly faults = new Map<number, ThreadFaults>();
  /** The thread that makes the call which is being made. */
  caller = 0;

  /** What a thread has set of fault injection. */
  faultsOf(tid: number): ThreadFaults {
    let faults = this.faults.get(tid);
    if (faults === undefined) this.faults.set(tid, (faults = new ThreadFaults()));
    return faults;
  }

  /** What a test has armed on the kernel; else what the thread has, or the files in `/sys/kernel/debug` say. @hidden */
  override get failures(): FailurePlan | undefined {
    const armed = super.failures;
    const faults = this.faults.get(this.caller);
    const isOn = (faults?.nth ?? 0) > 0 || this.kernel.faults.isOn;
    return armed ?? (isOn ? new InjectedFaults(this.kernel.faults, this.faultsOf(this.caller)) : undefined);
  }

  /** Opens something, which may fail as its other calls do. @throws Errno */
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

  override describeCall(): (() => string) | undefined {
    if (this.current === undefined) return undefined;
    const { tid, request, argument } = this.current;
    const before = this.space.argument;
    const program = (this.program ??= programOf(this.pid) ?? 'a program without a path');
    return () => `${program}, thread ${tid}: ${describeRequest(request, argument, before)}`;
  }

  /** Must {@link notice} be asked before its next call? */
  get isInDoubt(): boolean {
    return this.mayHaveExecuted;
  }

  private openFiles(): number {
    let count = 0;
    for (const fd of descriptorsOf(this.pid) ?? []) {
      const found = factsOf(this.host.libc, -1, `/proc/${this.pid}/fd/${fd}`);
      if (found !== undefined && this.host.standIns.find(found) !== undefined) count++;
    }
    return count;
  }

  /** It has ended. */
  end(): void {
    this.space.close();
    this.kernel.reap(this);
  }
}
