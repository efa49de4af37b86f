import type { Privileges } from '@iommufd/fakekernel';
import { isGuestTape } from '../guest/guest-tape.js';

/** A number; a hex string if it can exceed 2^53. */
type Wide = number | string;

/** A transfer of bytes between a file and memory. */
interface Transfer {
  readonly fd: number;
  readonly addr: string;
  readonly len: number;
  readonly ret: number;
}

/** Size of a memory access of the program, in bytes. */
type AccessSize = 1 | 2 | 4 | 8;

/** An access that ended with a signal. */
interface Killed {
  readonly signal: string;
}

/** One step of a tape, in the recorder's format, which `packages/conformance/tapes/README.md` describes. */
export type Step = Operation & {
  /** Number of its process; 1, the first process, by default. */
  readonly pid?: number;
  /** Duration of the call in microseconds, measured by the recorder. */
  readonly took?: number;
};

/** The operation of a step. */
type Operation =
  | {
      readonly op: 'mmap';
      readonly addr: string;
      readonly len: number;
      readonly prot: number;
      readonly flags: number;
      readonly fd: number;
      readonly off: Wide;
      readonly ret: Wide;
    }
  | { readonly op: 'munmap'; readonly addr: string; readonly len: number; readonly ret: number }
  /** Memory moves to the address `to`, which is also the result, with the pages that are pinned. */
  | {
      readonly op: 'mremap';
      readonly addr: string;
      readonly len: number;
      readonly to: string;
      readonly ret: Wide;
    }
  | {
      readonly op: 'poke';
      readonly addr: string;
      readonly hex: string;
      /** The bytes could not be written. */
      readonly fault?: true;
    }
  | { readonly op: 'peek'; readonly addr: string; readonly hex: string }
  | { readonly op: 'peek'; readonly addr: string; readonly len: number; readonly same: true }
  | { readonly op: 'peek'; readonly addr: string; readonly len: number; readonly fault: true }
  | {
      readonly op: 'open';
      readonly path: string;
      /** `O_RDONLY` (0), `O_WRONLY` (1), `O_RDWR` (2), which is the default, or 3: neither. */
      readonly flags?: number;
      readonly ret: number;
    }
  | { readonly op: 'eventfd'; readonly init: number; readonly flags: number; readonly ret: number }
  | {
      readonly op: 'memfd';
      readonly size: Wide;
      /** True for huge pages (MFD_HUGETLB). */
      readonly huge?: true;
      readonly ret: number;
    }
  /** A memfd gets a size in bytes. */
  | { readonly op: 'ftruncate'; readonly fd: number; readonly size: Wide; readonly ret: number }
  /** Pages of a memfd are allocated or, with FALLOC_FL_PUNCH_HOLE in `mode`, removed: `len` bytes at `off`. */
  | {
      readonly op: 'fallocate';
      readonly fd: number;
      readonly mode: number;
      readonly off: Wide;
      readonly len: Wide;
      readonly ret: number;
    }
  /** Occupies the file descriptor `fd`, or with `to` all from `fd` to `to`. */
  | { readonly op: 'occupy'; readonly fd: number; readonly to?: number }
  | { readonly op: 'inherit'; readonly path: string; readonly ret: number }
  | {
      readonly op: 'dup';
      readonly fd: number;
      /** The new file descriptor of `dup2()`. */
      readonly to?: number;
      /** The lowest new file descriptor of `fcntl(F_DUPFD)`. */
      readonly from?: number;
      /** The process that passes its file `fd` to this one: a parent, or the sender of a message. Requires `to`. */
      readonly of?: number;
      readonly ret: number;
    }
  | {
      readonly op: 'ioctl';
      readonly fd: number;
      readonly cmd: string;
      readonly arg: Wide;
      readonly ret: number;
    }
  | ({ readonly op: 'read' } & Transfer)
  | ({ readonly op: 'write' } & Transfer)
  | {
      readonly op: 'poll';
      readonly fd: number;
      readonly events: number;
      readonly timeout?: number;
      readonly ret: number;
      readonly revents: number;
    }
  | { readonly op: 'close'; readonly fd: number; readonly ret: number }
  | ({ readonly op: 'pread' | 'pwrite'; readonly off: Wide } & Transfer)
  | {
      readonly op: 'dma';
      /** A name of the device, for readers. `fd` determines the device. */
      readonly dev: string;
      readonly fd: number;
      readonly write: boolean;
      readonly iova: Wide;
      readonly len: number;
      readonly devoff: number;
      readonly ret: number;
    }
  | ({ readonly op: 'load'; readonly addr: string; readonly size: AccessSize } & (
      | { readonly ret: 0; readonly value: string }
      | Killed
    ))
  | ({ readonly op: 'store'; readonly addr: string; readonly size: AccessSize; readonly value: string } & (
      | { readonly ret: 0 }
      | Killed
    ))
  | {
      readonly op: 'mprotect';
      readonly addr: string;
      readonly len: number;
      readonly prot: number;
      readonly ret: number;
    }
  | {
      readonly op: 'madvise';
      readonly addr: string;
      readonly len: number;
      readonly advice: number;
      readonly ret: number;
    }
  | {
      readonly op: 'lseek';
      readonly fd: number;
      readonly off: number;
      readonly whence: number;
      readonly ret: number;
    }
  | {
      readonly op: 'cat';
      readonly path: string;
      /** Bytes to read at most; 4096 by default. */
      readonly max?: number;
      readonly ret: number;
      readonly hex?: string;
    }
  | {
      readonly op: 'readlink' | 'ls' | 'stat';
      readonly path: string;
      readonly ret: number;
      /** The result, unless `ret` is an errno. */
      readonly text?: string;
    }
  | { readonly op: 'put' | 'putbg'; readonly path: string; readonly text: string; readonly ret: number }
  | { readonly op: 'wait'; readonly ret: number }
  /**
   * A device accesses memory. `dev` is its index in the description of the machine. `outcome` is `done`, `waits` (for a response; an
   * `ended` step has its end), or the reason of the abort.
   */
  | {
      readonly op: 'access';
      readonly dev: number;
      readonly write: boolean;
      readonly iova: string;
      readonly len: number;
      readonly pasid?: number;
      /** The bytes that it writes or has read. */
      readonly hex?: string;
      readonly outcome: string;
    }
  /** A waiting access has ended. `access` is its index among the `access` steps. */
  | { readonly op: 'ended'; readonly access: number; readonly hex?: string; readonly outcome: string }
  /** A mock device reports an event. `outcome` is `reported` or `no receiver`. */
  | { readonly op: 'event'; readonly dev: number; readonly outcome: string }
  /** A device is unplugged. `outcome` is `gone`; or `asked back` if it is removed only when its files are closed. */
  | { readonly op: 'unplug'; readonly dev: number; readonly outcome: string }
  /** The interrupt threads of the SMMUv3's driver are delayed from now on, or run again. */
  | { readonly op: 'interrupts'; readonly held: boolean; readonly outcome: string }
  | { readonly op: 'note'; readonly text: string; readonly lines?: readonly string[] }
  | { readonly op: 'settle'; readonly ms?: number }
  /** Starts a process; if it already exists, as the first one does, changes its privileges. */
  | ({ readonly op: 'process'; readonly program?: string } & Partial<Privileges>)
  /** The process ends. */
  | { readonly op: 'exit' };

/** The description of a machine: the options of `iommufd run`. The machine can be created from it again. */
export interface MachineOptions {
  /** True if the mock driver is loaded. */
  readonly mock?: boolean | undefined;
  /** True if the devices are behind an SMMUv3. */
  readonly smmuv3?: boolean | undefined;
  /** The devices: `KIND` or `KIND@BDF`, with properties after commas: `mock,pasids`, `pci@00:02.0,stall,canwbs`. */
  readonly devices?: readonly string[] | undefined;
  /**
   * True if a program can map BARs with registers, as on a real machine. Its accesses to them are not in the tape. Default: false, as
   * under `iommufd run`
   */
  readonly mapsRegisters?: boolean | undefined;
  /** The module that acted as hardware. Its actions are not in the tape. */
  readonly script?: string | undefined;
}

/** A recording of the system calls of a process, and of the processes that it shares files with. */
export interface Tape {
  readonly name: string;
  /** The version of Linux. */
  readonly kernel: string;
  readonly arch: string;
  /** The name of a known machine, or the description of the machine; by default the machine of the architecture. */
  readonly machine?: string | MachineOptions;
  /** The privileges of the first process; those of root by default. */
  readonly privileges?: Partial<Privileges>;
  /** Number of system calls, counted by the recorder. */
  readonly calls: number;
  readonly note?: string;
  /** For a tape that was parsed from a text: information that is missing there, and what is assumed instead. Not part of a file. */
  readonly lacks?: readonly string[];
  readonly steps: readonly Step[];
}

/** Parses tapes: one JSON object per line. @throws SyntaxError with the line, and the field of `machine` that is invalid */
export function parseTapes(text: string): Tape[] {
  if (isGuestTape(text))
    throw new SyntaxError(
      'line 1: the tape of a guest that drives an SMMUv3, which has no calls of /dev/iommu: `iommufd view` shows it, and `pnpm conformance FILE` of the repository replays it on the virtual SMMUv3',
    );
  const tapes: (Omit<Tape, 'steps'> & { readonly steps: Step[] })[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const step = parseLine(line, i + 1);
    if ('tape' in step) {
      if (step.tape !== 1)
        throw new SyntaxError(`line ${i + 1}: a tape of version ${String(step.tape)}, not 1`);
      if ('machine' in step) checkMachine(step.machine, i + 1);
      // The other fields of the head are not checked: version 1 defines their types.
      tapes.push({ ...(step as unknown as Tape), steps: [] });
      return;
    }
    const tape = tapes.at(-1);
    if (tape === undefined) throw new SyntaxError(`line ${i + 1}: a step before the head of a tape`);
    tape.steps.push(step as Step);
  });
  return tapes;
}

/** The fields of {@link MachineOptions}: the description of each in errors, and a check of its values. */
const MACHINE_FIELDS: ReadonlyMap<string, readonly [expected: string, isValid: (value: unknown) => boolean]> =
  new Map(
    Object.entries({
      mock: ['true or false', (value) => typeof value === 'boolean'],
      smmuv3: ['true or false', (value) => typeof value === 'boolean'],
      mapsRegisters: ['true or false', (value) => typeof value === 'boolean'],
      devices: [
        'a list of strings',
        (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
      ],
      script: ['a string', (value) => typeof value === 'string'],
    } satisfies Record<keyof MachineOptions, readonly [string, (value: unknown) => boolean]>),
  );

/** Checks `machine` in the head of a tape. @throws SyntaxError with the line and the field */
function checkMachine(machine: unknown, line: number): void {
  if (typeof machine === 'string') return;
  const got = JSON.stringify(machine);
  if (typeof machine !== 'object' || machine === null || Array.isArray(machine))
    throw new SyntaxError(`line ${line}: machine: expected a name or an object, got ${got}`);
  const fields: Readonly<Record<string, unknown>> = { ...machine };
  for (const [name, value] of Object.entries(fields)) {
    const field = MACHINE_FIELDS.get(name);
    if (field === undefined)
      throw new SyntaxError(
        `line ${line}: machine.${name}: unknown field; known are ${[...MACHINE_FIELDS.keys()].join(', ')}`,
      );
    const [expected, isValid] = field;
    if (!isValid(value))
      throw new SyntaxError(
        `line ${line}: machine.${name}: expected ${expected}, got ${JSON.stringify(value)}`,
      );
  }
}

function parseLine(line: string, number: number): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null)
    throw new SyntaxError(`line ${number}: expected an object, got ${JSON.stringify(value)}`);
  return value;
}
