/** Runs a tracer in a Worker, and passes signals to it and to the program. */

import { constants, release } from 'node:os';
import { Worker } from 'node:worker_threads';
import { programOf } from '../linux/proc.js';
import { spawnUnknown } from '../linux/ptrace.js';
import { ARCH } from '../record/recording.js';
import { OutputError } from '../record/tape-file.js';
import { LineFile } from './line-file.js';
import { nameOfTraced } from './recording.js';
import { STDERR, writeAll } from './write-all.js';
import type { TracerJob, TracerMessage } from './worker.js';

/** What tracing has to do with the outside. */
export interface TracingIo {
  /** Prints a line to standard error. */
  complain(line: string): void;
}

/** How it ends: with a status, or by the signal that ended the program. */
export interface TracingEnd {
  readonly status: number;
  readonly signal?: NodeJS.Signals | undefined;
}

const WORKER = new URL('../../bin/tracer.mjs', import.meta.url);
const OWN_FAILURE = 125;

const signalName = (number: number): NodeJS.Signals | undefined =>
  (Object.entries(constants.signals) as [NodeJS.Signals, number][]).find(([, each]) => each === number)?.[0];

/**
 * The tracer waits in `waitpid()` for whatever child ends or stops: here is one that ends at once, so that it looks up.
 */
function ring(): void {
  spawnUnknown(process.execPath, ['-e', '0'], []);
}

/** What stands above the lines of a file: what a replay of them must know. Above a table there is nothing. */
function headOf({ print, command, pid = 0 }: Pick<TracerJob, 'print' | 'command' | 'pid'>): string {
  return print?.summary === true
    ? ''
    : `# Linux ${release()} ${ARCH}: ${nameOfTraced(command ?? [programOf(pid) ?? `process ${pid}`])}\n`;
}

/** Traces a program, and waits for its end. @throws OutputError, after the program was let go or has ended */
export async function traceProgram(
  job: Omit<TracerJob, 'stop' | 'ring'>,
  io: TracingIo,
): Promise<TracingEnd> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  let failure: Error | undefined;
  const path = job.print?.file;
  const file =
    path === undefined
      ? undefined
      : new LineFile(path, headOf(job), (error) => {
          failure = new OutputError(`-o ${path}`, error);
          letGo();
        });
  const worker = new Worker(WORKER, {
    workerData: { ...job, stop, ring: file?.ring } satisfies TracerJob,
    // Calls leave little behind that lives on: rare collections are cheaper.
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
      // It has ended, and what it has started has not.
      letGo();
    }
  };
  // A program that was started gets Ctrl-C from the terminal, and decides. One that runs on its own is let go.
  const isOwn = job.command !== undefined;
  const handlers: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ['SIGINT', isOwn ? ignore : letGo],
    ['SIGQUIT', isOwn ? ignore : letGo],
    ['SIGTERM', isOwn ? pass : letGo],
    ['SIGHUP', isOwn ? pass : letGo],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  let result: TracingEnd;
  try {
    result = await new Promise<TracingEnd>((resolve, reject) => {
      let end: TracingEnd | undefined;
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
            if (file === undefined) writeAll(STDERR, message.text);
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
        if (end === undefined) reject(new Error('the tracer has ended without saying how'));
        else resolve(end);
      });
    });
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    try {
      file?.close();
    } catch (error) {
      // What came before it is the cause.
      failure ??= new OutputError(`-o ${path ?? ''}`, error);
    }
  }
  if (failure !== undefined) throw failure;
  return result;
}

function endOf(
  end: { readonly code: number | null; readonly signal: number | null } | undefined,
  isOwn: boolean,
): TracingEnd {
  // The end of a program that was attached to is not the tracer's.
  if (!isOwn || end === undefined) return { status: 0 };
  const signal = end.signal === null ? undefined : signalName(end.signal);
  return signal === undefined ? { status: end.code ?? OWN_FAILURE } : { status: OWN_FAILURE, signal };
}
