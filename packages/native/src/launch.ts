/**
 * Starts a program under a filter: a second Node (`bin/launcher.mjs`) takes its place, installs the filter, hands over the
 * listener and executes it. Everything that a shell's child would have is as there: standard files, environment, directory,
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
import { errno, type Libc, must } from './linux/libc.js';
import type { Machine } from './linux/system-calls.js';

/** What a program is started with. */
export interface Launch {
  readonly program: string;
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Of 0, 1 and 2, as of `child_process.spawn()`. */
  readonly stdio:
    | readonly [StdioOptions | number, StdioOptions | number, StdioOptions | number]
    | 'inherit'
    | 'pipe'
    | 'ignore';
  /** Files of this process that the program gets: its number there, and the number here. */
  readonly inherited: ReadonlyMap<number, number>;
  readonly filter: Uint8Array;
}

/** The launcher's input: see `bin/launcher.mjs`. */
interface Plan extends PlanOfProgram {
  readonly supervisor: number;
  /** Number in the program, and number that the launcher has it at. */
  readonly inherited: readonly (readonly [number, number])[];
  /** In base64. */
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

/** How a program is to be executed. */
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

/** What a launcher says that could not execute a program: `failed STATUS MESSAGE`, or nothing. */
export function failureOf(program: string, line: string | undefined): LaunchError {
  const [, status = '125', ...rest] = /^failed (\d+) (.*)$/.exec(line ?? '') ?? [];
  const known = status === '126' || status === '127' ? (Number(status) as 126 | 127) : 125;
  return new LaunchError(explain(program, known, rest.join('')), known);
}

/** A program could not be started. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';

  constructor(
    message: string,
    /** What a shell exits with: 127 if there is no such program, 126 if it cannot be executed, 125 for all else. */
    readonly status: 125 | 126 | 127,
  ) {
    super(message);
  }
}

/** A program that is about to begin. */
export interface Launched {
  readonly child: ChildProcess;
  /** The listener of its filter, in this process. */
  readonly listener: number;
  /** Lets it begin. Its first calls are notified meanwhile. @throws LaunchError */
  begin(): Promise<void>;
}

export const LAUNCHER = fileURLToPath(new URL('../bin/launcher.mjs', import.meta.url));
/** Where the control socket is in the launcher; inherited files follow. */
export const CONTROL = 3;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** @throws LaunchError */
export async function launch(libc: Libc, machine: Machine, what: Launch): Promise<Launched> {
  const standard = typeof what.stdio === 'string' ? [what.stdio, what.stdio, what.stdio] : what.stdio;
  const inherited = [...what.inherited];
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
        // The socket is closed by execve().
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

function explain(program: string, status: number, reason: string): string {
  if (status === 127) return `${program}: not found`;
  if (status === 126) return `${program}: cannot be executed (${reason})`;
  return reason === '' ? `${program}: the launcher ended before the program began` : `${program}: ${reason}`;
}

/** Where a shell looks for a program. */
function pathsOf(program: string, path: string): string[] {
  if (program.includes('/')) return [program];
  return path.split(':').map((directory) => `${directory === '' ? '.' : directory}/${program}`);
}

/**
 * The limit of open files that a program is to have. Node raises the soft limit of itself to the hard one; what it was before
 * cannot be asked, and is nearly always this.
 */
function openFilesLimit(libc: Libc): [string, string] {
  const old = Buffer.alloc(16);
  must('prlimit()', libc.prlimit(0, RLIMIT_NOFILE, null, old));
  const hard = old.readBigUInt64LE(8);
  const usual = 1024n;
  return [String(hard < usual ? hard : usual), String(hard)];
}

/** Takes a file of another process. @throws LaunchError */
function takeFd(libc: Libc, pid: number, fd: number): number {
  const pidfd = must('pidfd_open()', libc.pidfdOpen(pid));
  const taken = libc.pidfdGetfd(pidfd, fd);
  const why = errno();
  libc.close(pidfd);
  if (taken < 0)
    throw new LaunchError(
      `the program's listener cannot be taken (pidfd_getfd: errno ${why}): this process may not trace its children${yamaHint()}`,
      125,
    );
  return taken;
}

/** Yama lets only privileged processes trace others from 2 on: says so where it is set. */
function yamaHint(): string {
  const path = '/proc/sys/kernel/yama/ptrace_scope';
  try {
    const scope = Number(readFileSync(path, 'latin1'));
    return scope >= 2 ? `, as ${path} is ${scope} (CAP_SYS_PTRACE may; 1 is enough for all)` : '';
  } catch {
    // There is no Yama.
    return '';
  }
}

/** Lines that a socket brings, one by one; undefined after its end. */
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
    // The end of a launcher that was killed: it is seen as `close`.
    socket.on('error', end);
  }

  async next(): Promise<string | undefined> {
    while (this.lines.length === 0 && !this.ended)
      await new Promise<void>((resolve) => (this.waiting = resolve));
    return this.lines.shift();
  }
}
