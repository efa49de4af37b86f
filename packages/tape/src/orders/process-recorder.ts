/**
 * Records the calls of processes of a fake kernel as a tape: {@link RecordingKernel} is a kernel whose processes are recorded. Memory
 * that the process changed since its last call becomes `poke` steps; memory that the kernel changed becomes `peek` steps.
 */
import type { Process } from '@iommufd/fakekernel';
import { FakeKernel, type KernelConfig, type Module, type Privileges } from '@iommufd/fakekernel';
import { mappingsOf } from '@iommufd/fakekernel/task';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { toHex } from '@iommufd/uapi/struct';
import type { Step } from '../tapes/tape.js';

const PAGE = 4096;
/** The size in pages of the largest mapping whose memory is compared. */
const MOST_PAGES = 4096;

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Creates the step of a system call from its arguments and its result. */
type Describe = (args: readonly never[], ret: number | bigint) => Step;

/** Gives types to the arguments of a {@link Describe}. */
const call = <A extends readonly unknown[]>(
  describe: (args: A, ret: number) => Omit<Step, 'pid'>,
): Describe => {
  // CALLS has each description under the name of the method whose arguments it takes.
  return ((args: A, ret: number | bigint) => describe(args, Number(ret))) as unknown as Describe;
};

type Args<M extends keyof Process> = Process[M] extends (...args: infer A) => unknown ? A : never;

const transfer = (op: 'read' | 'write'): Describe =>
  call<Args<'read'>>(([fd, addr, len], ret) => ({ op, fd, addr: hex(addr), len, ret }));
const placed = (op: 'pread' | 'pwrite'): Describe =>
  call<Args<'pread'>>(([fd, addr, len, off], ret) => ({ op, fd, addr: hex(addr), len, off: hex(off), ret }));

/** The recorded calls, by the names of the methods. */
const CALLS: Readonly<Record<string, Describe>> = {
  open: call<Args<'open'>>(([path, mode], ret) => ({
    op: 'open',
    path,
    ...(mode !== undefined && { flags: mode.read ? (mode.write ? 2 : 0) : mode.write ? 1 : 3 }),
    ret,
  })),
  close: call<Args<'close'>>(([fd], ret) => ({ op: 'close', fd, ret })),
  ioctl: call<Args<'ioctl'>>(([fd, cmd, arg], ret) => ({
    op: 'ioctl',
    fd,
    cmd: hex(cmd),
    arg: hex(arg),
    ret,
  })),
  read: transfer('read'),
  write: transfer('write'),
  pread: placed('pread'),
  pwrite: placed('pwrite'),
  mmap: call<Args<'mmap'>>(([addr, len, prot, flags, fd, off], ret) => ({
    op: 'mmap',
    addr: hex(addr),
    len,
    prot,
    flags,
    fd,
    off: hex(off),
    ret: ret < 0 ? ret : hex(ret),
  })),
  munmap: call<Args<'munmap'>>(([addr, len], ret) => ({ op: 'munmap', addr: hex(addr), len, ret })),
  mremap: call<Args<'mremap'>>(([addr, len, to], ret) => ({
    op: 'mremap',
    addr: hex(addr),
    len,
    to: hex(to),
    ret: ret < 0 ? ret : hex(ret),
  })),
  dup: call<Args<'dup'>>(([fd], ret) => ({ op: 'dup', fd, ret })),
  dup2: call<Args<'dup2'>>(([fd, to], ret) => ({ op: 'dup', fd, to, ret })),
  dupFrom: call<Args<'dupFrom'>>(([fd, from], ret) => ({ op: 'dup', fd, from, ret })),
  memfd: call<Args<'memfd'>>(([size, { hugePages = false } = {}], ret) => ({
    op: 'memfd',
    size,
    ...(hugePages && { huge: true as const }),
    ret,
  })),
  ftruncate: call<Args<'ftruncate'>>(([fd, size], ret) => ({ op: 'ftruncate', fd, size, ret })),
  fallocate: call<Args<'fallocate'>>(([fd, mode, off, len], ret) => ({
    op: 'fallocate',
    fd,
    mode,
    off,
    len,
    ret,
  })),
  eventfd: call<Args<'eventfd'>>(([init, flags], ret) => ({ op: 'eventfd', init, flags, ret })),
  inherit: call<Args<'inherit'>>(([, path], ret) => ({ op: 'inherit', path, ret })),
};

/** Methods that change a process and cannot be expressed as a step. */
const UNRECORDABLE: ReadonlySet<string> = new Set(['exec', 'load', 'store', 'mprotect', 'madvise', 'poll']);

/** A kernel whose processes are recorded. Actions of its devices are not recorded. */
export class RecordingKernel extends FakeKernel {
  /** The recorded steps, so far. */
  readonly steps: Step[] = [];
  /** The privileges of the first process. */
  privileges: Partial<Privileges> | undefined;
  private readonly recorders = new Map<Process, ProcessRecorder>();

  constructor(modules?: readonly Module[], config?: KernelConfig) {
    super(modules, config);
  }

  override spawn(privileges: Partial<Privileges> = {}): Process {
    const process = super.spawn(privileges);
    const pid = this.recorders.size + 1;
    if (pid === 1) this.privileges = privileges;
    else this.steps.push({ op: 'process', pid, ...privileges });
    const recorder = new ProcessRecorder(process, pid, (step) => this.steps.push(step), this.recorders);
    this.recorders.set(recorder.recorded, recorder);
    return recorder.recorded;
  }
}

class ProcessRecorder {
  /** The process as the caller uses it: calls on it are recorded. */
  readonly recorded: Process;
  /** The contents of pages according to the tape, by address. */
  private readonly known = new Map<bigint, Uint8Array>();

  constructor(
    private readonly process: Process,
    readonly pid: number,
    private readonly add: (step: Step) => void,
    private readonly others: ReadonlyMap<Process, ProcessRecorder>,
  ) {
    this.recorded = new Proxy(process, {
      get: (target, name) => this.get(target, name),
    });
  }

  private step(step: Step): void {
    this.add(this.pid === 1 ? step : { ...step, pid: this.pid });
  }

  private get(target: Process, name: string | symbol): unknown {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== 'function' || typeof name !== 'string') return value;
    if (UNRECORDABLE.has(name))
      return () => {
        throw new TypeError(`RecordingKernel: ${name}() of a process cannot be recorded`);
      };
    // A method is called with the arguments of its caller.
    const method = (...args: readonly unknown[]): unknown => Reflect.apply(value, target, [...args]);
    const describe = CALLS[name];
    if (describe !== undefined) return (...args: readonly never[]) => this.make(describe, args, method);
    if (name === 'receive') return (...args: Args<'receive'>) => this.receive(...args);
    if (name === 'exit') return () => this.exit();
    return (...args: readonly unknown[]) => method(...args);
  }

  private make(
    describe: Describe,
    args: readonly never[],
    method: (...args: readonly unknown[]) => unknown,
  ): unknown {
    this.compare('poke');
    const ret = method(...args);
    if (typeof ret !== 'number' && typeof ret !== 'bigint')
      throw new TypeError('the call returned no number');
    this.step(describe(args, ret));
    this.compare('peek');
    return ret;
  }

  private receive(to: number, from: Process, fd: number): number {
    const giver = this.others.get(from);
    const ret = this.process.receive(to, giver?.process ?? from, fd);
    this.step({ op: 'dup', fd, to, of: giver?.pid ?? 1, ret });
    return ret;
  }

  private exit(): void {
    this.step({ op: 'exit' });
    this.process.exit();
  }

  /** Records the changes of memory. @param op `poke` for changes of the process, `peek` for those of the kernel */
  private compare(op: 'poke' | 'peek'): void {
    for (const { address, length } of mappingsOf(this.process)) {
      if (length > MOST_PAGES * PAGE) continue;
      for (let at = address; at < address + BigInt(length); at += BigInt(PAGE)) this.comparePage(op, at);
    }
  }

  private comparePage(op: 'poke' | 'peek', at: bigint): void {
    const now = this.process.memorySpace.visible(at, PAGE);
    if (now === undefined) return;
    const before = this.known.get(at) ?? this.newPage(op, at);
    let from = 0;
    while (from < PAGE && now[from] === before[from]) from++;
    if (from === PAGE) return;
    let end = PAGE;
    while (now[end - 1] === before[end - 1]) end--;
    const changed = { addr: hex(at + BigInt(from)), hex: toHex(now.subarray(from, end)) };
    this.step(op === 'poke' ? { op, ...changed } : { op, ...changed });
    this.known.set(at, now.slice());
  }

  /** Adds a page that no step has mapped, such as a buffer of the test. */
  private newPage(op: 'poke' | 'peek', at: bigint): Uint8Array {
    const page = new Uint8Array(PAGE);
    this.known.set(at, page);
    if (op === 'poke')
      this.step({
        op: 'mmap',
        addr: hex(at),
        len: PAGE,
        prot: PROT_READ | PROT_WRITE,
        flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        fd: -1,
        off: 0,
        ret: hex(at),
      });
    return page;
  }
}
