/**
 * A process of the host that replays a tape on a fake kernel, through `runProgram()`: every step is a real system call
 * of a native program (`player-elf.ts`), handled like that of any other program.
 */

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessSize, type FakeKernel, MemoryFault } from '@iommufd/fakekernel';
import { breakSelfHolds } from '@iommufd/fakekernel/task';
import { type NativeRun, runProgram } from '@iommufd/native';
import { Clock, kernelOf, type Machine, machineFilesOf, type Tape, type TapeProcess } from '@iommufd/tape';
import type { PollFd } from '@iommufd/uapi';
import { CALL_SIZE, PLAYER_PAGE, playerElf, SCRATCH, SCRATCH_SIZE } from './player-elf.js';

/** `arch/x86/entry/syscalls/syscall_64.tbl`. */
const NR = {
  read: 0,
  write: 1,
  open: 2,
  close: 3,
  poll: 7,
  lseek: 8,
  mmap: 9,
  mprotect: 10,
  munmap: 11,
  ioctl: 16,
  pread: 17,
  pwrite: 18,
  access: 21,
  mremap: 25,
  madvise: 28,
  dup: 32,
  dup2: 33,
  fcntl: 72,
  ftruncate: 77,
  fallocate: 285,
  memfd_create: 319,
  eventfd2: 290,
} as const;
const [O_RDONLY, O_WRONLY, O_RDWR, O_CLOEXEC] = [0, 1, 2, 0o2000000];
const [MREMAP_MAYMOVE, MREMAP_FIXED] = [1, 2];
const MFD_CLOEXEC = 1;
const MFD_HUGETLB = 4;
const F_DUPFD = 0;
const POLLFD_SIZE = 8;

/** A mapping of the process. */
interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  /** True for registers of the fake kernel, which no other process can read. */
  readonly isOwn: boolean;
}

/** The process. Its calls are made one by one. */
class NativeProcess implements TapeProcess {
  private readonly memoryFd: number;
  private mappings: readonly Mapping[] | undefined;

  constructor(
    private readonly run: NativeRun,
    private readonly commands: number,
    private readonly results: number,
  ) {
    this.memoryFd = openSync(`/proc/${run.pid}/mem`, 'r+');
  }

  /** Makes a system call. @returns its result: a negative errno if it failed */
  private syscall(number: number, ...args: readonly (number | bigint)[]): bigint {
    const call = Buffer.alloc(CALL_SIZE);
    [number, ...args].forEach((value, i) => call.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 8 * i));
    writeSync(this.commands, call);
    if (!this.run.answerUntil(this.results)) throw new Error('the program that replays the tape has ended');
    const result = Buffer.alloc(8);
    readSync(this.results, result);
    return result.readBigInt64LE(0);
  }

  private call(number: number, ...args: readonly (number | bigint)[]): number {
    return Number(this.syscall(number, ...args));
  }

  /** Makes a system call that changes mappings. */
  private change(number: number, ...args: readonly (number | bigint)[]): bigint {
    this.mappings = undefined;
    return this.syscall(number, ...args);
  }

  /** Writes bytes to the program's scratch memory. @returns their address */
  private scratch(bytes: Uint8Array): number {
    if (bytes.length > SCRATCH_SIZE) throw new Error('more bytes than the scratch memory holds');
    writeSync(this.memoryFd, bytes, 0, bytes.length, SCRATCH);
    return SCRATCH;
  }

  private path(path: string): number {
    return this.scratch(Buffer.from(`${path}\0`));
  }

  /** Unmaps all initial mappings, so that all addresses are free. */
  begin(): void {
    for (const { start, end } of this.look())
      if (start !== PLAYER_PAGE && end < 2 ** 47) this.change(NR.munmap, start, end - start);
  }

  /** Makes a call that the supervisor answers. It first performs what earlier calls that it did not see have caused. */
  settle(): void {
    this.call(NR.access, this.path('/'), 0);
  }

  open(path: string, mode?: { readonly read: boolean; readonly write: boolean }): number {
    const access = mode?.write === false ? O_RDONLY : mode?.read === false ? O_WRONLY : O_RDWR;
    return this.call(NR.open, this.path(path), access | O_CLOEXEC);
  }

  inherit(fd: number, path: string): number {
    const opened = this.call(NR.open, this.path(path), O_RDWR);
    if (opened < 0 || opened === fd) return opened;
    const result = this.call(NR.dup2, opened, fd);
    this.call(NR.close, opened);
    return result;
  }

  close(fd: number): number {
    return this.call(NR.close, fd);
  }

  dup(fd: number): number {
    return this.call(NR.dup, fd);
  }

  dup2(fd: number, to: number): number {
    return this.call(NR.dup2, fd, to);
  }

  dupFrom(fd: number, lowest: number): number {
    return this.call(NR.fcntl, fd, F_DUPFD, lowest);
  }

  memfd(size: number, { hugePages = false }: { readonly hugePages?: boolean } = {}): number {
    const flags = MFD_CLOEXEC | (hugePages ? MFD_HUGETLB : 0);
    const fd = this.call(NR.memfd_create, this.path('tape'), flags);
    const result = fd < 0 ? 0 : this.call(NR.ftruncate, fd, size);
    if (result === 0) return fd;
    this.call(NR.close, fd);
    return result;
  }

  ftruncate(fd: number, size: number): number {
    return this.call(NR.ftruncate, fd, size);
  }

  fallocate(fd: number, mode: number, offset: number, length: number): number {
    return this.call(NR.fallocate, fd, mode, offset, length);
  }

  eventfd(init: number, flags: number): number {
    return this.call(NR.eventfd2, init, flags);
  }

  ioctl(fd: number, request: number, arg: bigint): number {
    return this.call(NR.ioctl, fd, request, arg);
  }

  read(fd: number, address: bigint, length: number): number {
    return this.call(NR.read, fd, address, length);
  }

  write(fd: number, address: bigint, length: number): number {
    return this.call(NR.write, fd, address, length);
  }

  pread(fd: number, address: bigint, length: number, position: bigint): number {
    return this.call(NR.pread, fd, address, length, position);
  }

  pwrite(fd: number, address: bigint, length: number, position: bigint): number {
    return this.call(NR.pwrite, fd, address, length, position);
  }

  /** lseek() by 0 bytes: no file of the tapes has a position. */
  lseek(fd: number, whence = 0): number {
    return this.call(NR.lseek, fd, 0, whence);
  }

  poll(fds: readonly PollFd[]): number {
    this.settle();
    const bytes = Buffer.alloc(fds.length * POLLFD_SIZE);
    for (const [i, { fd, events }] of fds.entries()) {
      bytes.writeInt32LE(fd, i * POLLFD_SIZE);
      bytes.writeInt16LE(events, i * POLLFD_SIZE + 4);
    }
    const ready = this.call(NR.poll, this.scratch(bytes), fds.length, 0);
    readSync(this.memoryFd, bytes, 0, bytes.length, SCRATCH);
    for (const [i, entry] of fds.entries()) entry.revents = bytes.readInt16LE(i * POLLFD_SIZE + 6);
    return ready;
  }

  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): bigint {
    return this.change(NR.mmap, address, length, prot, flags, fd, offset);
  }

  munmap(address: bigint, length: number): number {
    return Number(this.change(NR.munmap, address, length));
  }

  mremap(address: bigint, length: number, to: bigint): bigint {
    return this.change(NR.mremap, address, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  }

  mprotect(address: bigint, length: number, prot: number): number {
    return Number(this.change(NR.mprotect, address, length, prot));
  }

  madvise(address: bigint, length: number, advice: number): number {
    return Number(this.change(NR.madvise, address, length, advice));
  }

  load(address: bigint, size: AccessSize): bigint {
    const bytes = Buffer.alloc(8);
    this.access(address, 'readable', () => readSync(this.memoryFd, bytes, 0, size, Number(address)));
    return bytes.readBigUInt64LE();
  }

  store(address: bigint, size: AccessSize, value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    this.access(address, 'writable', () => writeSync(this.memoryFd, bytes, 0, size, Number(address)));
  }

  /** Accesses memory as the program would. @throws MemoryFault */
  private access(address: bigint, how: 'readable' | 'writable', perform: () => unknown): void {
    if (this.at(address)?.[how] !== true) throw new MemoryFault('SIGSEGV', address, `it is not ${how}`);
    try {
      perform();
    } catch {
      throw new MemoryFault('SIGBUS', address, 'its page does not exist');
    }
  }

  /** Not available; {@link poke} writes memory. */
  memory(): never {
    throw new RangeError('the memory is in another process');
  }

  readonly files = {
    occupy: (fd: number): void => void this.call(NR.dup2, 2, fd),
    get: (): never => {
      throw new Error('its files are in another process');
    },
  };

  poke(address: bigint, bytes: Uint8Array): boolean {
    try {
      return writeSync(this.memoryFd, bytes, 0, bytes.length, Number(address)) === bytes.length;
    } catch {
      return false;
    }
  }

  private look(): readonly Mapping[] {
    return (this.mappings ??= readFileSync(`/proc/${this.run.pid}/maps`, 'latin1')
      .split('\n')
      .flatMap((line) => {
        const [, start, end, read, write, name = ''] =
          /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])\S+ \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
        if (start === undefined || end === undefined) return [];
        const isOwn = name.startsWith('/memfd:iommufd ');
        return [
          {
            start: parseInt(start, 16),
            end: parseInt(end, 16),
            readable: read === 'r',
            writable: write === 'w',
            isOwn,
          },
        ];
      }));
  }

  private at(address: bigint): Mapping | undefined {
    return this.look().find(({ start, end }) => Number(address) >= start && Number(address) < end);
  }

  readonly memorySpace = {
    visible: (address: bigint, length: number): Uint8Array | undefined => {
      if (this.at(address)?.readable !== true) return undefined;
      const bytes = new Uint8Array(length);
      try {
        return readSync(this.memoryFd, bytes, 0, length, Number(address)) === length ? bytes : undefined;
      } catch {
        // A page beyond the end of a file is not accessible.
        return undefined;
      }
    },
    isOrdinary: (address: bigint): boolean => {
      const mapping = this.at(address);
      return mapping?.readable === true && !mapping.isOwn;
    },
  };

  become(): void {
    throw new Error('the program keeps its privileges');
  }

  exit(): void {
    closeSync(this.memoryFd);
    this.run.kill('SIGKILL');
  }
}

/** The capabilities with which the tapes were recorded. */
const ROOT = { ipcLock: true, sysResource: true, rawIo: true, sysAdmin: true, uid: 0, memlock: 8 << 20 };

/** A machine whose process is a native program. */
export interface NativeMachine extends Machine {
  readonly kernel: FakeKernel;
  /** Ends the program. @returns the remaining objects */
  end(): Promise<string[]>;
}

/** Creates the machine of a tape, and starts the program. */
export async function bootNative(tape: Tape): Promise<NativeMachine> {
  if (process.arch !== 'x64') throw new RangeError('tapes play as native programs on x86-64 only');
  const clock = new Clock();
  const kernel = kernelOf(tape, clock);
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-player-'));
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('player'), playerElf(), { mode: 0o755 });
  execFileSync('mkfifo', [path('commands'), path('results')]);
  const [commands, results] = [openSync(path('commands'), 'r+'), openSync(path('results'), 'r+')];
  const run = await runProgram(kernel, path('player'), [], {
    stdio: [commands, results, 'ignore'],
    exactFds: true,
    privileges: tape.privileges ?? ROOT,
    onNotice: () => undefined,
  });
  rmSync(folder, { recursive: true });
  const player = new NativeProcess(run, commands, results);
  player.begin();
  const files = machineFilesOf(kernel);
  return {
    kernel,
    process: player,
    spawn: () => {
      throw new Error('the program is one process');
    },
    files: {
      ...files,
      wait: () => {
        player.settle();
        return files.wait();
      },
    },
    pass: (milliseconds) => clock.pass(milliseconds),
    finish: () => [],
    end: async () => {
      player.exit();
      await run.allExited;
      closeSync(commands);
      closeSync(results);
      breakSelfHolds(kernel);
      return kernel.leftOver();
    },
  };
}
