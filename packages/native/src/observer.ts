/**
 * Interfaces of observers of the fake kernel's work for a program: the calls on its files, and the accesses to the program's memory
 * that these calls make. Recorders implement them.
 */

import type { File, PageRun } from '@iommufd/fakekernel/task';
import type { NativeTask } from './native-task.js';
import type { SharedContents } from './memory/shared-pages.js';

/** A call on a file descriptor of the fake kernel. */
export type FileCall =
  | { readonly op: 'ioctl'; readonly fd: number; readonly request: number; readonly argument: bigint }
  | {
      readonly op: 'read' | 'write';
      readonly fd: number;
      readonly address: bigint;
      readonly length: number;
    }
  | {
      readonly op: 'pread' | 'pwrite';
      readonly fd: number;
      readonly address: bigint;
      readonly length: number;
      readonly position: bigint;
    };

/** A range of a file of the fake kernel that a program is about to map, or has failed to map. */
export interface FileMapping {
  readonly file: File;
  readonly fd: number;
  /** In bytes, as the size. */
  readonly offset: number;
  readonly size: number;
  readonly prot: number;
  readonly flags: number;
  /** 0, or a negative errno if it cannot be mapped. */
  readonly result: number;
}

/** The result of opening a node. */
export interface Opened {
  readonly file: File;
  /** Its descriptor in the program, or a negative errno. */
  readonly fd: number;
}

/** Observes the calls of the processes of a run. `call` and `open` must execute the call with `perform` and return its result. */
export interface CallObserver {
  call(task: NativeTask, call: FileCall, perform: () => number): number;
  open(task: NativeTask, path: string, flags: number, perform: () => Opened): Opened;
  map(task: NativeTask, mapping: FileMapping): void;
  /** A mapping was unmapped. */
  unmapped(task: NativeTask, mapping: FileMapping): void;
}

/** Observes the fake kernel's accesses to the memory of a process. Each method is called before the access. */
export interface MemoryObserver {
  reads(address: bigint, length: number): void;
  writes(address: bigint, length: number): void;
  /** Pages are looked up to be pinned or compared. */
  pins(address: number, length: number): void;
  /** Bytes of pinned private pages are read or written. */
  readonly reaches: (address: number, length: number) => void;
  /** The mappings of a range are unmapped or replaced. */
  loses(start: number, end: number): void;
  /** The process may end, and all its mappings with it. */
  keeps(): void;
}

/** Observes accesses of devices and the fake kernel to pinned shared memory. */
export interface SharedObserver {
  reaches(pages: SharedContents, byte: number, length: number): void;
  /** Pages are about to be removed from a file. Devices keep those that are pinned. */
  removes(pages: SharedContents, run: PageRun): void;
}
