/**
 * The tracer's thread. It attaches to a program or starts it, and then waits in `waitpid()`. It runs in a Worker, so that the main
 * thread can handle signals.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { OWN_FAILURE } from '../command-io.js';
import { LaunchError } from '../launch.js';
import { programOf } from '../linux/proc.js';
import { platform } from '../platform.js';
import { OutputError } from '../record/tape-file.js';
import type { BegunCall } from './call-reader.js';
import type { CallSink } from './calls.js';
import type { TracedFile } from './files.js';
import { Follower } from './follower.js';
import { StepWriter } from './channel.js';
import { filterOf } from './groups.js';
import { Lines } from './lines.js';
import { Printer } from './printer.js';
import { recordTrace, type TraceRecording } from './recording.js';
import { startWaiting } from './start.js';
import { Summary } from './summary.js';
import { printLines } from './write-all.js';
import { AttachError, type TraceeEnd, Tracees } from './tracees.js';

/** The program to trace, and the output. */
export interface TracerJob {
  /** The program and its arguments; undefined to attach to `pid`. */
  readonly command?: readonly string[] | undefined;
  readonly pid?: number | undefined;
  /** Prints lines, or a table at the end; to a file, or to standard error. */
  readonly print?:
    | { readonly summary: boolean; readonly file?: string | undefined; readonly colour: boolean }
    | undefined;
  /** The ring for calls that are printed to a file. The main thread prints them while the program continues. */
  readonly ring?: SharedArrayBuffer | undefined;
  /** Writes a tape. */
  readonly record?: TraceRecording | undefined;
  /** The groups of calls to print. Empty: all calls. */
  readonly groups: readonly string[];
  /** The main thread sets it to 1 to make the tracer detach. */
  readonly stop: Int32Array;
}

/** Messages of the tracer's thread to the main thread. */
export type TracerMessage =
  | { readonly kind: 'began'; readonly pid: number }
  | { readonly kind: 'notice'; readonly text: string }
  /** The ring contains calls. */
  | { readonly kind: 'calls' }
  /** The text to print at the end. */
  | { readonly kind: 'summary'; readonly text: string }
  | { readonly kind: 'ended'; readonly end: TraceeEnd | undefined }
  | { readonly kind: 'failed'; readonly text: string; readonly status: number };

/** The name of a process that was not started by the tracer. */
const nameOf = (pid: number): string => programOf(pid) ?? `process ${pid}`;

/** Traces a program until its end, or until `stop` is set. @throws LaunchError; AttachError; OutputError */
export function trace(job: TracerJob, tell: (message: TracerMessage) => void): void {
  const { machine, libc, taskSize } = platform();
  const began = performance.now();
  const isWanted = filterOf(job.groups);
  const sinks: CallSink[] = [];
  const follower = new Follower(libc, machine, taskSize, sinks);
  const tracees = new Tracees(machine, follower);
  const { print, ring } = job;
  const summary = print?.summary === true ? new Summary(isWanted) : undefined;
  if (summary !== undefined) sinks.push(summary);
  else if (print !== undefined) sinks.push(printer(print.colour));
  const recording =
    job.record &&
    recordTrace(
      libc,
      follower.files,
      job.record,
      job.command ?? [nameOf(job.pid ?? 0)],
      (text) => tell({ kind: 'notice', text }),
      () => Atomics.store(job.stop, 0, 1),
    );
  if (recording !== undefined) sinks.push(recording.recorder);
  const pid = begin(job, follower, tracees);
  tell({ kind: 'began', pid: pid.pid });
  let isDetaching = false;
  while (tracees.step()) {
    if (isDetaching || Atomics.load(job.stop, 0) === 0) continue;
    isDetaching = true;
    tracees.detach();
  }
  const failure = recording?.close();
  // The program's failure comes first: its status is the command's.
  if (!follower.hasBegun) throw pid.failure();
  if (failure !== undefined) throw failure;
  if (summary !== undefined) tell({ kind: 'summary', text: summary.text });
  tell({ kind: 'ended', end: follower.endOf(pid.pid) });

  function printer(colour: boolean): Printer {
    const filesOf = (process: number): ReadonlyMap<number, TracedFile> => follower.files.of(process);
    if (ring !== undefined) {
      const writer = new StepWriter(ring, () => tell({ kind: 'calls' }));
      return new Printer((step) => writer.send(step), filesOf, isWanted, began);
    }
    // Lines to standard error are printed at once, so that they are in order with the program's own output.
    const lines = new Lines({ write: printLines, colour });
    return new Printer((step) => lines.take(step), filesOf, isWanted, began);
  }

  function begin(
    { command, pid: there }: TracerJob,
    following: Follower,
    attached: Tracees<BegunCall>,
  ): { readonly pid: number; failure(): Error } {
    if (command === undefined) {
      const number = there ?? 0;
      attached.attach(number);
      following.attached(number);
      return { pid: number, failure: () => new Error('it has not begun') };
    }
    const [program = '', ...args] = command;
    const waiting = startWaiting(libc, program, args, process.env);
    attached.attachLauncher(waiting.pid);
    following.waitsFor(waiting.pid);
    waiting.begin();
    return waiting;
  }
}

/** The main function of the Worker. */
export function run(): void {
  const port = parentPort;
  if (port === null) throw new Error('this runs in a Worker');
  const tell = (message: TracerMessage): void => port.postMessage(message);
  try {
    trace(workerData as TracerJob, tell);
  } catch (error) {
    const isKnown = [LaunchError, AttachError, OutputError].some((each) => error instanceof each);
    if (!isKnown || !(error instanceof Error)) throw error;
    tell({
      kind: 'failed',
      text: error.message,
      status: error instanceof LaunchError ? error.status : OWN_FAILURE,
    });
  }
}
