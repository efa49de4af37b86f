import { expect, test } from '@jest/globals';
import type { Workload } from '../workload.js';
import { NothingMatches, select } from './select.js';
import type { Entry, Subject } from './subjects.js';

const common = { module: '', operation: 'one', unit: 'ns' as const, goals: [], text: '' };
const subject = (name: string): Subject => ({
  name,
  version: '',
  kind: 'library',
  isLong: false,
  countsBytes: false,
});

const comparison: Workload = {
  ...common,
  kind: 'comparison',
  name: 'W2',
  title: 'W2: encode',
  comparedTo: ['by hand'],
  input: () => undefined,
  takesPart: () => true,
  start: () => ({ run: () => ({ operations: 1, milliseconds: 1 }) }),
};
const cases: Workload = { ...common, kind: 'cases', name: 'K1', title: 'K1: one ioctl', cases: [] };
const entries: Entry[] = [
  { workload: comparison, subjects: ['Ours', 'by hand', 'koffi'].map(subject) },
  { workload: cases, subjects: ['fake', 'real, through koffi'].map(subject) },
];

const names = (text: string): string[] =>
  select(entries, text).map(
    ({ workload, subjects }) => `${workload.name}: ${subjects.map(({ name }) => name).join(', ')}`,
  );

test('a workload by its name, with all of its subjects, in upper or lower case', () => {
  expect(names('w2')).toEqual(['W2: Ours, by hand, koffi']);
  expect(names('ENCODE')).toEqual(['W2: Ours, by hand, koffi']);
});

test('selects an implementation in all workloads, with the ones it is compared to', () => {
  expect(names('koffi')).toEqual(['W2: by hand, koffi', 'K1: real, through koffi']);
  expect(names('ours')).toEqual(['W2: Ours, by hand']);
});

test('everything', () => {
  expect(names('')).toEqual(['W2: Ours, by hand, koffi', 'K1: fake, real, through koffi']);
});

test('an empty selection is an error that lists the names', () => {
  expect(() => select(entries, 'W9')).toThrow(NothingMatches);
  expect(() => select(entries, 'W9')).toThrow(
    "nothing is called like 'W9'; there are W2; Ours; by hand; koffi; K1; fake; real, through koffi",
  );
});
