import { readFileSync } from 'node:fs';
import pc from 'picocolors';

/** What the program has to do with the outside: tests give it something else. */
export interface Io {
  /** Is the output a terminal that wants colours? `NO_COLOR` and `FORCE_COLOR` are respected. */
  readonly colour: boolean;
  write(text: string): void;
  /** Bytes of a file; `-` is standard input. @throws if it cannot be read */
  read(path: string): Uint8Array;
  /** Is something piped in? */
  readonly piped: boolean;
}

/** Is colour forced although the output is no terminal? */
function isForced(wish: string | undefined): boolean {
  return wish !== undefined && !['', '0', 'false'].includes(wish);
}

/** Standard output and input of this process. */
export function standardIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough closes the pipe; that is no error.
    if (error.code !== 'EPIPE') stderr.write(`cannot write: ${error.message}\n`);
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  return {
    colour: pc.isColorSupported && (stdout.isTTY || isForced(env['FORCE_COLOR'])),
    write: (text) => void stdout.write(text),
    read: (path) => readFileSync(path === '-' ? 0 : path),
    piped: !stdin.isTTY,
  };
}

/** Colours by what they mark, so that all commands look alike. */
export interface Paint {
  readonly name: (text: string) => string;
  readonly value: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly head: (text: string) => string;
}

/** The colours, or none of them. */
export function paintFor({ colour }: Pick<Io, 'colour'>): Paint {
  const { cyan, green, gray, red, bold } = pc.createColors(colour);
  return { name: cyan, value: green, dim: gray, bad: red, head: bold };
}
