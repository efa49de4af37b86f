/** Starts a program for a tracer. The program waits before its first instruction, and libuv does not know the process. */

import { CONTROL, failureOf, LAUNCHER, LaunchError, planOf } from '../launch.js';
import { O_CLOEXEC } from '../linux/constants.js';
import { errnoText } from '../linux/errno-text.js';
import { type Libc, must } from '../linux/libc.js';
import { ptraceCalls, spawnUnknown } from '../linux/ptrace.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** `SOCK_CLOEXEC` has the number of `O_CLOEXEC`. */
const SOCK_CLOEXEC = O_CLOEXEC;
/** Node requires that the standard files are open. */
const STANDARD = [0, 1, 2];

/** A launcher that waits to execute a program. */
export interface Waiting {
  readonly pid: number;
  /** Executes the program. */
  begin(): void;
  /** The error of a launcher that ended without executing the program. */
  failure(): LaunchError;
}

/** Starts a launcher. @throws LaunchError */
export function startWaiting(
  libc: Libc,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Waiting {
  const pair = Buffer.alloc(8);
  must('socketpair()', ptraceCalls().socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  const [here, there] = [pair.readInt32LE(0), pair.readInt32LE(4)];
  const files = STANDARD.map((fd) => [fd, fd] as const);
  const pid = spawnUnknown(process.execPath, [LAUNCHER], [...files, [CONTROL, there]]);
  libc.close(there);
  if (pid < 0) throw new LaunchError(`no process can be started: ${errnoText(pid)}`, 125);
  const plan = { ...planOf(libc, { program, args, env }), inherited: [] };
  const say = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) {
      const count = libc.write(here, bytes.subarray(done), bytes.length - done);
      // The launcher has ended. The reader of its answer reports that.
      if (count <= 0) return;
      done += count;
    }
  };
  say(`${JSON.stringify(plan)}\n`);
  const line = readLine(libc, here);
  if (line !== 'ready') throw failureOf(program, line);
  return {
    pid,
    begin: () => say('go\n'),
    failure: () => failureOf(program, readLine(libc, here)),
  };
}

/** Reads a line from a socket; undefined after its end. */
function readLine(libc: Libc, fd: number): string | undefined {
  const byte = Buffer.alloc(1);
  let line = '';
  while (libc.read(fd, byte, 1) === 1) {
    if (byte[0] === 0x0a) return line;
    line += byte.toString('latin1');
  }
  return undefined;
}
