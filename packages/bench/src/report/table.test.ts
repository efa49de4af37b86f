import { expect, test } from '@jest/globals';
import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import { figuresOf } from '../measure/statistics.js';
import type { Workload } from '../workload.js';
import { cannotLines, goalTable, noteLines, printTable, resultTable } from './table.js';

const common = { version: '', note: undefined, size: undefined };
const ours: SubjectResult = {
  ...common,
  name: 'ours',
  version: '1.2.3',
  kind: 'ours',
  alone: figuresOf([[12.5], [12, 13]]),
  after: figuresOf([[25]]),
};
const byHand: SubjectResult = {
  ...common,
  name: 'by hand',
  kind: 'by hand',
  note: 'checks nothing',
  alone: figuresOf([[10]]),
  after: figuresOf([[10]]),
};
const absent: SubjectResult = {
  ...common,
  name: 'other',
  version: '4.5.6',
  kind: 'library',
  cannot: 'it cannot encode',
};

const shared = { module: '', unit: 'ns' as const, goals: [], text: '' };
const comparison: Workload = {
  ...shared,
  kind: 'comparison',
  name: 'W2',
  title: 'W2: something',
  operation: 'record',
  comparedTo: ['by hand'],
  input: () => undefined,
  takesPart: () => true,
  start: () => ({ run: () => ({ operations: 1, milliseconds: 1 }) }),
};
const cases: Workload = { ...shared, kind: 'cases', name: 'K9', title: 'K9', operation: 'call', cases: [] };

const result: WorkloadResult = { workload: comparison, subjects: [ours, byHand, absent] };

test('a comparison: times, spread, and the speed of each where that by hand is 1', () => {
  expect(printTable(resultTable(result))).toBe(
    [
      '| implementation | ns per record |      spread | speed, by hand = 1 | after other workloads |      spread | speed, by hand = 1 |',
      '| :------------- | ------------: | ----------: | -----------------: | --------------------: | ----------: | -----------------: |',
      '| ours 1.2.3     |          12.5 | 12.3 – 12.8 |               0.80 |                  25.0 | 25.0 – 25.0 |               0.40 |',
      '| by hand        |          10.0 | 10.0 – 10.0 |               1.00 |                  10.0 | 10.0 – 10.0 |               1.00 |',
    ].join('\n'),
  );
});

test('subjects that do not take part, and those with a note, have a line', () => {
  expect(cannotLines(result)).toEqual(['other 4.5.6 does not take part: it cannot encode.']);
  expect(noteLines([result, result])).toEqual(['by hand: checks nothing.']);
});

test('cases: how many a second, and bytes where they were counted', () => {
  const { after: _after, ...counted } = { ...ours, bytes: 1234 };
  expect(resultTable({ workload: cases, subjects: [counted] }).rows).toEqual([
    ['case', 'ns per call', 'spread', 'calls per second', 'bytes per call'],
    ['ours 1.2.3', '12.5', '12.3 – 12.8', '80,000,000', '1,234'],
  ]);
});

test('escape sequences do not widen columns', () => {
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
  const [, , coloured = ''] = printTable(resultTable(result, red)).split('\n');
  expect(coloured).toContain(`${red('12.5')} |`);
  expect(coloured.replaceAll(red(''), '').length).toBeGreaterThan(0);
  const plain = printTable(resultTable(result)).split('\n')[2] ?? '';
  // Seven coloured cells, ten invisible characters each.
  expect(coloured.length - plain.length).toBe(7 * 10);
});

test('goals', () => {
  const goal = { kind: 'rate', of: 'ours', atLeast: 1 } as const;
  const found = { workload: 'K9', goal, text: 'calls per second', wanted: 'at least 1', found: '0.50' };
  expect(goalTable([{ ...found, isReached: false }]).rows[1]).toEqual([
    'K9',
    'calls per second',
    'at least 1',
    '0.50',
    '',
    'no',
  ]);
});
