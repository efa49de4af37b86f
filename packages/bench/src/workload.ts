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

/** One timed pass of a workload. */
export interface Pass {
  readonly operations: number;
  readonly milliseconds: number;
}

/** A prepared workload in a process of its own. */
export interface Runner {
  /** Runs one pass. The time excludes preparation. */
  readonly run: () => Pass | Promise<Pass>;
  /** Bytes of the heap that an operation takes. Called once, in a process that only counts bytes. */
  readonly bytesPerOperation?: () => number | Promise<number>;
}

/** Times a synchronous workload. @param operations that one call makes */
export function timed(operations: number, workload: () => void): Pass {
  const start = performance.now();
  workload();
  return { operations, milliseconds: performance.now() - start };
}

/** The goal of a workload. `of`, `to`, `from`, `without` and `most` are names of implementations or cases. */
export type Goal =
  /** The speed of `of` relative to `to`. */
  | { readonly kind: 'speed'; readonly of: string; readonly to: string; readonly atLeast: number }
  /** The speed of `of` relative to the fastest library. */
  | { readonly kind: 'libraries'; readonly of: string; readonly atLeast: number }
  /** The time of an operation of `of` relative to `from`. */
  | { readonly kind: 'growth'; readonly of: string; readonly from: string; readonly below: number }
  /** Operations per second. */
  | { readonly kind: 'rate'; readonly of: string; readonly atLeast: number }
  /** Bytes that an operation takes, less those of `without`; at most those of `most`. */
  | { readonly kind: 'bytes'; readonly of: string; readonly without: string; readonly most: string }
  /** Bytes that an operation takes. */
  | { readonly kind: 'bytes'; readonly of: string; readonly atMost: number };

/** The unit of a workload's times in tables. */
export type Unit = 'ns' | 'us' | 'ms';

interface CommonWorkload {
  readonly name: string;
  readonly title: string;
  /** URL of the file that defines the workload: `import.meta.url`. */
  readonly module: string;
  /** Name of one operation: 'record', 'ioctl'. */
  readonly operation: string;
  readonly unit: Unit;
  readonly goals: readonly Goal[];
  /** Description for docs/performance-details.md, in Markdown. */
  readonly text: string;
}

/** Data that the measuring process sends to measured processes. */
export type Input = Uint8Array<ArrayBuffer> | undefined;

/** A workload that implementations take part in, as it is declared. */
interface ComparisonOf<W extends ComparisonName> extends CommonWorkload {
  readonly name: W;
  /** Names of the baselines, the main one first. */
  readonly comparedTo: readonly string[];
  /** Makes the data that every process receives. */
  readonly input: () => Input;
  /**
   * Verifies an implementation's results and prepares it.
   * @throws WrongResult if a result is wrong
   */
  readonly start: (implementation: Implementations[W], input: Input) => Runner;
}

/** A workload that implementations take part in. */
export interface Comparison extends Omit<ComparisonOf<ComparisonName>, 'start'> {
  readonly kind: 'comparison';
  /** True if an implementation takes part, or the reason why not. Undefined if a form does not differ here. */
  readonly takesPart: (implementation: Implementation | OtherForm) => true | Cannot | undefined;
  /** Verifies an implementation that takes part and prepares it. @throws WrongResult if a result is wrong */
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
  /** True if the bytes that an operation takes are counted too. */
  readonly countsBytes?: boolean;
  /** True if set-up takes so long that one process must suffice. */
  readonly isLong?: boolean;
  /** Problem size for charts: areas, or GiB of a range. */
  readonly size?: number;
  readonly start: () => Runner | Cannot | Promise<Runner | Cannot>;
}

/** An implementation returned a wrong result. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}
