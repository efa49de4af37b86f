/** What the program of K6 to K9 and K13 is asked for. */
export interface NativeTask {
  readonly what: 'ioctl' | 'request' | 'option' | 'map' | 'read' | 'poll' | 'mmap' | 'events' | 'listen';
  readonly calls: number;
}

/** A line that it answers with. */
export interface NativeAnswer {
  readonly milliseconds?: number;
  /** The listener of its filter. */
  readonly listener?: number;
  /** Its queue is there. */
  readonly ready?: true;
}
