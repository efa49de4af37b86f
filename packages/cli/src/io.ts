/**
 * What the command has of the outside: standard input and output, files, the terminal. Everything is done by file descriptor.
 * `process.stdin` and `process.stdout` are not touched where the descriptor is a pipe: Node would make it non-blocking, and every
 * process that has it open would get EAGAIN.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** What the program has to do with the outside: tests give it something else. */
export interface Io {
  /** Is the output a terminal that wants colours? `NO_COLOR` and `FORCE_COLOR` are respected. */
  readonly colour: boolean;
  /** Columns of the terminal; undefined if the output is no terminal: then lines are not broken. */
  readonly width?: number | undefined;
  write(text: string): void;
  /** Bytes of a file; `-` is standard input. @throws if it cannot be read */
  read(path: string): Uint8Array;
  /** Is something piped in? */
  readonly piped: boolean;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const CHUNK = 1 << 16;
const NULL_DEVICE = 0x103;

/** The code of an error of the system: `'EPIPE'`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Sleeps, to try again a descriptor that another process has made non-blocking. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** Repeats `work` as long as the descriptor has nothing or no room. */
function blocking(work: () => number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const code = codeOf(error);
      // How Windows says that the other end of a pipe is closed.
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
      if (code === 'EAGAIN') pause();
    }
  }
}

/** Reads a descriptor to its end. */
function readAll(fd: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const count = blocking(() => readSync(fd, chunk));
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
  }
}

function readFile(path: string): Uint8Array {
  if (path === '-') return readAll(STDIN);
  const fd = openSync(path, 'r');
  try {
    return readAll(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of a text. */
function writeTo(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += blocking(() => writeSync(fd, bytes, at));
}

/** Says on standard error what is wrong. If that is closed too, the exit status says it. */
export function complain(complaint: string): void {
  try {
    writeTo(STDERR, `iommufd: ${complaint}\n`);
  } catch (error) {
    if (codeOf(error) !== 'EPIPE' && codeOf(error) !== 'EBADF') throw error;
  }
}

/** Prints a text. If the reader has closed the pipe, the process ends: it has seen enough, and that is no error. */
function print(text: string): void {
  try {
    writeTo(STDOUT, text);
  } catch (error) {
    if (codeOf(error) === 'EPIPE') process.exit(0);
    complain(`cannot write: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

/** Does a variable of the environment say yes? */
const isOn = (wish: string | undefined): boolean => wish !== undefined && !['', '0', 'false'].includes(wish);

/** https://no-color.org: set, and not empty. */
const isOff = (wish: string | undefined): boolean => wish !== undefined && wish !== '';

/**
 * Is a descriptor a terminal? `node:tty` brings the network along, which takes longer than most commands: it is asked about
 * character devices alone. The null device is one, number 1:3 on Linux.
 */
function isTerminal(fd: number): boolean {
  const status = fstatSync(fd);
  if (!status.isCharacterDevice() || (process.platform === 'linux' && status.rdev === NULL_DEVICE))
    return false;
  const { isatty } = process.getBuiltinModule('node:tty');
  return isatty(fd);
}

/** Standard output and input of this process. */
export function standardIo(): Io {
  const { env } = process;
  let terminal: boolean | undefined;
  const toTerminal = (): boolean => (terminal ??= isTerminal(STDOUT));
  return {
    get colour() {
      const isColoured = isOn(env['FORCE_COLOR']) || (env['TERM'] !== 'dumb' && toTerminal());
      return isColoured && !isOff(env['NO_COLOR']);
    },
    get width() {
      return toTerminal() ? process.stdout.columns : undefined;
    },
    write: print,
    read: readFile,
    get piped() {
      return !isTerminal(STDIN);
    },
  };
}
