/** Types of traced calls: calls on files of iommufd and VFIO, and calls that may change the memory that those use. */

import type { About } from '../record/about.js';
import type { FileChange } from '../memory/drops.js';
import type { FileCall } from '../observer.js';
import type { TracedFile } from './files.js';
import type { TraceeMemory } from './memory.js';
import type { TraceeEnd } from './tracees.js';

/** A process that is traced. */
export interface TracedProcess {
  readonly pid: number;
  /** The memory of the program that it runs now. An exec replaces it. */
  memory: TraceeMemory;
}

/** A call and its arguments. */
export type Made =
  | FileCall
  | { readonly op: 'open'; readonly path: string; readonly flags: number }
  | {
      readonly op: 'dup';
      readonly fd: number;
      readonly to?: number | undefined;
      readonly from?: number | undefined;
    }
  | { readonly op: 'close'; readonly fd: number }
  | { readonly op: 'eventfd'; readonly init: number; readonly flags: number }
  | {
      readonly op: 'mmap';
      readonly address: number;
      readonly length: number;
      readonly prot: number;
      readonly flags: number;
      readonly fd: number;
      readonly offset: bigint;
    };

/** A call that has begun. */
export interface TracedCall {
  readonly process: TracedProcess;
  readonly tid: number;
  readonly made: Made;
  /** The file that it is made on; undefined if the call opens or creates a file, or if its descriptor is not open. */
  readonly file: TracedFile | undefined;
  /** The memory and files of an ioctl, from its declaration. */
  readonly about?: About | undefined;
  /** Start time in milliseconds, by the clock of this process. */
  readonly began: number;
}

/** The end of a call. */
export interface CallEnd {
  /** A negative errno if it failed; the address of a mapping. */
  readonly result: number;
  /** Duration in milliseconds, including the time that tracing took. */
  readonly took: number;
  /** The files that it has opened, with their descriptors. */
  readonly opened: readonly (readonly [number, TracedFile])[];
}

/** Receives the calls of traced processes, in the order in which they end. The calling thread is stopped meanwhile. */
export interface CallSink {
  after(call: TracedCall, end: CallEnd): void;
  /** A call begins. Its memory is as the caller passes it. */
  before?(call: TracedCall): void;
  /** A call will not end: its thread has ended, or the kernel restarts the call later. */
  dropped?(call: TracedCall): void;
  /** The tracer has attached to a process that was already running. */
  attached?(process: TracedProcess): void;
  forked?(parent: TracedProcess, process: TracedProcess): void;
  /** A process runs another program. @param closed the descriptors of its files that the exec closed */
  executed?(process: TracedProcess, closed: readonly number[]): void;
  /** A process has ended, or the tracer has detached from it: `end` is undefined then. */
  ended?(process: TracedProcess, end: TraceeEnd | undefined): void;
  /** A process has a file that no traced call has opened. */
  found?(process: TracedProcess, fd: number, file: TracedFile): void;
  /** The mappings of a range are unmapped or replaced, or their pages are dropped. @param movedTo the new address, if they have moved */
  loses?(process: TracedProcess, start: number, end: number, movedTo: number | undefined): void;
  /** A call has changed the size of a file, or removed pages from it. @param key of its memory */
  fileChanged?(key: string, change: FileChange): void;
  /** The descriptors of a process may have changed by a call that is not traced. */
  filesChange?(process: TracedProcess): void;
}
