import type { QueueEvents } from '../print/traced-memory.js';
import { MappedPages } from './mapped-pages.js';

/** An open file of a process. */
export interface TextFile {
  /** The records that reads return, if they are known. */
  readonly events?: QueueEvents;
}

/** A process in a trace: its open files and its memory. */
export class TextProcess {
  readonly files = new Map<number, TextFile>();
  /** The memory that the tape has mapped so far. */
  readonly pages = new MappedPages();

  /**
   * @param number its number in the tape
   * @param pid its PID in the text
   */
  constructor(
    readonly number: number,
    readonly pid: number,
  ) {}
}
