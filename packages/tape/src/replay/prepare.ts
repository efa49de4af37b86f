import { MemoryFault, type Privileges, Process } from '@iommufd/fakekernel';
import { accessModeOf } from '@iommufd/fakekernel/task';
import {
  errno,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_HUGETLB,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { fromHex, toHex } from '@iommufd/uapi/struct';
import {
  checkedDeviceStep,
  type DeviceStep,
  type DeviceSteps,
  recordedOf,
  detailOf,
} from '../tapes/device-steps.js';
import { engineWrites } from '../tapes/edu.js';
import { initialMemory } from './initial-memory.js';
import type { Machine, TapeProcess } from '../tapes/machine.js';
import { UserRange } from './range.js';
import { pickPrivileges } from '../tapes/privileges.js';
import type { Step, Tape } from '../tapes/tape.js';

/** A machine, with the process that makes the calls as `process`. */
export interface Caller extends Machine {
  /** Returns another process, by its number in the tape. */
  processOf(pid: number): TapeProcess;
  /** Performs the actions of its devices. */
  readonly deviceSteps: DeviceSteps;
}

/** The result of a call. */
export interface Answer {
  readonly ret: number;
  /** The returned events of `poll()`; 0 for other calls. */
  readonly revents: number;
  /** The rest of the result: the value of a load, a signal, the contents of a file, the outcome of a device step. */
  readonly detail?: string | undefined;
}

/**
 * One action of a tape, with all numbers and bytes decoded: a call, a change of memory or a check. `at` is the index of its step,
 * `pid` the number of its process.
 */
export type Action = { readonly at: number; readonly pid: number } & (
  | {
      readonly kind: 'call';
      readonly perform: (caller: Caller) => Answer;
      readonly linux: Answer;
      /** Memory that the call must not change. */
      readonly watched: readonly UserRange[];
    }
  | { readonly kind: 'poke' | 'peek'; readonly range: UserRange; readonly bytes: Uint8Array }
  | { readonly kind: 'same' | 'fault'; readonly range: UserRange }
  | { readonly kind: 'map'; readonly range: UserRange }
  | { readonly kind: 'occupy'; readonly fd: number; readonly last: number }
  | { readonly kind: 'settle'; readonly milliseconds: number }
  | { readonly kind: 'become'; readonly privileges: Partial<Privileges> }
  | { readonly kind: 'exit' }
);

/** A tape with its numbers and bytes decoded, so that the time of a replay is that of the calls. */
export interface PreparedTape {
  readonly tape: Tape;
  readonly actions: readonly Action[];
  /** Index of the first step that cannot be replayed, if there is one. */
  readonly beyond?: number;
}

/** `MAP_TYPE`: the bits of MAP_SHARED, MAP_PRIVATE and MAP_SHARED_VALIDATE. */
const MAP_TYPE = 0x0f;

const PAGE = 4096;

/** The numbers of a tape's processes. */
export const processesOf = ({ steps }: Tape): Set<number> => new Set(steps.map(({ pid = 1 }) => pid));

/** Decodes a tape. @throws SyntaxError if memory is not hex, or a number is invalid; for device steps with the step and the field */
export function prepare(tape: Tape): PreparedTape {
  const actions: Action[] = [];
  const initial = [...processesOf(tape)].map((each) => ({ each, pages: initialMemory(tape.steps, each) }));
  let pid = 1;
  const known = new Set([1]);
  let watched: UserRange[] = [];
  const call = (at: number, perform: (caller: Caller) => Answer, linux: Answer): void => {
    watched = [];
    actions.push({ kind: 'call', at, pid, perform, linux, watched });
  };
  const simple = (at: number, ret: number | string, perform: (caller: Caller) => number): void =>
    call(at, (caller) => answer(perform(caller)), answer(Number(ret)));

  for (const [at, step] of tape.steps.entries()) {
    pid = step.pid ?? 1;
    for (const { each, pages } of initial)
      for (const { first, end } of pages.get(at) ?? []) {
        const range = new UserRange(BigInt(first) * 4096n, (end - first) * PAGE);
        actions.push({ kind: 'map', at, pid: each, range });
      }
    switch (step.op) {
      case 'mmap':
        simple(at, step.ret, mmap(step));
        break;
      case 'munmap': {
        const address = BigInt(step.addr);
        simple(at, step.ret, ({ process }) => process.munmap(address, step.len));
        break;
      }
      case 'mremap': {
        const [address, to] = [BigInt(step.addr), BigInt(step.to)];
        simple(at, step.ret, ({ process }) => Number(process.mremap(address, step.len, to)));
        break;
      }
      case 'open':
        simple(at, step.ret, open(step));
        break;
      case 'eventfd':
        simple(at, step.ret, ({ process }) => process.eventfd(step.init, step.flags));
        break;
      case 'load':
        call(at, load(step), accessed(step));
        break;
      case 'store':
        call(at, store(step), accessed(step));
        break;
      case 'mprotect': {
        const address = BigInt(step.addr);
        simple(at, step.ret, ({ process }) => process.mprotect(address, step.len, step.prot));
        break;
      }
      case 'madvise': {
        const address = BigInt(step.addr);
        simple(at, step.ret, ({ process }) => process.madvise(address, step.len, step.advice));
        break;
      }
      case 'lseek':
        simple(at, step.ret, ({ process }) => process.lseek(step.fd, step.whence));
        break;
      case 'cat':
        call(at, cat(step), { ...answer(step.ret), detail: step.hex });
        break;
      case 'readlink':
      case 'ls':
      case 'stat':
        call(at, look(step), { ...answer(step.ret), detail: step.text });
        break;
      case 'put':
        simple(at, step.ret, ({ files }) => files?.put(step.path, step.text) ?? -errno.ENOENT);
        break;
      case 'putbg':
        simple(at, step.ret, ({ files }) => files?.putInBackground(step.path, step.text) ?? -errno.ENOENT);
        break;
      case 'wait':
        simple(at, step.ret, ({ files }) => files?.wait() ?? -errno.ECHILD);
        break;
      case 'inherit':
        simple(at, step.ret, ({ process }) => process.inherit(step.ret, step.path));
        break;
      case 'dup':
        simple(at, step.ret, dup(step));
        break;
      case 'memfd': {
        const size = Number(step.size);
        const hugePages = step.huge === true;
        simple(at, step.ret, ({ process }) => process.memfd(size, { hugePages }));
        break;
      }
      case 'ftruncate': {
        const size = Number(step.size);
        simple(at, step.ret, ({ process }) => process.ftruncate(step.fd, size));
        break;
      }
      case 'fallocate': {
        const [offset, length] = [Number(step.off), Number(step.len)];
        simple(at, step.ret, ({ process }) => process.fallocate(step.fd, step.mode, offset, length));
        break;
      }
      case 'close':
        simple(at, step.ret, ({ process }) => process.close(step.fd));
        break;
      case 'ioctl': {
        const request = Number(step.cmd);
        const arg = BigInt(step.arg);
        simple(at, step.ret, ({ process }) => process.ioctl(step.fd, request, arg));
        break;
      }
      case 'read': {
        const address = BigInt(step.addr);
        simple(at, step.ret, ({ process }) => process.read(step.fd, address, step.len));
        break;
      }
      case 'write': {
        const address = BigInt(step.addr);
        simple(at, step.ret, ({ process }) => process.write(step.fd, address, step.len));
        break;
      }
      case 'pread': {
        const address = BigInt(step.addr);
        const position = BigInt(step.off);
        simple(at, step.ret, ({ process }) => process.pread(step.fd, address, step.len, position));
        break;
      }
      case 'pwrite': {
        const address = BigInt(step.addr);
        const position = BigInt(step.off);
        simple(at, step.ret, ({ process }) => process.pwrite(step.fd, address, step.len, position));
        break;
      }
      case 'dma':
        simple(at, step.ret, dma(step));
        break;
      case 'poll':
        call(at, poll(step), { ret: step.ret, revents: step.revents });
        break;
      case 'poke': {
        const bytes = fromHex(step.hex);
        const range = new UserRange(BigInt(step.addr), bytes.length);
        actions.push(
          step.fault === true ? { kind: 'fault', at, pid, range } : { kind: 'poke', at, pid, bytes, range },
        );
        break;
      }
      case 'peek': {
        const address = BigInt(step.addr);
        if ('hex' in step) {
          const bytes = fromHex(step.hex);
          actions.push({ kind: 'peek', at, pid, bytes, range: new UserRange(address, bytes.length) });
          break;
        }
        const range = new UserRange(address, step.len);
        if ('same' in step) watched.push(range);
        actions.push({ kind: 'same' in step ? 'same' : 'fault', at, pid, range });
        break;
      }
      case 'occupy':
        actions.push({ kind: 'occupy', at, pid, fd: step.fd, last: step.to ?? step.fd });
        break;
      case 'settle':
        actions.push({ kind: 'settle', at, pid, milliseconds: step.ms ?? 0 });
        break;
      case 'exit':
        actions.push({ kind: 'exit', at, pid });
        break;
      case 'access':
      case 'ended':
      case 'event':
      case 'unplug':
      case 'interrupts':
        call(at, deviceStep(checkedDeviceStep(step, at)), { ...answer(0), detail: recordedOf(step) });
        break;
      case 'process':
        // The first `process` step of a process has its initial privileges; later ones change them.
        if (known.has(pid)) actions.push({ kind: 'become', at, pid, privileges: pickPrivileges(step) });
        known.add(pid);
        break;
      case 'note':
        break;
      default:
        return { tape, actions: [], beyond: at };
    }
  }
  return { tape, actions };
}

const answer = (ret: number): Answer => ({ ret, revents: 0 });

/**
 * Memory must be at its recorded address, even if the kernel chose the address: mapped with MAP_FIXED. Only the flags for the type of
 * the mapping are kept.
 */
function mmap(step: Extract<Step, { op: 'mmap' }>): (machine: Machine) => number {
  const { len, prot, fd } = step;
  const offset = BigInt(step.off);
  const there = BigInt(step.ret);
  const mapped = there >= 0n;
  const address = mapped ? there : BigInt(step.addr);
  const flags = mapped ? (step.flags & (MAP_TYPE | MAP_ANONYMOUS | MAP_HUGETLB)) | MAP_FIXED : step.flags;
  return ({ process }) => Number(process.mmap(address, len, prot, flags, fd, offset));
}

/** `open()`. The default of `flags` is O_RDWR. */
function open({ path, flags }: Extract<Step, { op: 'open' }>): (machine: Machine) => number {
  if (flags === undefined) return ({ process }) => process.open(path);
  const mode = accessModeOf(flags);
  return ({ process }) => process.open(path, mode);
}

type Access = Extract<Step, { op: 'load' | 'store' }>;

/** The recorded result of a memory access of the program. */
function accessed(step: Access): Answer {
  if ('signal' in step) return { ...answer(-1), detail: step.signal };
  return { ...answer(0), detail: step.op === 'load' ? step.value : undefined };
}

function load({ addr, size }: Extract<Step, { op: 'load' }>): (machine: Machine) => Answer {
  const address = BigInt(addr);
  return ({ process }) =>
    surviving(() => ({ ...answer(0), detail: `0x${process.load(address, size).toString(16)}` }));
}

function store({ addr, size, value }: Extract<Step, { op: 'store' }>): (machine: Machine) => Answer {
  const address = BigInt(addr);
  const stored = BigInt(value);
  return ({ process }) =>
    surviving(() => {
      process.store(address, size, stored);
      return answer(0);
    });
}

/** Performs an access. A signal is a result, because the recorder caught the signals of its accesses. */
function surviving(access: () => Answer): Answer {
  try {
    return access();
  } catch (error) {
    if (!(error instanceof MemoryFault)) throw error;
    return { ...answer(-1), detail: error.signal };
  }
}

function cat({ path, max = PAGE }: Extract<Step, { op: 'cat' }>): (machine: Machine) => Answer {
  return ({ files }) => {
    const found = files?.cat(path, max) ?? -errno.ENOENT;
    return typeof found === 'number' ? answer(found) : { ...answer(found.length), detail: toHex(found) };
  };
}

function look({ op, path }: Extract<Step, { op: 'readlink' | 'ls' | 'stat' }>): (machine: Machine) => Answer {
  return ({ files }) => {
    const found = files?.[op](path) ?? -errno.ENOENT;
    return typeof found === 'number' ? answer(found) : { ...answer(found.ret), detail: found.text };
  };
}

/** Passes a file to another process. @throws Error if one of them is not a process of the fake kernel */
function receive(process: TapeProcess, to: number, from: TapeProcess, fd: number): number {
  if (process instanceof Process && from instanceof Process) return process.receive(to, from, fd);
  throw new Error('a tape of several processes can only be replayed on processes of the fake kernel');
}

/** `dup()`, `dup2()` or `fcntl(F_DUPFD)`. */
function dup({ fd, to, from, of }: Extract<Step, { op: 'dup' }>): (caller: Caller) => number {
  if (of !== undefined) return ({ process, processOf }) => receive(process, to ?? 0, processOf(of), fd);
  if (to !== undefined) return ({ process }) => process.dup2(fd, to);
  if (from !== undefined) return ({ process }) => process.dupFrom(fd, from);
  return ({ process }) => process.dup(fd);
}

/** `poll()`. Advances the time of the machine until an event occurs or the timeout expires. */
function poll({ fd, events, timeout = 0 }: Extract<Step, { op: 'poll' }>): (machine: Machine) => Answer {
  return (machine) => {
    const entry = { fd, events, revents: 0 };
    let ret = machine.process.poll([entry]);
    for (let left = timeout; ret === 0 && left > 0;) {
      left -= machine.pass(left);
      ret = machine.process.poll([entry]);
    }
    return { ret, revents: entry.revents };
  };
}

/**
 * Starts a copy of a device's DMA engine, through its registers, as the recorder did. Returns the errno of the first register write
 * that fails.
 */
function dma(step: Extract<Step, { op: 'dma' }>): (machine: Machine) => number {
  const { fd, write, len: length, devoff: bufferOffset } = step;
  const writes = engineWrites({ write, iova: BigInt(step.iova), length, bufferOffset });
  return ({ process }) => {
    const address = process.mmap(0n, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
    const value = new DataView(new ArrayBuffer(8));
    try {
      for (const register of writes) {
        value.setBigUint64(0, BigInt.asUintN(64, register.value), true);
        new UserRange(address, 8).write(process, new Uint8Array(value.buffer));
        const ret = process.pwrite(fd, address, 8, register.offset);
        if (ret < 0) return ret;
      }
      return 0;
    } finally {
      process.munmap(address, PAGE);
    }
  };
}

/** Performs an action of a device. If the machine cannot perform it, the error is the result. */
function deviceStep(step: DeviceStep): (caller: Caller) => Answer {
  return ({ deviceSteps }) => {
    try {
      return { ...answer(0), detail: detailOf(deviceSteps.perform(step)) };
    } catch (error) {
      if (error instanceof RangeError) return { ...answer(0), detail: error.message };
      throw error;
    }
  };
}

/** Maps zeroed memory that the recorded program had from its start. @returns false if it cannot be mapped */
export function mapInitial(process: TapeProcess, { address, length }: UserRange): boolean {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  return process.mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0n) === address;
}
