import pc from 'picocolors';

// Colours are for people: a pipe and NO_COLOR get none.
const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true);

/** A colour of a terminal. */
export type Colour = 'cyan' | 'green' | 'magenta' | 'yellow';

/** Who does what, line by line. */
export class Timeline<Who extends string> {
  private readonly width: number;

  /** @param actors everybody who does something, each with a colour */
  constructor(private readonly actors: Readonly<Record<Who, Colour>>) {
    this.width = Math.max(...Object.keys(actors).map((who) => who.length));
  }

  heading(text: string): void {
    console.log(colours.bold(text));
  }

  add(who: Who, text: string): void {
    console.log(`  ${colours[this.actors[who]](who.padEnd(this.width))}  ${text}`);
  }

  /** Something went wrong. */
  alarm(who: Who, text: string): void {
    this.add(who, colours.red(text));
  }
}
