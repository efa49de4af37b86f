import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Io, type Paint, paintFor } from '@iommufd/cli';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { implementations } from './implementations/index.js';
import { ChildFailed } from './measure/child.js';
import { Measurement, type Progress, type WorkloadResult } from './measure/measure.js';
import { NothingMatches, select } from './measure/select.js';
import { type Settings, SETTINGS } from './measure/settings.js';
import { type Entry, entriesOf } from './measure/subjects.js';
import { type Run, writeDocs } from './report/docs.js';
import { goalResults } from './report/goals.js';
import { thisMachine } from './report/machine.js';
import { cannotLines, goalTable, noteLines, printTable, resultTable } from './report/table.js';
import { workloads } from './workloads/index.js';

/** Exit statuses: a process failed or a result was wrong; invalid arguments. */
const FAILED = 1;
const MISUSE = 2;

/** The program's output. Tests replace it. */
export interface BenchIo extends Pick<Io, 'colour' | 'write'> {
  readonly progress: Progress;
}

interface Options {
  readonly json?: string;
  readonly filter?: string;
  readonly docs?: true;
  readonly children: number;
  readonly samples: number;
}

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status and, on failure, a message
 */
export async function runBench(
  argv: readonly string[],
  io: BenchIo,
): Promise<{ readonly status: number; readonly complaint?: string }> {
  const program = new Command('bench')
    .description('Measures the codecs and the fake kernel beside other libraries and code written by hand.')
    .option('--json <file>', 'write all figures to a file')
    .option('--filter <text>', 'only workloads, or implementations, whose name contains the text')
    .option('--docs', 'write docs/performance.md and its chart; not with --filter')
    .option('--children <n>', 'processes for each implementation or case', count, SETTINGS.children)
    .option('--samples <n>', 'samples of each process', count, SETTINGS.samples)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action(async (options: Options, command: Command) => {
      if (options.docs === true && options.filter !== undefined)
        command.error('--docs needs all workloads and cannot be combined with --filter');
      await bench(options, io);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return { status: 0 };
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return { status: 0 };
      return { status: MISUSE, complaint: error.message.replace(/^error: /, '') };
    }
    if (error instanceof NothingMatches) return { status: MISUSE, complaint: error.message };
    if (error instanceof ChildFailed) return { status: FAILED, complaint: error.message };
    throw error;
  }
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be 1 or more.');
}

async function bench(options: Options, io: BenchIo): Promise<void> {
  const settings: Settings = { ...SETTINGS, children: options.children, samples: options.samples };
  const all = entriesOf(workloads, implementations);
  const wanted = options.filter === undefined ? all : select(all, options.filter);
  const paint = paintFor(io);
  const results = await measureAll(all, wanted, settings, io, paint);
  const notes = noteLines(results);
  if (notes.length > 0) io.write(`${paint.head('Notes on the implementations')}\n\n${notes.join('\n')}\n\n`);
  const goals = results.flatMap(goalResults);
  if (goals.length > 0) {
    const mark = (isReached: boolean, text: string): string =>
      isReached ? paint.value(text) : paint.bad(text);
    io.write(`${paint.head('Goals')}\n\n${printTable(goalTable(goals, mark))}\n`);
  }
  const run: Run = { machine: thisMachine(), settings, results };
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(figures(run), undefined, 1)}\n`);
  if (options.docs === true)
    for (const file of writeDocs(run)) io.progress.line(`written: ${relative('', file)}`);
}

async function measureAll(
  all: readonly Entry[],
  wanted: readonly Entry[],
  settings: Settings,
  io: BenchIo,
  paint: Paint,
): Promise<WorkloadResult[]> {
  const measurement = new Measurement(all, settings, io.progress);
  const results: WorkloadResult[] = [];
  for (const entry of wanted) {
    const result = await measurement.measure(entry);
    results.push(result);
    io.progress.step('');
    io.write(`${paint.head(result.workload.title)}\n\n${printTable(resultTable(result, paint.value))}\n\n`);
    for (const line of cannotLines(result)) io.write(`${line}\n\n`);
  }
  return results;
}

/** A run as data. */
function figures({ machine, settings, results }: Run): object {
  return {
    machine,
    settings,
    workloads: results.map(({ workload: { name, title, operation }, subjects }) => ({
      name,
      title,
      operation,
      subjects,
    })),
    goals: results.flatMap(goalResults),
  };
}
