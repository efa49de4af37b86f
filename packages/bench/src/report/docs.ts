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

/** What a run has to tell. */
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

/** The text of docs/performance.md: what is fast and what is not, in one screen. */
export function page({ machine, settings, results }: Run): string {
  const goals = results.flatMap(goalResults);
  const reached = goals.filter(({ isReached }) => isReached);
  // A run that is shorter than usual says so.
  const isWhole = settings.children >= SETTINGS.children && settings.samples >= SETTINGS.samples;
  const warning = `**These numbers are of a short run: one process for each, and few samples. A whole run takes an hour.**\n\n`;
  const memory = memoryLine(results);
  return `# Performance

${isWhole ? '' : warning}Each codec is measured in a process of its own and in one that has done all other works before; the worse of the two counts. Its speed
is compared with code written by hand and the fastest form of other libraries, all else with what it is made of. In brackets is what is
wanted. ${reached.length} of ${goals.length} goals are reached.
What is measured and how, all numbers, and why goals are missed, is in [the details](performance-details.md). Both pages and the
chart are written by \`pnpm bench --docs\`.

${printTable(summaryTable(results))}

${memory === '' ? '' : `Memory in bytes for each: ${memory}.\n\n`}${machine.date}; ${machine.cpu}, ${machine.cores} cores; ${machine.system}; Node ${machine.node}.

![Times of all workloads, the faster the shorter the bar](performance.svg)
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
is the same in one screen. Both are written by \`pnpm bench --docs\`; to measure on another machine run \`pnpm bench\`.

| | |
| --- | --- |
| date | ${machine.date} |
| processor | ${machine.cpu}, ${machine.cores} cores |
| memory | ${machine.memory} GiB |
| system | ${machine.system} |
| Node | ${machine.node}, V8 ${machine.v8} |
| libraries | ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')} |

## Goals

${goals.length - missed.length} of ${goals.length} goals are reached. A second number is from processes that ran other workloads before; a goal is reached if both
numbers reach it.

${printTable(goalTable(goals))}
${missed.length === 0 ? '' : `\n${missed.map(missedText).join('\n\n')}\n`}
## How it is measured

Each implementation does each workload in a process of its own: what an engine makes of code depends on what else it has run, and
results differ several fold. So all is measured again in processes that have done all other workloads of the implementation, and all its
other forms, before ("after other workloads"). A process does its workload for ${settings.warmUpTime} ms before it
counts. Then all processes of a workload are alive at once and take turns, a sample of at least ${settings.sampleTime} ms at a time, another one
first in each round, so that a noisy machine hits all alike. That is done with ${settings.children} sets of processes. A sample is the median of
its passes, and a time the median over the processes of the medians of their ${settings.samples} samples; the spread is from the first to the
third quartile of all samples. Processes run compiled JavaScript, as \`tsc\` writes it.

What a bench sees depends on its data. In W3 each struct has bytes of its own, as a program has that makes many messages: code by
hand makes a view of each, which takes longer than all the rest. In S4 a program makes the same call again and again: sixteen values,
one buffer, a view that is kept, and code by hand takes a tenth of the time. In W1 65,536 events are alive at once, more than V8's young
generation has room for; in S2 they come in reads of 1,024, and what was read is garbage before the next. structurae has two forms: as
its documentation has it, and field by field through the layout of its classes, which is several times as fast.

In W1 to W3 and S2 to S4 the garbage of a pass is collected before the next pass, outside of the measured time: otherwise a random pass would
pay for it. Garbage beyond the 16 MiB of V8's young generation is collected within the pass and measured.

Before an implementation is timed, its results are verified: objects field by field, checksums, bytes. A difference ends the run. All implementations get the same data, made by a seeded generator.

Each implementation is written as an experienced user of the library would write it without tuning; if there is more than one
way, the fastest one in its documentation is used. Most libraries have no fields of a few bits in little-endian words, so words are
read and the bits are taken out by hand, in the same way for all.

A speed is relative to code written by hand: 1 is as fast, 0.5 takes twice the time. For W1 and W2 there are two such codes. One
makes the checks that the strict codec makes; the other checks nothing, and would take any bytes for events, and any number for a
field. For W3 and S4 code written by hand checks nothing, and ours checks every field.`,
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
