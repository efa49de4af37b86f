/**
 * Input and output of the command: standard input and output, files, the terminal. It uses file descriptors, not `process.stdin` and
 * `process.stdout`: Node makes pipes non-blocking when those are used, and every other process that has the pipe open would get EAGAIN.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** Input and output of the program. Tests replace it. */
export interface Io {
  /** True if output is coloured: it is a terminal, or `FORCE_COLOR` is set, and `NO_COLOR` is not. */
  readonly colour: boolean;
  /** Columns of the terminal; undefined if the output is not a terminal. Lines are not broken then. */
  readonly width?: number | undefined;
  write(text: string): void;
  /** Reads a file; `-` is standard input. @throws if it cannot be read */
  read(path: string): Uint8Array;
  /** True if standard input is a pipe or a file. */
  readonly piped: boolean;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const CHUNK = 1 << 16;
const NULL_DEVICE = 0x103;

/** The code of a system error: `'EPIPE'`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Sleeps before the next attempt on a descriptor that another process has made non-blocking. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** Repeats `work` while the descriptor has no data or no room. */
function blocking(work: () => number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const code = codeOf(error);
      // Windows reports so that the other end of a pipe is closed.
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
      if (code === 'EAGAIN') pause();
    }
  }
}

/** Reads a descriptor to the end of the file. */
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

/** Prints an error message on standard error. If that is closed, only the exit status reports the error. */
export const complain = (complaint: string): void => printError(`iommufd: ${complaint}`);

/** Prints a line on standard error. It is lost if the reader has closed the pipe: a program that is traced goes on, as without a trace. */
export function printError(line: string): void {
  try {
    writeTo(STDERR, `${line}\n`);
  } catch (error) {
    if (codeOf(error) !== 'EPIPE' && codeOf(error) !== 'EBADF') throw error;
  }
}

/** Prints a text. If the reader has closed the pipe, the process exits with status 0, as `head` ends its input early. */
function print(text: string): void {
  try {
    writeTo(STDOUT, text);
  } catch (error) {
    if (codeOf(error) === 'EPIPE') process.exit(0);
    complain(`cannot write: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

/** Returns true if a variable of the environment is set to anything but an empty text, 0 or false. */
const isOn = (wish: string | undefined): boolean => wish !== undefined && !['', '0', 'false'].includes(wish);

/** `NO_COLOR` by https://no-color.org: set, and not empty. */
const isOff = (wish: string | undefined): boolean => wish !== undefined && wish !== '';

/**
 * Returns true if a descriptor is a terminal. `node:tty` loads Node's network modules, which takes longer than most commands: it is
 * loaded for character devices only, and not for the null device, which is number 1:3 on Linux.
 */
function isTerminal(fd: number): boolean {
  const status = fstatSync(fd);
  if (!status.isCharacterDevice() || (process.platform === 'linux' && status.rdev === NULL_DEVICE))
    return false;
  const { isatty } = process.getBuiltinModule('node:tty');
  return isatty(fd);
}

/** Returns true if output to a descriptor is coloured. */
function isColoured(fd: number, env: NodeJS.ProcessEnv): boolean {
  const wanted = isOn(env['FORCE_COLOR']) || (env['TERM'] !== 'dumb' && isTerminal(fd));
  return wanted && !isOff(env['NO_COLOR']);
}

/** Returns true if lines on standard error are coloured. */
export const hasColouredErrors = (): boolean => isColoured(STDERR, process.env);

/** Standard output and input of this process. */
export function standardIo(): Io {
  let terminal: boolean | undefined;
  const toTerminal = (): boolean => (terminal ??= isTerminal(STDOUT));
  return {
    get colour() {
      return isColoured(STDOUT, process.env);
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
