import {
  edu,
  FakeKernel,
  FakeSmmuv3,
  mockModule,
  type Privileges,
  type Process,
  type Smmuv3Config,
} from '@iommufd/fakekernel';
import { breakSelfHolds } from '@iommufd/fakekernel/task';
import { Clock } from '../machines/clock.js';
import { recordedMachine } from '../machines/recorded-machine.js';
import { addressesOf, type Hardware, makeHardware, makeKernel } from './hardware.js';
import { type Background, machineFilesOf } from './machine-files.js';
import type { Tape } from './tape.js';

/** The result of a look at a path. */
export interface FoundFile {
  /** The result of the call: a length, a number of names, or 0. */
  readonly ret: number;
  readonly text: string;
}

/** Access to the files of a machine, with the recorder's operations. A negative result is an errno. */
export interface MachineFiles {
  /** Returns the first bytes of a file. */
  cat(path: string, max: number): Uint8Array | number;
  /** Returns the target of a link. */
  readlink(path: string): FoundFile | number;
  /** Returns the sorted names in a directory, with `/` after a directory and `@` after a link. */
  ls(path: string): FoundFile | number;
  /** Returns the mode in octal, the size and the device number. */
  stat(path: string): FoundFile | number;
  /** Writes to a file. @returns the number of bytes that were written */
  put(path: string, text: string): number;
  /** Starts a process that writes to a file. @returns 0 */
  putInBackground(path: string, text: string): number;
  /** Returns the exit status of that process; -1 while it runs. */
  wait(): number;
}

/** A process of a replay: one of the fake kernel, or another object with the same calls. */
export interface TapeProcess extends Pick<
  Process,
  | 'become'
  | 'close'
  | 'dup'
  | 'dup2'
  | 'dupFrom'
  | 'eventfd'
  | 'exit'
  | 'fallocate'
  | 'ftruncate'
  | 'inherit'
  | 'ioctl'
  | 'load'
  | 'lseek'
  | 'madvise'
  | 'memfd'
  | 'memory'
  | 'mmap'
  | 'mprotect'
  | 'mremap'
  | 'munmap'
  | 'open'
  | 'poll'
  | 'pread'
  | 'pwrite'
  | 'read'
  | 'store'
  | 'write'
> {
  readonly files: Pick<Process['files'], 'occupy' | 'get'>;
  readonly memorySpace: Pick<Process['memorySpace'], 'visible' | 'isOrdinary'> &
    Partial<Pick<Process['memorySpace'], 'poke'>>;
  /** Writes bytes of one page as the program would, if its memory cannot be written in place. @returns false if it is not mapped */
  poke?(address: bigint, bytes: Uint8Array): boolean;
}

/** A new machine with one process. A tape is replayed on it. */
export interface Machine {
  readonly process: TapeProcess;
  /** Its fake kernel, if it has one. */
  readonly kernel?: FakeKernel;
  /** The processes that {@link spawn} started, in order. */
  readonly others?: readonly TapeProcess[];
  /** Returns a copy of the machine, from a snapshot. */
  restored?(): Machine;
  /** Starts another process. */
  spawn(privileges: Partial<Privileges>): TapeProcess;
  /** Its devices in the order of its description, if it was created from one. */
  readonly devices?: Hardware['devices'] | undefined;
  /** The SMMUv3 of the devices, if it has one. */
  readonly smmu?: Hardware['smmu'];
  /** Its file system: sysfs, procfs, `/dev`. */
  readonly files?: MachineFiles;
  /**
   * Advances the time, at most up to the next scheduled work.
   * @param milliseconds the maximum
   * @returns the milliseconds that passed
   */
  pass(milliseconds: number): number;
  /** Ends all processes. @returns the names of remaining objects; must be empty */
  finish(): string[];
}

/** Creates the machine for a tape. */
export type Boot = (tape: Tape) => Machine;

/**
 * Creates the machine that a tape was recorded on: the one that its head names or describes. Without `machine`, a machine with an SMMUv3
 * on arm64, and one with the mock driver of the selftest on other architectures.
 * @throws RangeError if the machine or the version of Linux is unknown
 */
export function boot({
  arch,
  kernel,
  machine: recorded,
  privileges,
}: Pick<Tape, 'arch' | 'kernel' | 'machine' | 'privileges'>): Machine {
  if (typeof recorded === 'object') {
    const made = makeKernel(recorded, kernel, arch);
    return machineOf(made, privileges, undefined, makeHardware(made, recorded));
  }
  const clock = new Clock();
  const made = kernelOf({ arch, kernel, ...(recorded !== undefined && { machine: recorded }) }, clock);
  return machineOf(made, privileges, clock);
}

/**
 * Creates the kernel of that machine, with its hardware and without processes.
 * @param clock the time of the devices of a named machine
 * @throws RangeError if the machine or the version of Linux is unknown
 */
export function kernelOf(
  { arch, kernel: version, machine: recorded }: Pick<Tape, 'arch' | 'kernel' | 'machine'>,
  clock: Clock = new Clock(),
): FakeKernel {
  if (typeof recorded === 'string') return recordedMachine(recorded, version, clock);
  if (recorded !== undefined) {
    const kernel = makeKernel(recorded, version, arch);
    makeHardware(kernel, recorded);
    return kernel;
  }
  if (arch === 'aarch64') return kernelWithSmmuv3(QEMU_SMMUV3, version);
  return new FakeKernel([mockModule], { transparentHugePages: 'always', version });
}

/**
 * The SMMUv3 of QEMU 11.1.3's `virt` machine with nested translation: its identification registers, and its departures from the
 * architecture.
 */
export const QEMU_SMMUV3: Smmuv3Config = {
  idr: [0x0d44_101b, 0x0273_0010, 0, 0x0000_1414, 0, 0x0000_0074],
  iidr: 0,
  aidr: 1,
  departures: {
    stage2FaultOfWalkSaysStage1: true,
    silentLargeStage2Input: true,
    silentLargeBypass: true,
    ignoresPrivilegedOnly: true,
    checksUnusedS1CDMax: true,
    keepsFirstTable: true,
    ignoresGlobalPages: true,
    forgetsTablePermissions: true,
    ignoresTableAddressSize: true,
    ignoresInvalidationHints: true,
    cachesLegalStructuresOnly: true,
    checksOutputSizeLast: true,
  },
};

/** StreamIDs of the two devices, which are PCI functions 00:05.0 and 00:06.0. */
const STREAMS = [0x28, 0x30];

/**
 * Creates a machine with an SMMUv3 and two `edu` devices behind it. In the recorded kernel, the check whether guests can bypass the
 * caches was disabled; here the devices have CANWBS, which passes the check.
 * @param config the SMMU; QEMU's by default
 * @param version version of Linux; the newest by default
 */
export function bootSmmuv3(config: Smmuv3Config = QEMU_SMMUV3, version?: string): Machine {
  return machineOf(kernelWithSmmuv3(config, version));
}

function kernelWithSmmuv3(config: Smmuv3Config, version?: string): FakeKernel {
  const kernel = new FakeKernel([], { ...(version !== undefined && { version }), ...addressesOf('aarch64') });
  const smmu = new FakeSmmuv3(kernel, config);
  for (const streamId of STREAMS) {
    kernel.plug(smmu.addDevice({ streamId, canwbs: true, pci: edu({ addressBits: 64 }) }));
  }
  return kernel;
}

/**
 * Creates a machine with a kernel, and its first process.
 * @param privileges the privileges of the first process
 * @param clock the time of its devices; without it, time passes and has no effect
 * @param hardware its devices, if device steps refer to them
 */
export function machineOf(
  kernel: FakeKernel,
  privileges: Partial<Privileges> = {},
  clock?: Clock,
  hardware?: Hardware,
): Machine {
  return machineWith({
    kernel,
    hardware,
    process: kernel.spawn(privileges),
    others: [],
    clock,
    background: { write: { status: 0 } },
  });
}

/** The parts of a machine. */
interface Parts {
  readonly kernel: FakeKernel;
  readonly process: Process;
  readonly others: Process[];
  readonly clock: Clock | undefined;
  readonly hardware: Hardware | undefined;
  readonly background: Background;
}

function machineWith(parts: Parts): Machine {
  const { kernel, process, others, clock, hardware, background } = parts;
  return {
    ...hardware,
    process,
    others,
    kernel,
    files: machineFilesOf(kernel, background),
    restored: () => {
      const keep = { process, others, clock, hardware, background };
      const restored = FakeKernel.restore(structuredClone(kernel.snapshot({ keep })));
      return machineWith({ ...restored.kept, kernel: restored });
    },
    spawn: (privileges) => {
      const another = kernel.spawn(privileges);
      others.push(another);
      return another;
    },
    pass: (milliseconds) => clock?.pass(milliseconds) ?? milliseconds,
    finish: () => {
      for (const each of [process, ...others]) each.exit();
      // A tape may map the file of a context into that context, which is then never freed, as on Linux. No other object may remain.
      breakSelfHolds(kernel);
      return kernel.leftOver();
    },
  };
}
