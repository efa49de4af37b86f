import pc from 'picocolors';

// No colours if the output is a pipe, or with NO_COLOR.
const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true);

/** A colour of a terminal. */
export type Colour = 'cyan' | 'green' | 'magenta' | 'yellow';

/** Prints the actions of several actors, line by line. */
export class Timeline<Who extends string> {
  private readonly width: number;

  /** @param actors the colour of each actor */
  constructor(private readonly actors: Readonly<Record<Who, Colour>>) {
    this.width = Math.max(...Object.keys(actors).map((who) => who.length));
  }

  heading(text: string): void {
    console.log(colours.bold(text));
  }

  add(who: Who, text: string): void {
    console.log(`  ${colours[this.actors[who]](who.padEnd(this.width))}  ${text}`);
  }

  /** Adds a line about a failure, in red. */
  alarm(who: Who, text: string): void {
    this.add(who, colours.red(text));
  }
}
