/** Runs a tracer in a Worker, and handles signals: passes them to the program, or makes the tracer detach. */

import { constants, release } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type CommandEnd, type CommandIo, OWN_FAILURE } from '../command-io.js';
import { programOf } from '../linux/proc.js';
import { spawnUnknown } from '../linux/ptrace.js';
import { ARCH, nameOf } from '../record/head.js';
import { OutputError } from '../record/tape-file.js';
import type { LineFile } from './line-file.js';
import { printLines } from './write-all.js';
import type { TracerJob, TracerMessage } from './worker.js';

const WORKER = new URL('../../bin/tracer.mjs', import.meta.url);

const signalName = (number: number): NodeJS.Signals | undefined =>
  (Object.entries(constants.signals) as [NodeJS.Signals, number][]).find(([, each]) => each === number)?.[0];

/**
 * Wakes the tracer from `waitpid()`, which waits for any child: starts a child that ends at once.
 */
function ring(): void {
  spawnUnknown(process.execPath, ['-e', '0'], []);
}

/** The first line of a file: the version of Linux and the machine, which a replay needs. A table has no such line. */
function headOf({ print, command, pid = 0 }: Pick<TracerJob, 'print' | 'command' | 'pid'>): string {
  return print?.summary === true
    ? ''
    : `# Linux ${release()} ${ARCH}: ${nameOf(command ?? [programOf(pid) ?? `process ${pid}`])}\n`;
}

/** Opens the file of the trace. What prints to it is loaded only then: the tracer's thread loads its own. */
async function openLines(...args: ConstructorParameters<typeof LineFile>): Promise<LineFile> {
  const { LineFile } = await import('./line-file.js');
  return new LineFile(...args);
}

/** Traces a program, and waits for its end. @throws OutputError after the program has ended or the tracer has detached */
export async function traceProgram(
  job: Omit<TracerJob, 'stop' | 'ring'>,
  io: Pick<CommandIo, 'complain'>,
): Promise<CommandEnd> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  let failure: Error | undefined;
  const path = job.print?.file;
  const file =
    path === undefined
      ? undefined
      : await openLines(path, headOf(job), (error) => {
          failure = new OutputError(`-o ${path}`, error);
          letGo();
        });
  const worker = new Worker(WORKER, {
    workerData: { ...job, stop, ring: file?.ring } satisfies TracerJob,
    // Most objects are short-lived: a larger young generation needs fewer garbage collections.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  let program: number | undefined;
  const letGo = (): void => {
    Atomics.store(stop, 0, 1);
    ring();
  };
  const ignore = (): void => undefined;
  let early: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    if (program === undefined) {
      early = signal;
      return;
    }
    try {
      process.kill(program, signal);
    } catch {
      // The program has ended, but processes that it started have not.
      letGo();
    }
  };
  // A program that was started here also gets Ctrl-C from the terminal, and decides. From one that was attached to, the tracer detaches.
  const isOwn = job.command !== undefined;
  const handlers: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ['SIGINT', isOwn ? ignore : letGo],
    ['SIGQUIT', isOwn ? ignore : letGo],
    ['SIGTERM', isOwn ? pass : letGo],
    ['SIGHUP', isOwn ? pass : letGo],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  let result: CommandEnd;
  try {
    result = await new Promise<CommandEnd>((resolve, reject) => {
      let end: CommandEnd | undefined;
      worker.on('message', (message: TracerMessage) => {
        switch (message.kind) {
          case 'began':
            program = message.pid;
            if (isOwn && early !== undefined) pass(early);
            break;
          case 'notice':
            io.complain(`iommufd: ${message.text}`);
            break;
          case 'calls':
            file?.wake();
            break;
          case 'summary':
            if (file === undefined) printLines(message.text);
            else file.write(message.text);
            break;
          case 'failed':
            io.complain(`iommufd: ${message.text}`);
            end = { status: message.status };
            break;
          case 'ended':
            end = endOf(message.end, isOwn);
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        if (end === undefined) reject(new Error('the tracer has ended without a result'));
        else resolve(end);
      });
    });
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    try {
      file?.close();
    } catch (error) {
      // An earlier error is the cause of this one.
      failure ??= new OutputError(`-o ${path ?? ''}`, error);
    }
  }
  if (failure !== undefined) throw failure;
  return result;
}

function endOf(
  end: { readonly code: number | null; readonly signal: number | null } | undefined,
  isOwn: boolean,
): CommandEnd {
  // The status of a program that was attached to is not the command's.
  if (!isOwn || end === undefined) return { status: 0 };
  const signal = end.signal === null ? undefined : signalName(end.signal);
  return signal === undefined ? { status: end.code ?? OWN_FAILURE } : { status: OWN_FAILURE, signal };
}
