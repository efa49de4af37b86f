import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkloadResult } from '../measure/measure.js';
import { type Settings, SETTINGS } from '../measure/settings.js';
import { chart, type Lines } from './chart.js';
import { NANOSECONDS } from './format.js';
import { type GoalResult, goalResults } from './goals.js';
import type { Machine } from './machine.js';
import { reasonFor } from './reasons.js';
import { memoryLine, summaryTable } from './summary.js';
import { cannotLines, goalTable, noteLines, printTable, resultTable } from './table.js';

const DOCS = new URL('../../../../docs/', import.meta.url);

/** The data of a run, for the pages. */
export interface Run {
  readonly machine: Machine;
  readonly settings: Settings;
  readonly results: readonly WorkloadResult[];
}

/** Writes docs/performance.md, its picture, and the page with the details. @returns the files */
export function writeDocs(run: Run): string[] {
  const files = [
    [new URL('performance.md', DOCS), page(run)],
    [new URL('performance-details.md', DOCS), details(run)],
    [new URL('performance.svg', DOCS), chart(run.results, linesOf(run.results))],
  ] as const;
  return files.map(([url, text]) => {
    writeFileSync(url, text);
    return fileURLToPath(url);
  });
}

/** The text of docs/performance.md: the reached and missed goals, on one screen. */
export function page({ machine, settings, results }: Run): string {
  const goals = results.flatMap(goalResults);
  const reached = goals.filter(({ isReached }) => isReached);
  // A shorter run gets a warning.
  const isWhole = settings.children >= SETTINGS.children && settings.samples >= SETTINGS.samples;
  const warning = `**These numbers are from a short run: one process for each subject, and few samples. A full run takes an hour.**\n\n`;
  const memory = memoryLine(results);
  return `# Performance

${isWhole ? '' : warning}Each codec is measured in a process of its own, and in a process that has run all other workloads first; the slower of the two counts. Its
speed is compared with code written by hand and with the fastest form of other libraries. Other work is compared with the parts that it is
made of. The goals are in brackets. ${reached.length} of ${goals.length} goals are reached.
[The details](performance-details.md) have the method, all numbers, and the reasons for missed goals. \`pnpm bench --docs\` writes both pages
and the chart.

${printTable(summaryTable(results))}

${memory === '' ? '' : `Bytes of memory: ${memory}.\n\n`}${machine.date}; ${machine.cpu}, ${machine.cores} cores; ${machine.system}; Node ${machine.node}.

![Times of all workloads; a shorter bar is faster](performance.svg)
`;
}

/** The text of docs/performance-details.md. */
export function details({ machine, settings, results }: Run): string {
  const goals = results.flatMap(goalResults);
  const missed = goals.filter(({ isReached }) => !isReached);
  const versions = new Map<string, string>();
  for (const { subjects } of results)
    for (const { name, version, kind } of subjects)
      if (version !== '' && kind === 'library') versions.set(name, version);
  return [
    `# Performance in detail

The speed of the codecs, the fake kernel and the SDK, compared with other libraries and with code written by hand. [Performance](performance.md)
is the summary. \`pnpm bench --docs\` writes both pages; to measure on another machine run \`pnpm bench\`.

| | |
| --- | --- |
| date | ${machine.date} |
| processor | ${machine.cpu}, ${machine.cores} cores |
| memory | ${machine.memory} GiB |
| system | ${machine.system} |
| Node | ${machine.node}, V8 ${machine.v8} |
| libraries | ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')} |

## Goals

${goals.length - missed.length} of ${goals.length} goals are reached. A second number is from processes that ran other workloads first; a goal is reached if both
numbers reach it.

${printTable(goalTable(goals))}
${missed.length === 0 ? '' : `\n${missed.map(missedText).join('\n\n')}\n`}
## How it is measured

Each implementation runs each workload in a process of its own, because the code that an engine generates depends on what it ran before, and
results differ several fold. Each workload is measured again in processes that have first run all other workloads of the implementation and
all its other forms ("after other workloads"). A process runs its workload for ${settings.warmUpTime} ms before it
is measured. Then all processes of a workload are alive at once and take turns, with a sample of at least ${settings.sampleTime} ms each. Each
round starts with another process, so that a noisy machine affects all alike. This is done with ${settings.children} sets of processes. A sample is the median of
its passes. A time is the median over the processes of the medians of their ${settings.samples} samples; the spread is from the first to the
third quartile of all samples. Processes run the JavaScript that \`tsc\` writes.

Results depend on the data. In W3 each struct has bytes of its own, as in a program that makes many messages: code by
hand creates a view of each, which takes longer than the rest of its work. In S4 a program makes the same call again and again, with sixteen
values, one buffer and one view: code by hand takes a tenth of that time. In W1 65,536 events are alive at once, more than fit into V8's
young generation; in S2 they come in reads of 1,024, and each read is garbage before the next. structurae has two forms: the form of its
documentation, and field by field through the layout of its classes, which is several times as fast.

In W1 to W3 and S2 to S4 the garbage of a pass is collected before the next pass, outside of the measured time: otherwise a random pass would
pay for it. Garbage beyond the 16 MiB of V8's young generation is collected within the pass and measured.

Before an implementation is timed, its results are verified: objects field by field, checksums, bytes. A difference ends the run. All
implementations get the same data, from a seeded generator.

Each implementation is written as an experienced user of the library would write it without tuning; if there is more than one
way, the fastest one in its documentation is used. Most libraries have no fields of a few bits in little-endian words, so words are
read and the bits are taken out by hand, in the same way for all.

A speed is relative to code written by hand: 1 is as fast, 0.5 takes twice the time. W1 and W2 have two baselines written by hand. One
makes the checks of the strict codec; the other checks nothing, and accepts any bytes as events and any number as a field. In W3 and S4
the code written by hand checks nothing, and the codec checks every field.`,
    ...results.map(section),
    '## Notes on the implementations',
    noteLines(results)
      .map((line) => `- ${line}`)
      .join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function missedText(goal: GoalResult): string {
  return `**${goal.workload} misses a goal: ${goal.text}, wanted ${goal.wanted}.** ${reasonFor(goal)}`;
}

function section(result: WorkloadResult): string {
  const { workload } = result;
  return [
    `## ${workload.title}`,
    workload.text,
    printTable(resultTable(result)),
    ...cannotLines(result),
  ].join('\n\n');
}

/** The line charts of K2 and K5. */
export function linesOf(results: readonly WorkloadResult[]): Lines[] {
  const lines: Lines[] = [];
  for (const { workload, subjects } of results) {
    const points = (end: string): [number, number][] =>
      subjects.flatMap(({ name, size, alone }) =>
        name.endsWith(end) && size !== undefined && alone !== undefined
          ? [[size, alone.median / NANOSECONDS[workload.unit]] satisfies [number, number]]
          : [],
      );
    if (workload.name === 'K2') {
      const series = ['fixed', 'automatic'].map((name) => ({ name, points: points(`areas, ${name}`) }));
      lines.push({ title: workload.title, xName: 'areas in the IOAS', yName: 'µs per operation', series });
    }
    if (workload.name === 'K5') {
      const series = [{ name: '1,024 dirty', points: points('iB, 1,024 dirty') }];
      lines.push({ title: workload.title, xName: 'GiB of the range', yName: 'ms per call', series });
    }
  }
  return lines;
}
