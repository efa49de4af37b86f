import type { LogLine } from './lines.js';

/** A place in a log: matches a message there, also one that a mail has broken. */
export class Scanner {
  private at = 0;
  private readonly used = new Set<number>();

  constructor(private readonly lines: readonly LogLine[]) {}

  /** Goes to the next line that no match has used. @returns undefined at the end */
  next(): LogLine | undefined {
    while (this.used.has(this.at)) this.at++;
    return this.lines[this.at++];
  }

  /**
   * Matches the line that {@link next} gave. If it begins a message but does not have all of it, the lines after it are joined, up
   * to `most` of them; those that were joined are used.
   * @param begins what a line must have for others to be joined
   * @param whole the message
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

/** The name before a message: `arm-smmu-v3 arm-smmu-v3.0.auto: ` has the second. */
export function deviceBefore(text: string): string {
  return /([\w.:@-]+):\s*$/.exec(text)?.[1] ?? '';
}
