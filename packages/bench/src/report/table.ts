import { stripVTControlCharacters } from 'node:util';
import { markdownTable } from 'markdown-table';
import type { SubjectResult, WorkResult } from '../measure/measure.js';
import type { Figures } from '../measure/statistics.js';
import type { Unit } from '../work.js';
import { aSecond, digits, one, SIGNS, time } from './format.js';
import { type GoalResult, speed } from './goals.js';

/** A table: of the first row are the titles; the first columns are text, the others numbers. */
export interface Table {
  readonly rows: readonly (readonly string[])[];
  readonly textColumns: number;
}

/** A table in Markdown, which is what people can read in a terminal as well. Colours take no room. */
export function printTable({ rows, textColumns }: Table): string {
  const columns = rows[0]?.length ?? 0;
  const align = Array.from({ length: columns }, (_, i) => (i < textColumns ? 'l' : 'r'));
  return markdownTable(rows, { align, stringLength: (text) => stripVTControlCharacters(text).length });
}

/** Numbers of a work, one row for each that was measured. */
export function resultTable(result: WorkResult, highlight: (text: string) => string = String): Table {
  return result.work.kind === 'contest'
    ? contestTable(result, result.work.comparedTo, highlight)
    : caseTable(result, highlight);
}

const label = ({ name, version }: SubjectResult): string => (version === '' ? name : `${name} ${version}`);

const spread = (figures: Figures | undefined, unit: Unit): string =>
  figures === undefined ? '' : `${time(figures.low, unit)} – ${time(figures.high, unit)}`;

const isMeasured = ({ alone }: SubjectResult): boolean => alone !== undefined;

/** By hand is 1: what is faster has more. */
const titleOf = (name: string): string => (name.includes('same checks') ? 'same checks' : 'by hand');

function contestTable(
  { work: { unit, operation }, subjects }: WorkResult,
  comparedTo: readonly string[],
  highlight: (text: string) => string,
): Table {
  const others = comparedTo.map((name) => subjects.find((subject) => subject.name === name));
  const titles = [
    'contestant',
    `${SIGNS[unit]} ${one(operation)}`,
    'spread',
    ...comparedTo.map((name) => `speed, ${titleOf(name)} = 1`),
    'after other work',
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
  { work: { unit, operation }, subjects }: WorkResult,
  highlight: (text: string) => string,
): Table {
  const hasBytes = subjects.some(({ bytes }) => bytes !== undefined);
  const titles = [
    'case',
    `${SIGNS[unit]} ${one(operation)}`,
    'spread',
    `${operation}s a second`,
    ...(hasBytes ? [`bytes ${one(operation)}`] : []),
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

/** Ends with a full stop, unless it ends with something of the kind. */
const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Why some did not take part: a line each. */
export function cannotLines({ subjects }: WorkResult): string[] {
  return subjects
    .filter(({ cannot }) => cannot !== undefined)
    .map((subject) => `${label(subject)} does not take part: ${sentence(subject.cannot ?? '')}`);
}

/** What to know of those that were measured, beside their numbers: a line each. */
export function noteLines(results: readonly WorkResult[]): string[] {
  const notes = new Map<string, string>();
  for (const { subjects } of results) {
    for (const subject of subjects)
      if (subject.note !== undefined && isMeasured(subject)) notes.set(label(subject), subject.note);
  }
  return [...notes].map(([name, note]) => `${name}: ${note}.`);
}

/** How all goals came out. */
export function goalTable(
  goals: readonly GoalResult[],
  mark: (isReached: boolean, text: string) => string = (_, text) => text,
): Table {
  const titles = ['work', 'what', 'wanted', 'found', 'after other work', 'reached'];
  const rows = goals.map(({ work, text, wanted, found, foundAfter = '', isReached }) => [
    work,
    text,
    wanted,
    found,
    foundAfter,
    mark(isReached, isReached ? 'yes' : 'no'),
  ]);
  return { rows: [titles, ...rows], textColumns: 3 };
}
