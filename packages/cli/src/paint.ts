/** Colours by their meaning, the same in all commands. */
export interface Paint {
  readonly name: (text: string) => string;
  readonly value: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly head: (text: string) => string;
}

const plain = (text: string): string => text;
/** A style of the terminal: the escape sequences of ECMA-48 that begin and end it. */
const style = (begin: number, end: number) => (text: string) => `\x1b[${begin}m${text}\x1b[${end}m`;

const PLAIN: Paint = { name: plain, value: plain, dim: plain, bad: plain, head: plain };
// Five sequences instead of a library: libraries use `process.stdout`, which makes a pipe non-blocking.
const COLOURED: Paint = {
  name: style(36, 39),
  value: style(32, 39),
  dim: style(90, 39),
  bad: style(31, 39),
  head: style(1, 22),
};

/** The colours; functions that change nothing if output is not coloured. */
export function paintFor({ colour }: { readonly colour: boolean }): Paint {
  return colour ? COLOURED : PLAIN;
}
