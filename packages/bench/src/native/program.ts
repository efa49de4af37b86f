/** The program of K6 to K9 and K13, as it is run: on the fake kernel, on its own, under strace, and with a filter that is answered at once. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { runProgram } from '@iommufd/native';
import type koffiModule from 'koffi';
import type { NativeAnswer, NativeTask } from './task.js';

const MAIN = fileURLToPath(new URL('program-main.js', import.meta.url));

/** A running program. */
export class NativeProgram {
  private readonly lines: AsyncIterator<string>;

  constructor(
    readonly pid: number,
    private readonly stdin: Writable,
    stdout: Readable,
  ) {
    this.lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  ask(task: NativeTask): void {
    this.stdin.write(`${JSON.stringify(task)}\n`);
  }

  /** @throws Error if it has ended */
  async answer(): Promise<NativeAnswer> {
    const { done, value } = await this.lines.next();
    if (done === true) throw new Error('the program has ended');
    return JSON.parse(value) as NativeAnswer;
  }

  /** Has it make calls. @returns milliseconds that they took */
  async time(task: NativeTask): Promise<number> {
    this.ask(task);
    return (await this.answer()).milliseconds ?? NaN;
  }
}

/** On its own, or under another program. @throws Error if that is not there */
export function alone(...under: readonly string[]): NativeProgram {
  const [program = process.execPath, ...args] = [...under, process.execPath, MAIN];
  const { pid = -1, stdin, stdout } = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  return new NativeProgram(pid, stdin, stdout);
}

/** On a fake kernel with a mock device. */
export async function onFakeKernel(): Promise<{
  readonly program: NativeProgram;
  readonly device: MockDevice;
}> {
  const kernel = new FakeKernel([mockModule]);
  const device = new MockDevice();
  kernel.plug(device);
  const run = await runProgram(kernel, process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout, pid } = run;
  if (stdin === null || stdout === null) throw new Error('the program has no pipes');
  return { program: new NativeProgram(pid, stdin, stdout), device };
}

const NOTIF_RECV = 0xc050_2100;
const NOTIF_SEND = 0xc018_2101;
const NOTIF_SET_FLAGS = 0x4008_2104;
const [NOTIF_SIZE, RESPONSE_SIZE] = [80, 24];
/** `pidfd_open` and `pidfd_getfd`, the same on both machines. */
const [PIDFD_OPEN, PIDFD_GETFD] = [434, 438];

/**
 * A program whose ioctls are notified, and answered at once, in a loop that does nothing else: what the way to a supervisor and back
 * costs at least.
 * @returns answers as many calls as the program makes
 */
export async function bare(
  koffi: typeof koffiModule,
): Promise<{ readonly program: NativeProgram; readonly serve: (calls: number) => void }> {
  const program = alone();
  program.ask({ what: 'listen', calls: 0 });
  const { listener = -1 } = await program.answer();
  await program.answer();
  const lib = koffi.load(null);
  const syscall = lib.func('long syscall(long, long, long, long)') as (...args: readonly number[]) => number;
  const ioctl = lib.func('int ioctl(int, ulong, void *)') as (
    fd: number,
    request: number,
    arg: Buffer,
  ) => number;
  const setFlags = lib.func('int ioctl(int, ulong, uint64_t)') as (
    fd: number,
    request: number,
    value: number,
  ) => number;
  const fd = syscall(PIDFD_GETFD, syscall(PIDFD_OPEN, program.pid, 0, 0), listener, 0);
  if (fd < 0) throw new Error(`pidfd_getfd: errno ${koffi.errno()}`);
  setFlags(fd, NOTIF_SET_FLAGS, 1);
  const [notification, response] = [Buffer.alloc(4096), Buffer.alloc(4096)];
  return {
    program,
    serve: (calls) => {
      for (let i = 0; i < calls;) {
        notification.fill(0, 0, NOTIF_SIZE);
        if (ioctl(fd, NOTIF_RECV, notification) < 0) continue;
        i++;
        response.fill(0, 0, RESPONSE_SIZE);
        notification.copy(response, 0, 0, 8);
        ioctl(fd, NOTIF_SEND, response);
      }
    },
  };
}
