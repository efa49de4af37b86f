import { Timeline } from '../shared/timeline.js';

type Who = 'device' | 'kernel' | 'reader';

/** The actions of the device, the kernel and the reader, line by line. Consecutive events are one line. */
export class EventTimeline extends Timeline<Who> {
  private first: number | undefined;
  private last = 0;

  constructor() {
    super({ device: 'yellow', kernel: 'cyan', reader: 'green' });
  }

  override heading(text: string): void {
    this.flush();
    super.heading(text);
  }

  override add(who: Who, text: string): void {
    this.flush();
    super.add(who, text);
  }

  /** The reader received an event. */
  event(sequence: number): void {
    this.first ??= sequence;
    this.last = sequence;
  }

  /** The reader was informed of lost events. */
  lost(lost: number, last: number): void {
    const numbers = lost === 1 ? `number ${last}` : `numbers ${last - lost + 1} to ${last}`;
    this.alarm('reader', `lost ${lost}, ${numbers}`);
  }

  private flush(): void {
    const { first, last } = this;
    if (first === undefined) return;
    this.first = undefined;
    this.add('reader', first === last ? `got event ${first}` : `got events ${first} to ${last}`);
  }
}
