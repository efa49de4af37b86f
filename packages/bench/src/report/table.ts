import { stripVTControlCharacters } from 'node:util';
import { markdownTable } from 'markdown-table';
import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import type { Figures } from '../measure/statistics.js';
import type { Unit } from '../workload.js';
import { aSecond, digits, per, plural, SIGNS, time } from './format.js';
import { type GoalResult, speed } from './goals.js';

/** A table. The first row has the titles; the first columns are text, the others numbers. */
export interface Table {
  readonly rows: readonly (readonly string[])[];
  readonly textColumns: number;
}

/** A table in Markdown, which is readable in a terminal too. Escape sequences for colours have no width. */
export function printTable({ rows, textColumns }: Table): string {
  const columns = rows[0]?.length ?? 0;
  const align = Array.from({ length: columns }, (_, i) => (i < textColumns ? 'l' : 'r'));
  return markdownTable(rows, { align, stringLength: (text) => stripVTControlCharacters(text).length });
}

/** The results of a workload, one row per subject. */
export function resultTable(result: WorkloadResult, highlight: (text: string) => string = String): Table {
  return result.workload.kind === 'comparison'
    ? comparisonTable(result, result.workload.comparedTo, highlight)
    : caseTable(result, highlight);
}

const label = ({ name, version }: SubjectResult): string => (version === '' ? name : `${name} ${version}`);

const spread = (figures: Figures | undefined, unit: Unit): string =>
  figures === undefined ? '' : `${time(figures.low, unit)} – ${time(figures.high, unit)}`;

const isMeasured = ({ alone }: SubjectResult): boolean => alone !== undefined;

/** The title of a column with speeds relative to code written by hand. */
const titleOf = (name: string): string => (name.includes('same checks') ? 'same checks' : 'by hand');

function comparisonTable(
  { workload: { unit, operation }, subjects }: WorkloadResult,
  comparedTo: readonly string[],
  highlight: (text: string) => string,
): Table {
  const others = comparedTo.map((name) => subjects.find((subject) => subject.name === name));
  const titles = [
    'implementation',
    `${SIGNS[unit]} ${per(operation)}`,
    'spread',
    ...comparedTo.map((name) => `speed, ${titleOf(name)} = 1`),
    'after other workloads',
    'spread',
    ...comparedTo.map((name) => `speed, ${titleOf(name)} = 1`),
  ];
  const rows = subjects.filter(isMeasured).map((subject) => {
    const { alone, after, kind } = subject;
    const cells = [
      label(subject),
      alone === undefined ? '' : time(alone.median, unit),
      spread(alone, unit),
      ...others.map((other) => speed(alone, other?.alone)),
      after === undefined ? '' : time(after.median, unit),
      spread(after, unit),
      ...others.map((other) => speed(after, other?.after)),
    ];
    return kind === 'ours' ? cells.map(highlight) : cells;
  });
  return { rows: [titles, ...rows], textColumns: 1 };
}

function caseTable(
  { workload: { unit, operation }, subjects }: WorkloadResult,
  highlight: (text: string) => string,
): Table {
  const hasBytes = subjects.some(({ bytes }) => bytes !== undefined);
  const titles = [
    'case',
    `${SIGNS[unit]} ${per(operation)}`,
    'spread',
    `${plural(operation)} per second`,
    ...(hasBytes ? [`bytes ${per(operation)}`] : []),
  ];
  const rows = subjects.filter(isMeasured).map((subject) => {
    const { alone, bytes, kind } = subject;
    const cells = [
      label(subject),
      alone === undefined ? '' : time(alone.median, unit),
      spread(alone, unit),
      alone === undefined ? '' : aSecond(alone.median),
      ...(hasBytes ? [bytes === undefined ? '' : digits(bytes)] : []),
    ];
    return kind === 'ours' ? cells.map(highlight) : cells;
  });
  return { rows: [titles, ...rows], textColumns: 1 };
}

/** Adds a full stop unless the text ends with punctuation. */
const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Why subjects did not take part, one line each. */
export function cannotLines({ subjects }: WorkloadResult): string[] {
  return subjects
    .filter(({ cannot }) => cannot !== undefined)
    .map((subject) => `${label(subject)} does not take part: ${sentence(subject.cannot ?? '')}`);
}

/** Notes on the measured subjects, one line each. */
export function noteLines(results: readonly WorkloadResult[]): string[] {
  const notes = new Map<string, string>();
  for (const { subjects } of results) {
    for (const subject of subjects)
      if (subject.note !== undefined && isMeasured(subject)) notes.set(label(subject), subject.note);
  }
  return [...notes].map(([name, note]) => `${name}: ${note}.`);
}

/** The results of all goals. */
export function goalTable(
  goals: readonly GoalResult[],
  mark: (isReached: boolean, text: string) => string = (_, text) => text,
): Table {
  const titles = ['workload', 'what', 'wanted', 'found', 'after other workloads', 'reached'];
  const rows = goals.map(({ workload, text, wanted, found, foundAfter = '', isReached }) => [
    workload,
    text,
    wanted,
    found,
    foundAfter,
    mark(isReached, isReached ? 'yes' : 'no'),
  ]);
  return { rows: [titles, ...rows], textColumns: 3 };
}
