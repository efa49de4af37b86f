import type { Command } from './data/commands.js';
import type { EventFields } from './data/events.js';
import type { Invalidation } from './data/invalidations.js';

/** The function, or functions, of an implementation for each workload. */
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
/** Workloads that every implementation takes part in or gives a reason against; the other workloads are optional. */
export const COMPARISONS = ['W1a', 'W1b', 'W2', 'W3'] as const satisfies readonly ComparisonName[];

/** The reason why an implementation or a case does not take part. */
export interface Cannot {
  readonly cannot: string;
}

type AllEntries = { readonly [W in ComparisonName]: Implementations[W] | Cannot };
type Entries = Pick<AllEntries, (typeof COMPARISONS)[number]> & Partial<AllEntries>;

/** Ours, another library, or code as a user would write it without one. */
export type ImplementationKind = 'ours' | 'library' | 'by hand';

interface Common {
  readonly name: string;
  /** The library's version; empty without a library. */
  readonly version: string;
  /** The file that it is in: `import.meta.url`. What one file has is done by one process "after all its other workloads". */
  readonly module: string;
  readonly kind: ImplementationKind;
  /** A note for the reports. */
  readonly note?: string;
}

/** An implementation that takes part in the workloads. */
export interface Implementation extends Common {
  readonly form: 'main';
  /** Every workload of {@link COMPARISONS}, or the reason why not, and some of the others. */
  readonly workloads: Entries;
}

/** Another form of an implementation, measured separately. It has only the workloads in which it differs. */
export interface OtherForm extends Common {
  readonly form: 'other';
  readonly workloads: Partial<AllEntries>;
}

/** True if an entry is a reason for not taking part. */
export function isCannot<T extends object>(entry: T | Cannot): entry is Cannot {
  return 'cannot' in entry;
}

/** The entry of an implementation for a workload; undefined if a form does not differ in it. */
export function entryOf<W extends ComparisonName>(
  { workloads }: { readonly workloads: Partial<AllEntries> },
  name: W,
): Implementations[W] | Cannot | undefined {
  return workloads[name];
}
