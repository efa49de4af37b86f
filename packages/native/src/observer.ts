/**
 * Interfaces of listeners to what the fake kernel does for a program: calls on its files, and the memory of the program that it reads, writes
 * and pins for them. A recorder is one that listens.
 */

import type { File } from '@iommufd/fakekernel/task';
import type { NativeTask } from './native-task.js';
import type { SharedPages } from './memory/shared-pages.js';

/** A call on a file of the fake kernel, by its number. */
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

/** Part of a file of the fake kernel that a program is about to map, or has asked for in vain. */
export interface FileMapping {
  readonly file: File;
  readonly fd: number;
  /** In bytes. */
  readonly offset: number;
  readonly size: number;
  readonly prot: number;
  readonly flags: number;
  /** A negative errno if it cannot be mapped. */
  readonly result: number;
}

/** A file that a node was opened as. */
export interface Opened {
  readonly file: File;
  /** Its number in the program, or the negative errno if it could not be given one. */
  readonly fd: number;
}

/** Listens to the calls of the processes of a run. Each is performed by what is passed along. */
export interface CallObserver {
  call(task: NativeTask, call: FileCall, perform: () => number): number;
  open(task: NativeTask, path: string, flags: number, perform: () => Opened): Opened;
  map(task: NativeTask, mapping: FileMapping): void;
  /** A mapping has gone. */
  unmapped(task: NativeTask, mapping: FileMapping): void;
}

/** Listens to what the fake kernel does with the memory of a process. Each method is called before it is done. */
export interface MemoryObserver {
  reads(address: bigint, length: number): void;
  writes(address: bigint, length: number): void;
  /** Pages are looked up, to be pinned or compared. */
  pins(address: number, length: number): void;
  /** Bytes of private pages are read or written where they were pinned. */
  readonly reaches: (address: number, length: number) => void;
  /** What is mapped there goes. */
  loses(start: number, end: number): void;
  /** What is mapped there may go with the process. */
  keeps(): void;
}

/** Listens to what devices and the fake kernel do with shared memory that is pinned. */
export interface SharedObserver {
  reaches(pages: SharedPages, byte: number, length: number): void;
}
