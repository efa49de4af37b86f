import pc from 'picocolors';

// Colours are for people: a pipe and NO_COLOR get none.
const { cyan, green, yellow, red, bold } = pc.createColors(pc.isColorSupported && process.stdout.isTTY);

const paint = { device: yellow, kernel: cyan, reader: green };

/** Who does what, line by line. Events that follow each other become one line. */
export class Timeline {
  private first: number | undefined;
  private last = 0;

  heading(text: string): void {
    this.flush();
    console.log(bold(text));
  }

  add(who: keyof typeof paint, text: string): void {
    this.flush();
    console.log(`  ${paint[who](who)}  ${text}`);
  }

  /** The reader got an event. */
  event(sequence: number): void {
    this.first ??= sequence;
    this.last = sequence;
  }

  /** The reader learned of events that it did not get. */
  lost(lost: number, last: number): void {
    const numbers = lost === 1 ? `number ${last}` : `numbers ${last - lost + 1} to ${last}`;
    this.add('reader', red(`lost ${lost}, ${numbers}`));
  }

  private flush(): void {
    const { first, last } = this;
    if (first === undefined) return;
    this.first = undefined;
    this.add('reader', first === last ? `got event ${first}` : `got events ${first} to ${last}`);
  }
}
