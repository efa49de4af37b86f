import type { Input } from '../workload.js';
import type { Settings } from './settings.js';

/** A workload of an implementation, or a case, by the files that they are in: a process loads these and no others. */
export interface Task {
  readonly workloadModule: string;
  /** The implementation's file; undefined for a case. */
  readonly implementationModule?: string | undefined;
  /** The implementation or the case. */
  readonly name: string;
  readonly input: Input;
}

/** What a process is asked. It does one thing at a time, and answers each. */
export type Order =
  | {
      readonly kind: 'start';
      readonly task: Task;
      /** What it does before that. */
      readonly others: readonly Task[];
      readonly settings: Settings;
    }
  | { readonly kind: 'sample' }
  | { readonly kind: 'bytes' };

/** What it answers. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'cannot'; readonly reason: string }
  | {
      readonly kind: 'sample';
      /** Nanoseconds that an operation took. */
      readonly nanoseconds: number;
      /** How long the sample took, with what is not measured. */
      readonly milliseconds: number;
    }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly message: string };
