/** Starts a program for a tracer: it waits before its first instruction, and is no child that libuv knows. */

import { CONTROL, failureOf, LAUNCHER, LaunchError, planOf } from '../launch.js';
import { O_CLOEXEC } from '../linux/constants.js';
import { type Libc, must } from '../linux/libc.js';
import { ptraceCalls, spawnUnknown } from '../linux/ptrace.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** `SOCK_CLOEXEC` has the number of `O_CLOEXEC`. */
const SOCK_CLOEXEC = O_CLOEXEC;
/** Node takes the standard files of a process to be there. */
const STANDARD = [0, 1, 2];

/** A program that waits to be executed, in a launcher. */
export interface Waiting {
  readonly pid: number;
  /** Lets it begin. */
  begin(): void;
  /** After it has ended without having begun: why. */
  failure(): LaunchError;
}

/** @throws LaunchError */
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
  if (pid < 0) throw new LaunchError(`no process can be started: errno ${-pid}`, 125);
  const plan = { ...planOf(libc, { program, args, env }), inherited: [] };
  const say = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) {
      const count = libc.write(here, bytes.subarray(done), bytes.length - done);
      // It has ended, which is seen where its answer is awaited.
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

/** A line that a socket brings; undefined after its end. */
function readLine(libc: Libc, fd: number): string | undefined {
  const byte = Buffer.alloc(1);
  let line = '';
  while (libc.read(fd, byte, 1) === 1) {
    if (byte[0] === 0x0a) return line;
    line += byte.toString('latin1');
  }
  return undefined;
}
