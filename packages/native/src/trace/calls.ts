/** The calls of traced processes that are about files of iommufd and VFIO, and about memory that these may have to do with. */

import type { About } from '../record/about.js';
import type { FileCall } from '../observer.js';
import type { TracedFile } from './files.js';
import type { TraceeMemory } from './memory.js';

/** A process that is traced. */
export interface TracedProcess {
  readonly pid: number;
  /** Of the program that it runs. */
  memory: TraceeMemory;
}

/** What a call does. */
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
  /** The file that it is made on; undefined for one that opens it, and for a number that is not open. */
  readonly file: TracedFile | undefined;
  /** Of an ioctl: what its declaration says that it is about. */
  readonly about?: About | undefined;
  /** In milliseconds, by the clock of this process. */
  readonly began: number;
}

/** How a call has ended. */
export interface CallEnd {
  /** A negative errno if it failed; the address of a mapping. */
  readonly result: number;
  /** In milliseconds, with what it took to trace it. */
  readonly took: number;
  /** Files that it has made, by number. */
  readonly opened: readonly (readonly [number, TracedFile])[];
}

/** Called for the calls of traced processes, in the order in which they end; the thread that makes a call stands still meanwhile. */
export interface CallSink {
  after(call: TracedCall, end: CallEnd): void;
  /** The memory of a call is as it is given. */
  before?(call: TracedCall): void;
  /** A call has not ended, because its thread has; or it begins again later. */
  dropped?(call: TracedCall): void;
  /** A process is attached to that has run before. */
  attached?(process: TracedProcess): void;
  forked?(parent: TracedProcess, process: TracedProcess): void;
  /** A process runs another program. @param closed numbers of files that it has lost by it */
  executed?(process: TracedProcess, closed: readonly number[]): void;
  ended?(process: TracedProcess): void;
  /** A process has a file that it was not seen to open. */
  found?(process: TracedProcess, fd: number, file: TracedFile): void;
  /** What is mapped there goes, or is replaced. */
  loses?(process: TracedProcess, start: number, end: number): void;
  /** Numbers of other files may have changed. */
  filesChange?(process: TracedProcess): void;
}
