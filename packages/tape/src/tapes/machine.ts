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
import { type Hardware, makeHardware, makeKernel } from './hardware.js';
import { type Background, machineFilesOf } from './machine-files.js';
import type { Tape } from './tape.js';

/** What is found at a path. */
export interface FoundFile {
  /** What the call returned: a length, a number of names, or 0. */
  readonly ret: number;
  readonly text: string;
}

/** The files of a machine as the recorder looked at them. A negative number is an errno. */
export interface MachineFiles {
  /** The first bytes of a file. */
  cat(path: string, max: number): Uint8Array | number;
  /** The target of a link. */
  readlink(path: string): FoundFile | number;
  /** The names in a directory in order, `/` after a directory, `@` after a link. */
  ls(path: string): FoundFile | number;
  /** Mode in octal, size, and device number. */
  stat(path: string): FoundFile | number;
  /** Writes to a file. @returns bytes that were written */
  put(path: string, text: string): number;
  /** Has another process do so. @returns 0 */
  putInBackground(path: string, text: string): number;
  /** The exit status of that process; -1 while it runs. */
  wait(): number;
}

/** A process, as a replay uses it: one of the fake kernel's own, or another that makes the same calls. */
export interface TapeProcess extends Pick<
  Process,
  | 'become'
  | 'close'
  | 'dup'
  | 'dup2'
  | 'dupFrom'
  | 'eventfd'
  | 'exit'
  | 'inherit'
  | 'ioctl'
  | 'load'
  | 'lseek'
  | 'madvise'
  | 'memfd'
  | 'memory'
  | 'mmap'
  | 'mprotect'
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
  /** Writes bytes of one page as the program itself would, where that is not done in place. @returns false without memory */
  poke?(address: bigint, bytes: Uint8Array): boolean;
}

/** A fresh machine with one process on it: what a tape is replayed on. */
export interface Machine {
  readonly process: TapeProcess;
  /** The fake kernel that it runs. */
  readonly kernel?: FakeKernel;
  /** Those that were started after it. */
  readonly others?: readonly TapeProcess[];
  /** A copy of it, made of a snapshot. */
  restored?(): Machine;
  /** Starts another process. */
  spawn(privileges: Partial<Privileges>): TapeProcess;
  /** Its devices, if it was made of a description, in the order of that. */
  readonly devices?: Hardware['devices'] | undefined;
  /** The SMMUv3 that they are behind. */
  readonly smmu?: Hardware['smmu'];
  /** Its files beside those of the process: sysfs, procfs, `/dev`. */
  readonly files?: MachineFiles;
  /**
   * Lets time pass, up to the next thing that happens by itself.
   * @param milliseconds at most
   * @returns how much has passed
   */
  pass(milliseconds: number): number;
  /** Ends the process. @returns the names of whatever is left over; there must be nothing */
  finish(): string[];
}

/** Makes the machine that a tape needs. */
export type Boot = (tape: Tape) => Machine;

/**
 * The machine that a tape was recorded on: the one that it names or describes; without a word of it, on arm64 one with an SMMUv3, and
 * elsewhere one with the mock driver of the selftest.
 * @throws RangeError for a machine or a version of Linux that is not known
 */
export function boot({
  arch,
  kernel,
  machine: recorded,
  privileges,
}: Pick<Tape, 'arch' | 'kernel' | 'machine' | 'privileges'>): Machine {
  if (typeof recorded === 'object') {
    const made = makeKernel(recorded, kernel);
    return machineOf(made, privileges, undefined, makeHardware(made, recorded));
  }
  const clock = new Clock();
  const made = kernelOf({ arch, kernel, ...(recorded !== undefined && { machine: recorded }) }, clock);
  return machineOf(made, privileges, clock);
}

/**
 * The kernel of that machine, with its hardware and without processes.
 * @param clock what devices of a machine that has a name take their time from
 * @throws RangeError for a machine that is not known
 */
export function kernelOf(
  { arch, kernel: version, machine: recorded }: Pick<Tape, 'arch' | 'kernel' | 'machine'>,
  clock: Clock = new Clock(),
): FakeKernel {
  if (typeof recorded === 'string') return recordedMachine(recorded, version, clock);
  if (recorded !== undefined) {
    const kernel = makeKernel(recorded, version);
    makeHardware(kernel, recorded);
    return kernel;
  }
  if (arch === 'aarch64') return kernelWithSmmuv3(QEMU_SMMUV3, version);
  return new FakeKernel([mockModule], { transparentHugePages: 'always', version });
}

/**
 * The SMMUv3 of QEMU 11.1.3's `virt` machine with nested translation: its identification registers, and how it departs
 * from the architecture.
 */
export const QEMU_SMMUV3: Smmuv3Config = {
  idr: [0x0d44_101b, 0x0273_0010, 0, 0x0000_1414, 0, 0x0000_0074],
  iidr: 0,
  aidr: 1,
  departures: {
    stage2FaultOfWalkSaysStage1: true,
    silentContextPointerFault: true,
    ignoresPrivilegedOnly: true,
    checksUnusedS1CDMax: true,
    keepsFirstTable: true,
    ignoresGlobalPages: true,
  },
};

/** StreamIDs of the two devices, which are PCI functions 00:05.0 and 00:06.0. */
const STREAMS = [0x28, 0x30];

/**
 * A fake kernel with an SMMUv3 and two `edu` devices behind it. In the kernel that was recorded the check was switched off
 * whether guests could bypass the caches; here the devices cannot.
 * @param config the SMMU, if it is to be another one
 * @param version of Linux; the newest by default
 */
export function bootSmmuv3(config: Smmuv3Config = QEMU_SMMUV3, version?: string): Machine {
  return machineOf(kernelWithSmmuv3(config, version));
}

function kernelWithSmmuv3(config: Smmuv3Config, version?: string): FakeKernel {
  const kernel = new FakeKernel([], { ...(version !== undefined && { version }) });
  const smmu = new FakeSmmuv3(kernel, config);
  for (const streamId of STREAMS) {
    kernel.plug(smmu.addDevice({ streamId, canwbs: true, pci: edu({ addressBits: 64 }) }));
  }
  return kernel;
}

/**
 * A machine of a kernel.
 * @param privileges of its first process
 * @param clock what its devices take their time from, if they do
 * @param hardware its devices, if a tape can name them
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

/** What a machine consists of. */
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
      // A tape may map a context's own file, so that it is never freed, on Linux either. Nothing else may be left.
      breakSelfHolds(kernel);
      return kernel.leftOver();
    },
  };
}
