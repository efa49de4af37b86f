import {
  type Cannot,
  type Implementation,
  type ImplementationKind,
  type ComparisonName,
  entryOf,
  type Implementations,
  isCannot,
  type OtherForm,
} from './implementation.js';

/** What was done, and how long it took. */
export interface Pass {
  readonly operations: number;
  readonly milliseconds: number;
}

/** A workload, ready to be done, in a process of its own. */
export interface Runner {
  /** Does it once. Only what is to be measured is in the time. */
  readonly run: () => Pass | Promise<Pass>;
  /** Bytes of the heap that an operation takes; asked for once, after everything else. */
  readonly bytesPerOperation?: () => number | Promise<number>;
}

/** Times a workload that is done in one go. */
export function timed(operations: number, workload: () => void): Pass {
  const start = performance.now();
  workload();
  return { operations, milliseconds: performance.now() - start };
}

/** What a workload is to come to, in terms of what was measured. Names are those of implementations and cases. */
export type Goal =
  /** The speed of one, where that of the other is 1. */
  | { readonly kind: 'speed'; readonly of: string; readonly to: string; readonly atLeast: number }
  /** The same, where the other is the fastest library. */
  | { readonly kind: 'libraries'; readonly of: string; readonly atLeast: number }
  /** How many times as long an operation of one takes as of the other. */
  | { readonly kind: 'growth'; readonly of: string; readonly from: string; readonly below: number }
  /** Operations a second. */
  | { readonly kind: 'rate'; readonly of: string; readonly atLeast: number }
  /** Bytes that an operation takes, without those of the first baseline, against those of the second. */
  | { readonly kind: 'bytes'; readonly of: string; readonly without: string; readonly most: string }
  /** Bytes that an operation takes. */
  | { readonly kind: 'bytes'; readonly of: string; readonly atMost: number };

/** How a number of a workload is shown. */
export type Unit = 'ns' | 'us' | 'ms';

interface CommonWorkload {
  readonly name: string;
  readonly title: string;
  /** The file that it is in: `import.meta.url`. */
  readonly module: string;
  /** What one operation is: 'record', 'ioctl'. */
  readonly operation: string;
  readonly unit: Unit;
  readonly goals: readonly Goal[];
  /** For docs/performance.md: what is done, and with what. */
  readonly text: string;
}

/** What one process gives to another: bytes, if anything. */
export type Input = Uint8Array<ArrayBuffer> | undefined;

/** A workload that implementations take part in, as it is declared. */
interface ComparisonOf<W extends ComparisonName> extends CommonWorkload {
  readonly name: W;
  /** To whom all are compared: first the main one. */
  readonly comparedTo: readonly string[];
  /** What every process is given. */
  readonly input: () => Input;
  /**
   * Checks an implementation, once, and makes it ready.
   * @throws WrongResult
   */
  readonly start: (implementation: Implementations[W], input: Input) => Runner;
}

/** A workload that implementations take part in. */
export interface Comparison extends Omit<ComparisonOf<ComparisonName>, 'start'> {
  readonly kind: 'comparison';
  /** Does an implementation take part? Undefined where it has nothing of its own to show. */
  readonly takesPart: (implementation: Implementation | OtherForm) => true | Cannot | undefined;
  /** Checks an implementation that takes part, and makes it ready. @throws WrongResult */
  readonly start: (implementation: Implementation | OtherForm, input: Input) => Runner;
}

/** Declares a workload that implementations take part in. */
export function comparison<W extends ComparisonName>({ start, ...workload }: ComparisonOf<W>): Comparison {
  return {
    ...workload,
    kind: 'comparison',
    takesPart: (implementation) => {
      const entry = entryOf(implementation, workload.name);
      return entry === undefined || isCannot(entry) ? entry : true;
    },
    start: (implementation, input) => {
      const entry = entryOf(implementation, workload.name);
      if (entry === undefined || isCannot(entry))
        throw new TypeError(`${implementation.name} does not do ${workload.name}`);
      return start(entry, input);
    },
  };
}

/** Any workload. */
export type Workload = Comparison | CaseWorkload;

/** A workload of our own packages, in several cases. */
export interface CaseWorkload extends CommonWorkload {
  readonly kind: 'cases';
  readonly cases: readonly Case[];
}

/** One case of a workload. */
export interface Case {
  readonly name: string;
  readonly kind: ImplementationKind | 'baseline';
  readonly version?: string;
  readonly note?: string;
  /** Are the bytes that an operation takes counted, too? */
  readonly countsBytes?: boolean;
  /** Takes so long to set up that one process must do. */
  readonly isLong?: boolean;
  /** The size of its problem, for charts: areas, GiB of a range. */
  readonly size?: number;
  readonly start: () => Runner | Cannot | Promise<Runner | Cannot>;
}

/** A implementation's result is not what all must come to. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}
