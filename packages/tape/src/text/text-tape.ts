/**
 * Converts the output of `iommufd trace` or `iommufd run --trace` to a tape. Information that is missing in the text is assumed: memory contains zeros, and is
 * mapped wherever a call uses it without EFAULT; a process has the files that it uses. {@link Tape.lacks} lists these assumptions.
 */

import {
  errno,
  isErrnoName,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { RELEASES } from '@iommufd/uapi/history';
import { type FlagSet, toHex } from '@iommufd/uapi/struct';
import { mmapFlags, mmapProt } from '../print/linux.js';
import type { Step, Tape } from '../tapes/tape.js';
import { bytesReadIn, bytesWrittenIn } from './buffers.js';
import { numberOf } from './fields.js';
import { ioctlOf, LOWEST, type TextIoctl } from './ioctls.js';
import { isCallLine, parseTraceLines, type TraceLine } from './lines.js';
import type { ProcessEvent } from './process-lines.js';
import { type TextFile, TextProcess } from './text-process.js';

/** A line of `iommufd trace` or `iommufd run --trace`. */
const TRACE = /^\d+\.\d{6} \[\d+(?:\/\d+)?\] \w+\(/m;
/** The first line of the output: the version of Linux, the architecture and the command. */
const HEAD = /^# Linux (\d+\.\d+(?:\.\d+)?)\S* (\w+)(?:: (.*))?$/m;

/** Returns true if a text is the output of `iommufd trace`. */
export const isTraceText = (text: string): boolean => TRACE.test(text);

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Addresses for structs, whose addresses are missing in the text. The second is used if the program uses memory near the first. */
const [LOW, OTHER] = [0x1_0000n, 0x1000_0000_0000n];
/** Bytes that must be free on both sides of the address. */
const ROOM = 0x2000n;
/** The lowest file descriptor that `open()` returns: 0 to 2 are in use in every process of a tape. */
const FIRST_FD = 3;
/** Names of calls in the output of `iommufd run --trace`, which are those of Linux's table of system calls. */
const NAMES: Readonly<Record<string, string>> = {
  openat: 'open',
  openat2: 'open',
  pread64: 'pread',
  pwrite64: 'pwrite',
};
/** The device files, whose opens a tape has. `iommufd run --trace` prints opens of sysfs and debugfs too. */
const DEVICE_FILE = /^\/dev\/(?:iommu$|vfio\/)/;
/** Ioctls that return a file descriptor. */
const RETURNS_FILE: ReadonlySet<string> = new Set(['VFIO_GROUP_GET_DEVICE_FD', 'VFIO_DEVICE_FEATURE']);

/** Converts the output of `iommufd trace` to a tape. */
export function tapeOfTrace(text: string): Tape {
  const lines = parseTraceLines(text);
  const calls = lines.filter(isCallLine);
  const [, kernel, arch = 'x86_64', name = 'a trace'] = HEAD.exec(text) ?? [];
  const numbers = text.match(/0x[0-9a-f]+/g) ?? [];
  const isTaken = numbers.map(BigInt).some((each) => each > LOW - ROOM && each < LOW + ROOM);
  const reader = new TraceReader(isTaken ? OTHER : LOW);
  if (kernel === undefined) reader.lack('the version of Linux (assumed: the newest known)');
  reader.lack('the privileges (assumed: those of root)');
  reader.lack('the contents of memory before a call writes to it (assumed: zeros)');
  if (calls.some(({ tid }) => tid !== undefined))
    reader.lack('the order of calls that threads made at the same time (assumed: the order of their ends)');
  for (const line of lines)
    if (isCallLine(line)) reader.read(line);
    else if (line.event !== undefined) reader.happened(line.pid, line.event);
  return {
    name,
    kernel: kernel ?? RELEASES.at(-1) ?? '',
    arch,
    calls: calls.length,
    steps: reader.steps,
    lacks: [...reader.lacks],
  };
}

/** Converts lines to steps, one after the other. */
class TraceReader {
  readonly steps: Step[] = [];
  readonly lacks = new Set<string>();
  private readonly processes = new Map<number, TextProcess>();
  private nextNumber = 1;

  /** @param place address for structs */
  constructor(private readonly place: bigint) {}

  /** Adds a part that is missing in the text. */
  lack(what: string): void {
    this.lacks.add(what);
  }

  read(line: TraceLine): void {
    const [, printed = '', args = ''] = /^(\w+)\((.*)\)$/.exec(line.call) ?? [];
    const name = NAMES[printed] ?? printed;
    const result = resultOf(line.result);
    try {
      if (result === undefined) this.lack(`the result of ${name}(): ${line.result}`);
      else this.call(name, args, result, { ...line, notes: [...returnedIn(line.result), ...line.notes] });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.lack(`${name}(), which cannot be parsed: ${error.message}`);
    }
  }

  /** A process begins, executes another program, or ends. */
  happened(pid: number, event: ProcessEvent): void {
    const known = this.processes.get(pid);
    switch (event.kind) {
      case 'forked': {
        const parent = this.processes.get(event.from);
        if (parent === undefined) return;
        const process = this.processOf(pid);
        for (const [fd, file] of parent.files) this.copy(process, parent, fd, file);
        return;
      }
      case 'executed':
        if (known === undefined) return;
        for (const fd of event.closed) if (known.files.has(fd)) this.close(known, fd, 0);
        for (const { start, end } of known.pages.clear())
          this.add(known, { op: 'munmap', addr: hex(start), len: Number(end - start), ret: 0 });
        return;
      case 'ended':
        // Another process may be given the number.
        this.processes.delete(pid);
        if (known === undefined || event.how === 'detached') return;
        this.add(known, { op: 'exit' });
    }
  }

  /** A process has a file of another one, by the same number. */
  private copy(process: TextProcess, from: TextProcess, fd: number, file: TextFile): void {
    this.add(process, { op: 'dup', fd, of: from.number, to: fd, ret: fd });
    process.files.set(fd, file);
  }

  private call(name: string, args: string, ret: bigint, line: TraceLine): void {
    const process = this.processOf(line.pid);
    switch (name) {
      case 'open':
        this.open(process, args, Number(ret));
        break;
      case 'dup':
      case 'dup2':
      case 'fcntl':
        this.dup(process, args, Number(ret));
        break;
      case 'close':
        this.close(process, Number(args), Number(ret));
        break;
      case 'eventfd2':
        this.eventfd(process, args, Number(ret));
        break;
      case 'mmap':
        this.mmap(process, args, ret);
        break;
      case 'ioctl':
        this.ioctl(process, args, Number(ret), line.notes);
        break;
      case 'read':
      case 'pread':
      case 'write':
      case 'pwrite':
        this.transfer(process, name, args, Number(ret), line.notes);
        break;
      default:
        this.lack(`the effect of ${name}(), which iommufd trace does not print`);
    }
  }

  private add({ number }: TextProcess, step: Step): void {
    this.steps.push(number === 1 ? step : { ...step, pid: number });
  }

  private processOf(pid: number): TextProcess {
    let found = this.processes.get(pid);
    if (found === undefined) {
      found = new TextProcess(this.nextNumber++, pid);
      this.processes.set(pid, found);
      if (found.number > 1) this.add(found, { op: 'process' });
    }
    return found;
  }

  // Files.

  /**
   * Gives a process the file that a call uses. If the text does not show how the process got it, it is assumed to be another process's
   * file of the same number, or else a newly opened file.
   * @returns undefined if the kind of the file is unknown
   */
  private need(process: TextProcess, fd: number, path: string | undefined): TextFile | undefined {
    const own = process.files.get(fd);
    if (own !== undefined) return own;
    for (const other of [...this.processes.values()].reverse()) {
      const file = other.files.get(fd);
      if (file === undefined) continue;
      this.lack(`how process ${process.pid} got file ${fd} (assumed: from process ${other.pid})`);
      this.copy(process, other, fd, file);
      return file;
    }
    if (path === undefined) {
      this.lack(`the kind of file ${fd} of process ${process.pid}`);
      return undefined;
    }
    this.lack(`earlier calls of process ${process.pid} on file ${fd} (assumed: a new ${path})`);
    this.add(process, { op: 'inherit', path, ret: fd });
    const file = {};
    process.files.set(fd, file);
    return file;
  }

  /** Adds a call that returns the given file descriptors. All lower numbers that are free are occupied during the call. */
  private withFiles(process: TextProcess, made: readonly number[], call: () => void): void {
    const runs: { readonly first: number; last: number }[] = [];
    // An open file with one of these numbers must have been closed, as `execve()` does.
    for (const fd of made) if (process.files.has(fd)) this.close(process, fd, 0);
    for (let fd = FIRST_FD; fd < Math.max(0, ...made); fd++) {
      if (process.files.has(fd) || made.includes(fd)) continue;
      const run = runs.at(-1);
      if (run?.last === fd - 1) run.last = fd;
      else runs.push({ first: fd, last: fd });
    }
    for (const { first, last } of runs)
      this.add(process, { op: 'occupy', fd: first, ...(last > first && { to: last }) });
    call();
    for (const { first, last } of runs)
      for (let fd = first; fd <= last; fd++) this.add(process, { op: 'close', fd, ret: 0 });
  }

  private open(process: TextProcess, args: string, ret: number): void {
    const [, quoted = '""', mode] = /^("(?:[^"\\]|\\.)*")(?:, (O_\w+))?/.exec(args) ?? [];
    const path = String(JSON.parse(quoted));
    if (mode === undefined && !DEVICE_FILE.test(path)) {
      this.lack(`the effect of open() of ${path}`);
      return;
    }
    const flags = ['O_RDONLY', 'O_WRONLY'].indexOf(mode ?? '');
    if (mode === undefined) this.lack(`the flags of open() of ${path} (assumed: O_RDWR)`);
    if (ret < 0) {
      this.lack(`why open() of ${path} failed`);
      return;
    }
    this.withFiles(process, [ret], () =>
      this.add(process, { op: 'open', path, ...(flags >= 0 && { flags }), ret }),
    );
    process.files.set(ret, {});
  }

  private eventfd(process: TextProcess, args: string, ret: number): void {
    if (ret < 0) return;
    const [init, flags] = args.split(', ').map(Number);
    this.withFiles(process, [ret], () =>
      this.add(process, { op: 'eventfd', init: init ?? 0, flags: flags ?? 0, ret }),
    );
    process.files.set(ret, {});
  }

  private dup(process: TextProcess, args: string, ret: number): void {
    const [first = '', second, third] = args.split(', ');
    const fd = Number(first);
    const file = this.need(process, fd, undefined);
    if (file === undefined) return;
    const to = third === undefined && second !== undefined ? { to: Number(second) } : {};
    const from = third === undefined ? {} : { from: Number(third) };
    const call = (): void => this.add(process, { op: 'dup', fd, ...to, ...from, ret });
    if (ret < 0) call();
    else if ('to' in to) call();
    else this.withFiles(process, [ret], call);
    if (ret >= 0) process.files.set(ret, file);
  }

  private close(process: TextProcess, fd: number, ret: number): void {
    if (this.need(process, fd, undefined) === undefined) return;
    this.add(process, { op: 'close', fd, ret });
    process.files.delete(fd);
  }

  // Memory.

  /** Maps the pages of a range that are not mapped yet. */
  private map(process: TextProcess, address: bigint, length: bigint): void {
    for (const { start, end } of process.pages.add(address, length))
      this.add(process, {
        op: 'mmap',
        addr: hex(start),
        len: Number(end - start),
        prot: PROT_READ | PROT_WRITE,
        flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        fd: -1,
        off: 0,
        ret: hex(start),
      });
  }

  private poke(process: TextProcess, address: bigint, bytes: Uint8Array): void {
    this.map(process, address, BigInt(bytes.length));
    this.add(process, { op: 'poke', addr: hex(address), hex: toHex(bytes) });
  }

  private peek(process: TextProcess, address: bigint, bytes: Uint8Array): void {
    if (bytes.length > 0) this.add(process, { op: 'peek', addr: hex(address), hex: toHex(bytes) });
  }

  private mmap(process: TextProcess, args: string, ret: bigint): void {
    const [hint = '', len = '', prot = '', flags = '', file = '', offset = ''] = args.split(', ');
    const fd = Number(file);
    if (this.need(process, fd, undefined) === undefined) return;
    const length = Number(len);
    this.add(process, {
      op: 'mmap',
      addr: hex(numberOf(hint) ?? 0n),
      len: length,
      prot: bitsOf(prot, mmapProt),
      flags: bitsOf(flags, mmapFlags),
      fd,
      off: offset,
      ret: ret < 0n ? Number(ret) : hex(ret),
    });
    if (ret >= 0n) process.pages.add(ret, BigInt(length));
  }

  // Calls on files.

  private ioctl(process: TextProcess, args: string, ret: number, notes: readonly string[]): void {
    const call = ioctlOf(args, ret, notes);
    const { fd, ioctl, before, after } = call;
    const path = ioctl.files.includes('iommufd') ? '/dev/iommu' : undefined;
    if (this.need(process, fd, path) === undefined) return;
    for (const what of call.lacks) this.lack(`${what} of ${ioctl.name}`);
    if (ret !== -errno.EBADF) {
      for (const file of call.files) this.needNamed(process, file, 'memfd', ioctl.name);
      for (const file of call.eventfds) this.needNamed(process, file, 'eventfd', ioctl.name);
    }
    // After EFAULT the text does not show which memory was missing.
    if (ret !== -errno.EFAULT)
      for (const { address, length } of call.ranges)
        if (address >= LOWEST && address + length <= END) this.map(process, address, length);
    const place = call.argument ?? this.place;
    if (before !== undefined) this.poke(process, place, before);
    for (const { address, bytes } of call.given) this.poke(process, address, bytes);
    const made = ret >= 0 && RETURNS_FILE.has(ioctl.name) ? [...call.made, ret] : call.made;
    this.withFiles(process, made, () => {
      this.add(process, { op: 'ioctl', fd, cmd: hex(BigInt(ioctl.request)), arg: hex(place), ret });
      if (after !== undefined) this.peek(process, place, after);
      for (const { address, bytes } of call.returned) this.peek(process, address, bytes);
    });
    for (const file of made) process.files.set(file, fileOf(call));
  }

  /** Gives a process a memfd or eventfd that a struct contains. */
  private needNamed(process: TextProcess, fd: number, kind: 'memfd' | 'eventfd', name: string): void {
    if (fd < 0 || process.files.has(fd)) return;
    const others = [...this.processes.values()];
    if (others.some(({ files }) => files.has(fd))) {
      this.need(process, fd, undefined);
      return;
    }
    const what = kind === 'memfd' ? 'a memfd of zeros' : 'an eventfd with counter 0';
    this.lack(`file ${fd} of ${name} (assumed: ${what})`);
    this.withFiles(process, [fd], () =>
      this.add(
        process,
        kind === 'memfd'
          ? { op: 'memfd', size: FILE_SIZE, ret: fd }
          : { op: 'eventfd', init: 0, flags: 0, ret: fd },
      ),
    );
    process.files.set(fd, {});
  }

  private transfer(
    process: TextProcess,
    op: 'read' | 'pread' | 'write' | 'pwrite',
    args: string,
    ret: number,
    notes: readonly string[],
  ): void {
    const [number = '', addr = '', length = '', position = ''] = args.split(', ');
    const fd = Number(number);
    const file = this.need(process, fd, undefined);
    if (file === undefined) return;
    const [address, len] = [numberOf(addr) ?? 0n, Number(length)];
    const isRead = op === 'read' || op === 'pread';
    const bytes = isRead ? bytesReadIn(notes, ret, file.events) : bytesWrittenIn(notes);
    if (bytes === undefined || (!isRead && bytes.length < len)) this.lack(`the bytes of ${op}()`);
    if (ret !== -errno.EFAULT) this.map(process, address, BigInt(Math.min(Math.max(len, 1), MOST)));
    if (!isRead && bytes !== undefined && bytes.length > 0) this.poke(process, address, bytes);
    const off = /^\S+/.exec(position)?.[0] ?? '0';
    const place = { fd, addr, len, ret };
    if (op === 'pread' || op === 'pwrite') this.add(process, { op, ...place, off });
    else this.add(process, { op, ...place });
    if (isRead && bytes !== undefined) this.peek(process, address, bytes);
  }
}

/** End of user space on x86-64. */
const END = 0x7fff_ffff_f000n;
/** Bytes of a buffer that are mapped at most. */
const MOST = 1 << 20;
/** Size of a memfd whose size is missing in the text. It is sparse. */
const FILE_SIZE = 2 ** 40;

/** The file that an ioctl created. */
const fileOf = ({ events }: TextIoctl): TextFile => ({ events });

/** Parses the result of a call; undefined if it has not ended. */
function resultOf(text: string): bigint | undefined {
  const [, failed] = /^-1 ([A-Z][A-Z0-9]*)\b/.exec(text) ?? [];
  if (failed !== undefined) return isErrnoName(failed) ? BigInt(-errno[failed]) : undefined;
  const [, number] = /^(-?\d+|0x[0-9a-f]+)\b/.exec(text) ?? [];
  return number === undefined ? undefined : BigInt(number);
}

/** The fields that a call returned as a note, if they are in the line of the call: `0 {out_ioas_id=1}` of `iommufd run --trace`. */
function returnedIn(result: string): string[] {
  const [, fields] = / (\{.*\})$/.exec(result) ?? [];
  return fields === undefined ? [] : [`returns ${fields}`];
}

/** Parses flags: names and numbers with `|` between them. */
function bitsOf(text: string, { members }: FlagSet): number {
  let bits = 0;
  for (const name of text.split('|')) bits |= members[name]?.[0] ?? Number(numberOf(name) ?? 0n);
  return bits;
}
