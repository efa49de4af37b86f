import type { Input } from '../workload.js';
import type { Settings } from './settings.js';

/** A workload of an implementation, or a case, named by its files: a process loads only these. */
export interface Task {
  readonly workloadModule: string;
  /** The implementation's file; undefined for a case. */
  readonly implementationModule?: string | undefined;
  /** The implementation or the case. */
  readonly name: string;
  readonly input: Input;
}

/** A request to a process. It handles one at a time and answers each. */
export type Order =
  | {
      readonly kind: 'start';
      readonly task: Task;
      /** Tasks that it runs first. */
      readonly others: readonly Task[];
      readonly settings: Settings;
    }
  | { readonly kind: 'sample' }
  | { readonly kind: 'bytes' };

/** The answer to an {@link Order}. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'cannot'; readonly reason: string }
  | {
      readonly kind: 'sample';
      /** Nanoseconds that an operation took. */
      readonly nanoseconds: number;
      /** Total time of the sample, including the work that is not measured. */
      readonly milliseconds: number;
    }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly message: string };
