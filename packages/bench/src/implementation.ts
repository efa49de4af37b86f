import type { Command } from './data/commands.js';
import type { EventFields } from './data/events.js';
import type { Invalidation } from './data/invalidations.js';

/** What an implementation does in each workload that it takes part in. */
export interface Implementations {
  /** Decodes a buffer of events to an object a record. */
  readonly W1a: (bytes: Uint8Array<ArrayBuffer>) => readonly EventFields[];
  /** Adds the fields of all its events, the input address as two halves, modulo 2^32, and keeps nothing. */
  readonly W1b: (bytes: Uint8Array<ArrayBuffer>) => number;
  /** Encodes commands one behind the other. */
  readonly W2: (commands: readonly Command[]) => Uint8Array;
  /** Encodes a value to bytes of its own, and makes an object of its own of bytes. */
  readonly W3: {
    readonly encode: (value: Invalidation) => Uint8Array;
    readonly decode: (bytes: Uint8Array) => Invalidation;
  };
  /** Adds two fields of all events, the number and the StreamID, modulo 2^32. */
  readonly S2: (bytes: Uint8Array<ArrayBuffer>) => number;
  /** Encodes values into one buffer, at its start; what is made for the buffer is made once. */
  readonly S4a: (buffer: Uint8Array<ArrayBuffer>) => (value: Invalidation) => unknown;
  /** Encodes a value to bytes of its own. */
  readonly S4b: (value: Invalidation) => Uint8Array;
  /** Makes objects of the same bytes again and again; what is made for the bytes is made once. */
  readonly S4c: (bytes: Uint8Array<ArrayBuffer>) => () => Invalidation;
}

/** A workload that implementations take part in. */
export type ComparisonName = keyof Implementations;
/** Those that every implementation takes part in, or says why not; in the others are those that the question is about. */
export const COMPARISONS = ['W1a', 'W1b', 'W2', 'W3'] as const satisfies readonly ComparisonName[];

/** Why something does not take part. */
export interface Cannot {
  readonly cannot: string;
}

type AllEntries = { readonly [W in ComparisonName]: Implementations[W] | Cannot };
type Entries = Pick<AllEntries, (typeof COMPARISONS)[number]> & Partial<AllEntries>;

/** Ours, another library, or code as a user would write it without one. */
export type ImplementationKind = 'ours' | 'library' | 'by hand';

interface Common {
  readonly name: string;
  /** Empty where there is no library. */
  readonly version: string;
  /** The file that it is in: `import.meta.url`. What one file has is done by one process "after all its other workloads". */
  readonly module: string;
  readonly kind: ImplementationKind;
  /** What to know of it beside its numbers. */
  readonly note?: string;
}

/** Who takes part. */
export interface Implementation extends Common {
  readonly form: 'main';
  /** Every workload of {@link COMPARISONS}, or the reason why not, and some of the others. */
  readonly workloads: Entries;
}

/** Another form of one that takes part, measured apart: only what differs is here. */
export interface OtherForm extends Common {
  readonly form: 'other';
  readonly workloads: Partial<AllEntries>;
}

/** Does it take part? */
export function isCannot<T extends object>(entry: T | Cannot): entry is Cannot {
  return 'cannot' in entry;
}

/** What one has for a workload; undefined where another form has nothing of its own to show. */
export function entryOf<W extends ComparisonName>(
  { workloads }: { readonly workloads: Partial<AllEntries> },
  name: W,
): Implementations[W] | Cannot | undefined {
  return workloads[name];
}
