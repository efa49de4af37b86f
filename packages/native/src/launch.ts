/**
 * Starts a program under a filter. A child process of Node, `bin/launcher.mjs`, installs the filter in itself, hands the listener
 * to this process and executes the program. The program gets what a shell's child gets: standard files, environment, directory,
 * signals, limits.
 */

import { readFileSync } from 'node:fs';
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  RLIMIT_NOFILE,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from './linux/constants.js';
import { errnoText } from './linux/errno-text.js';
import { errno, type Libc, must } from './linux/libc.js';
import type { Machine } from './linux/system-calls.js';

/** The program to start, and its environment. */
export interface Launch {
  readonly program: string;
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Descriptors 0, 1 and 2, as in `child_process.spawn()`. */
  readonly stdio:
    | readonly [StdioOptions | number, StdioOptions | number, StdioOptions | number]
    | 'inherit'
    | 'pipe'
    | 'ignore';
  /** Files that the program inherits: from the descriptor in the program to the descriptor in this process. */
  readonly inherited: ReadonlyMap<number, number>;
  readonly filter: Uint8Array;
}

/** The launcher's input: see `bin/launcher.mjs`. */
interface Plan extends PlanOfProgram {
  readonly supervisor: number;
  /** Pairs of the descriptor in the program and the descriptor in the launcher. */
  readonly inherited: readonly (readonly [number, number])[];
  /** The encoded filter, in base64. */
  readonly filter: string;
  readonly filterFlags: number;
  readonly seccomp: number;
}

/** The part of the launcher's input that is about the program. */
export interface PlanOfProgram {
  readonly paths: readonly string[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** Soft and hard limit. */
  readonly openFiles: readonly [string, string];
}

/** Builds the part of the launcher's input that is about the program. */
export function planOf(
  libc: Libc,
  { program, args, env }: Pick<Launch, 'program' | 'args' | 'env'>,
): PlanOfProgram {
  return {
    paths: pathsOf(program, env['PATH'] ?? DEFAULT_PATH),
    argv: [program, ...args],
    env: Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    openFiles: openFilesLimit(libc),
  };
}

/**
 * Builds the error of a launcher that could not execute a program.
 * @param line its message, `failed STATUS MESSAGE`; undefined if it ended without one
 */
export function failureOf(program: string, line: string | undefined): LaunchError {
  const [, status = '125', ...rest] = /^failed (\d+) (.*)$/.exec(line ?? '') ?? [];
  const known = status === '126' || status === '127' ? (Number(status) as 126 | 127) : 125;
  return new LaunchError(explain(program, known, rest.join('')), known);
}

/** Thrown if a program could not be started. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';

  constructor(
    message: string,
    /** The exit status, as a shell's: 127 if the program was not found, 126 if it cannot be executed, 125 for other failures. */
    readonly status: 125 | 126 | 127,
  ) {
    super(message);
  }
}

/** A program that has its filter and waits to be executed. */
export interface Launched {
  readonly child: ChildProcess;
  /** The listener of its filter, in this process. */
  readonly listener: number;
  /** Executes it. The listener must answer calls meanwhile: execve() notifies. @throws LaunchError */
  begin(): Promise<void>;
}

export const LAUNCHER = fileURLToPath(new URL('../bin/launcher.mjs', import.meta.url));
/** The descriptor of the control socket in the launcher. Inherited files have the next ones. */
export const CONTROL = 3;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Starts the launcher, and takes the listener of the filter from it. @throws LaunchError */
export async function launch(libc: Libc, machine: Machine, what: Launch): Promise<Launched> {
  const standard = typeof what.stdio === 'string' ? [what.stdio, what.stdio, what.stdio] : what.stdio;
  const inherited = [...what.inherited];
  // Node makes a pipe of standard error non-blocking when `process.stderr` is first read, which it does itself when a socket closes.
  // The program has the same pipe, and its writes would fail with EAGAIN. spawn() makes the pipe blocking again, so read it before.
  void process.stderr;
  const child = spawn(process.execPath, [LAUNCHER], {
    stdio: [...standard, 'pipe', ...inherited.map(([, here]) => here)] as StdioOptions,
    env: {},
    cwd: what.cwd,
    uid: what.uid,
    gid: what.gid,
  });
  const control = child.stdio[CONTROL] as Socket | null | undefined;
  await Promise.race([once(child, 'spawn'), once(child, 'error')]);
  if (child.pid === undefined || control === null || control === undefined)
    throw new LaunchError(`no process can be started in ${what.cwd ?? process.cwd()}`, 125);
  const lines = new Lines(control);
  const closed = once(control, 'close');
  const end = async (): Promise<void> => {
    control.destroy();
    await closed;
  };
  const plan: Plan = {
    ...planOf(libc, what),
    supervisor: process.pid,
    inherited: inherited.map(([there], index) => [there, CONTROL + 1 + index]),
    filter: Buffer.from(what.filter).toString('base64'),
    filterFlags: SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
    seccomp: machine.calls.seccomp,
  };
  control.write(`${JSON.stringify(plan)}\n`);
  try {
    const failed = (line: string | undefined): LaunchError => failureOf(what.program, line);
    const ready = await lines.next();
    if (ready !== 'ready') throw failed(ready);
    control.write('go\n');
    const answer = await lines.next();
    const [, number] = /^listener (\d+)$/.exec(answer ?? '') ?? [];
    if (number === undefined) throw failed(answer);
    const listener = takeFd(libc, child.pid, Number(number));
    return {
      child,
      listener,
      begin: async () => {
        control.write('go\n');
        // execve() closes the socket.
        const line = await lines.next();
        await end();
        if (line !== undefined) throw failed(line);
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    await end();
    throw error;
  }
}

function explain(program: string, status: number, said: string): string {
  // The launcher does not know the names.
  const reason = said.replace(/\berrno (\d+)/, (_, number: string) => errnoText(Number(number)));
  if (status === 127) return `${program}: not found`;
  if (status === 126) return `${program}: cannot be executed (${reason})`;
  return reason === '' ? `${program}: the launcher ended before the program began` : `${program}: ${reason}`;
}

/** The paths at which a shell looks for a program. */
function pathsOf(program: string, path: string): string[] {
  if (program.includes('/')) return [program];
  return path.split(':').map((directory) => `${directory === '' ? '.' : directory}/${program}`);
}

/**
 * The soft and hard limit of open files for the program. Node raises its own soft limit to the hard one, and the soft limit before
 * that cannot be read. It is nearly always 1024.
 */
function openFilesLimit(libc: Libc): [string, string] {
  const old = Buffer.alloc(16);
  must('prlimit()', libc.prlimit(0, RLIMIT_NOFILE, null, old));
  const hard = old.readBigUInt64LE(8);
  const usual = 1024n;
  return [String(hard < usual ? hard : usual), String(hard)];
}

/** Duplicates a file of another process into this one. @throws LaunchError */
function takeFd(libc: Libc, pid: number, fd: number): number {
  const pidfd = must('pidfd_open()', libc.pidfdOpen(pid));
  const taken = libc.pidfdGetfd(pidfd, fd);
  const why = errno();
  libc.close(pidfd);
  if (taken < 0)
    throw new LaunchError(
      `the program's listener cannot be taken (pidfd_getfd: ${errnoText(why)}): this process may not trace its children${yamaHint()}`,
      125,
    );
  return taken;
}

/** The hint of an error message if Yama allows only privileged processes to trace others: `ptrace_scope` 2 or more. */
function yamaHint(): string {
  const path = '/proc/sys/kernel/yama/ptrace_scope';
  try {
    const scope = Number(readFileSync(path, 'latin1'));
    return scope >= 2 ? `, as ${path} is ${scope} (CAP_SYS_PTRACE may; 1 is enough for all)` : '';
  } catch {
    // This kernel has no Yama.
    return '';
  }
}

/** Reads lines from a socket. `next()` returns undefined after its end. */
class Lines {
  private readonly lines: string[] = [];
  private rest = '';
  private ended = false;
  private waiting: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const parts = (this.rest + text).split('\n');
      this.rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.waiting?.();
    });
    const end = (): void => {
      this.ended = true;
      this.waiting?.();
    };
    socket.on('close', end);
    // An error comes from a launcher that was killed. It is handled as its end.
    socket.on('error', end);
  }

  async next(): Promise<string | undefined> {
    while (this.lines.length === 0 && !this.ended)
      await new Promise<void>((resolve) => (this.waiting = resolve));
    return this.lines.shift();
  }
}
