import type { Privileges } from '@iommufd/fakekernel';
import { isGuestTape } from '../guest/guest-tape.js';

/** A number that may pass 2^53: then it is a hex string. */
type Wide = number | string;

/** Bytes between a file and memory. */
interface Transfer {
  readonly fd: number;
  readonly addr: string;
  readonly len: number;
  readonly ret: number;
}

/** Bytes of one access of the program. */
type AccessSize = 1 | 2 | 4 | 8;

/** An access that the kernel answered with a signal. */
interface Killed {
  readonly signal: string;
}

/** One step of a tape, in the recorder's own form: `packages/conformance/tapes/README.md`. */
export type Step = Made & {
  /** The process that it is of; the first, 1, if it is left out. */
  readonly pid?: number;
  /** Microseconds that a call took, as the recorder saw it. */
  readonly took?: number;
};

/** What is done in a step. */
type Made =
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
      /** Of huge pages: `MFD_HUGETLB`. */
      readonly huge?: true;
      readonly ret: number;
    }
  /** With `to` all numbers from `fd` to it. */
  | { readonly op: 'occupy'; readonly fd: number; readonly to?: number }
  | { readonly op: 'inherit'; readonly path: string; readonly ret: number }
  | {
      readonly op: 'dup';
      readonly fd: number;
      /** Of `dup2()`: the number of the copy. */
      readonly to?: number;
      /** Of `fcntl(F_DUPFD)`: the lowest number that it may have. */
      readonly from?: number;
      /** The process that has the file at `fd`, and hands it to this one: a parent, or a sender. With `to`. */
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
      /** A name for the device; the file says which it is. */
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
      /** Bytes that are read at most: 4096 by default. */
      readonly max?: number;
      readonly ret: number;
      readonly hex?: string;
    }
  | {
      readonly op: 'readlink' | 'ls' | 'stat';
      readonly path: string;
      readonly ret: number;
      /** What was found, unless `ret` is an errno. */
      readonly text?: string;
    }
  | { readonly op: 'put' | 'putbg'; readonly path: string; readonly text: string; readonly ret: number }
  | { readonly op: 'wait'; readonly ret: number }
  /**
   * A device accesses memory, by its number in the description of the machine: what its hardware does, and no call of a program.
   * `outcome` is `done`, `waits` (for an answer; {@link Step} `ended` says how it ended), or why it was aborted.
   */
  | {
      readonly op: 'access';
      readonly dev: number;
      readonly write: boolean;
      readonly iova: string;
      readonly len: number;
      readonly pasid?: number;
      /** What it writes, or has read. */
      readonly hex?: string;
      readonly outcome: string;
    }
  /** An access that waited is over: the `access` of this number, counted from 0. */
  | { readonly op: 'ended'; readonly access: number; readonly hex?: string; readonly outcome: string }
  /** A mock device reports an event: `reported`, or `no receiver`. */
  | { readonly op: 'event'; readonly dev: number; readonly outcome: string }
  /** A device is unplugged: it is `gone`, or `asked back`, and goes when its files are closed. */
  | { readonly op: 'unplug'; readonly dev: number; readonly outcome: string }
  /** The interrupt threads of the SMMUv3's driver wait from now on, or run again. */
  | { readonly op: 'interrupts'; readonly held: boolean; readonly outcome: string }
  | { readonly op: 'note'; readonly text: string; readonly lines?: readonly string[] }
  | { readonly op: 'settle'; readonly ms?: number }
  /** Another process is there from now on; one that was there already, as the first, has other privileges. */
  | ({ readonly op: 'process'; readonly program?: string } & Partial<Privileges>)
  /** The process ends. */
  | { readonly op: 'exit' };

/** A machine that can be made anew from what a tape says of it: what `iommufd run` was asked for. */
export interface MachineOptions {
  /** The mock driver is loaded. */
  readonly mock?: boolean | undefined;
  /** The devices are behind an SMMUv3. */
  readonly smmuv3?: boolean | undefined;
  /** `KIND` or `KIND@BDF`, with what it can behind commas: `mock,pasids`, `pci@00:02.0,stall,canwbs`. */
  readonly devices?: readonly string[] | undefined;
  /** The module that played the hardware: what it did is not in the tape. */
  readonly script?: string | undefined;
}

/** The conversation of a process, and of those that it shares files with, with a kernel. */
export interface Tape {
  readonly name: string;
  /** The kernel's version. */
  readonly kernel: string;
  readonly arch: string;
  /** Which of the machines that are described, or what there was, if it can be made anew; without it that of its architecture. */
  readonly machine?: string | MachineOptions;
  /** What the first process may do; root's privileges if it is left out. */
  readonly privileges?: Partial<Privileges>;
  /** Syscalls that the recorder counted. */
  readonly calls: number;
  readonly note?: string;
  /** What is taken to be so because the source does not say it: of a tape that was made from a text. It is in no file. */
  readonly lacks?: readonly string[];
  readonly steps: readonly Step[];
}

/** Parses tapes, one JSON object a line. @throws SyntaxError that names the line, and the field of `machine` that is invalid */
export function parseTapes(text: string): Tape[] {
  if (isGuestTape(text))
    throw new SyntaxError(
      'line 1: the tape of a guest that drives an SMMUv3, which asks /dev/iommu nothing: `iommufd view` shows it, and `pnpm conformance FILE` of the repository plays it on the virtual SMMUv3',
    );
  const tapes: (Omit<Tape, 'steps'> & { readonly steps: Step[] })[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const step = parseLine(line, i + 1);
    if ('tape' in step) {
      if (step.tape !== 1)
        throw new SyntaxError(`line ${i + 1}: a tape of version ${String(step.tape)}, not 1`);
      if ('machine' in step) checkMachine(step.machine, i + 1);
      // The rest of the head has the form that the version number promises.
      tapes.push({ ...(step as unknown as Tape), steps: [] });
      return;
    }
    const tape = tapes.at(-1);
    if (tape === undefined) throw new SyntaxError(`line ${i + 1}: a step before any tape`);
    tape.steps.push(step as Step);
  });
  return tapes;
}

/** What the fields of {@link MachineOptions} are, in words, and whether a value is that. */
const MACHINE_FIELDS: ReadonlyMap<string, readonly [expected: string, isValid: (value: unknown) => boolean]> =
  new Map(
    Object.entries({
      mock: ['true or false', (value) => typeof value === 'boolean'],
      smmuv3: ['true or false', (value) => typeof value === 'boolean'],
      devices: [
        'a list of texts',
        (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
      ],
      script: ['a text', (value) => typeof value === 'string'],
    } satisfies Record<keyof MachineOptions, readonly [string, (value: unknown) => boolean]>),
  );

/** Checks what the head of a tape says of its machine. @throws SyntaxError that names the line and the field */
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
        `line ${line}: machine.${name}: no such field; there are ${[...MACHINE_FIELDS.keys()].join(', ')}`,
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
