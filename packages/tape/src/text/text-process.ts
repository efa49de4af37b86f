import type { QueueEvents } from '../print/traced-memory.js';
import { MappedPages } from './mapped-pages.js';

/** A file that a process of a text has. */
export interface TextFile {
  /** What is read of it, if that is known. */
  readonly events?: QueueEvents;
}

/** A process of a text. */
export class TextProcess {
  readonly files = new Map<number, TextFile>();
  /** Memory that the tape has. */
  readonly pages = new MappedPages();

  /**
   * @param number in the tape
   * @param pid in the text
   */
  constructor(
    readonly number: number,
    readonly pid: number,
  ) {}
}
