import type { LogLine } from './lines.js';

/** A position in a log. Matches messages there, also messages that mail has broken into several lines. */
export class Scanner {
  private at = 0;
  private readonly used = new Set<number>();

  constructor(private readonly lines: readonly LogLine[]) {}

  /** Moves to the next line that is not part of a match. @returns undefined at the end */
  next(): LogLine | undefined {
    while (this.used.has(this.at)) this.at++;
    return this.lines[this.at++];
  }

  /**
   * Matches the line that {@link next} returned. If it begins a message but does not have all of it, up to `most` of the following lines
   * are joined to it. {@link next} skips the joined lines.
   * @param begins matches the beginning of the message; only then are lines joined
   * @param whole matches the whole message
   */
  match(
    begins: RegExp,
    whole: RegExp,
    most = 3,
  ): { readonly groups: RegExpExecArray; readonly lines: number[] } | undefined {
    const first = this.lines[this.at - 1];
    if (first === undefined || !begins.test(first.body)) return undefined;
    let text = first.body;
    const numbers = [first.number];
    for (let i = this.at; ; i++) {
      const groups = whole.exec(text);
      if (groups !== null) {
        for (let used = this.at; used < i; used++) this.used.add(used);
        return { groups, lines: numbers };
      }
      const line = this.lines[i];
      if (line === undefined || i - this.at >= most || begins.test(line.body)) return undefined;
      text += ` ${line.body}`;
      numbers.push(line.number);
    }
  }
}

/** The device in front of a message: `arm-smmu-v3.0.auto` for `arm-smmu-v3 arm-smmu-v3.0.auto: `. */
export function deviceBefore(text: string): string {
  return /([\w.:@-]+):\s*$/.exec(text)?.[1] ?? '';
}
