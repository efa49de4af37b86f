import { expect, test } from '@jest/globals';
import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import { figuresOf } from '../measure/statistics.js';
import type { CaseWorkload, Goal } from '../workload.js';
import { goalResults } from './goals.js';

const subject = (
  name: string,
  kind: SubjectResult['kind'],
  alone: number,
  after?: number,
  bytes?: number,
): SubjectResult => ({
  name,
  kind,
  version: '',
  note: undefined,
  size: undefined,
  alone: figuresOf([[alone]]),
  ...(after !== undefined && { after: figuresOf([[after]]) }),
  ...(bytes !== undefined && { bytes }),
});

const result = (goals: readonly Goal[], subjects: readonly SubjectResult[]): WorkloadResult => {
  const workload: CaseWorkload = {
    kind: 'cases',
    name: 'K9',
    title: 'K9: something',
    module: '',
    operation: 'record',
    unit: 'ns',
    text: '',
    goals,
    cases: [],
  };
  return { workload, subjects };
};

test('a speed is reached alone and after all other workloads, or it is not', () => {
  const goal: Goal = { kind: 'speed', of: 'ours', to: 'by hand', atLeast: 0.8 };
  const byHand = subject('by hand', 'by hand', 80, 80);
  expect(goalResults(result([goal], [subject('ours', 'ours', 100, 90), byHand]))).toMatchObject([
    { workload: 'K9', wanted: 'at least 0.80', found: '0.80', foundAfter: '0.89', isReached: true },
  ]);
  expect(goalResults(result([goal], [subject('ours', 'ours', 100, 200), byHand]))).toMatchObject([
    { found: '0.80', foundAfter: '0.40', isReached: false },
  ]);
});

test('the library that counts is the fastest, whether or not it is the first', () => {
  const goal: Goal = { kind: 'libraries', of: 'ours', atLeast: 8 };
  const libraries = [subject('slow', 'library', 900), subject('quick', 'library', 70)];
  expect(goalResults(result([goal], [subject('ours', 'ours', 10), ...libraries]))).toMatchObject([
    { text: 'speed of ours relative to the fastest library (quick)', found: '7.00', isReached: false },
  ]);
});

test('growth is to stay below', () => {
  const goal: Goal = { kind: 'growth', of: 'large', from: 'small', below: 3 };
  const grown = (large: number) =>
    goalResults(result([goal], [subject('small', 'ours', 10), subject('large', 'ours', large)]))[0];
  expect(grown(29)).toMatchObject({ found: '2.90', wanted: 'below 3.00', isReached: true });
  expect(grown(30)).toMatchObject({ isReached: false });
  expect(grown(29)).not.toHaveProperty('foundAfter');
});

test('a rate', () => {
  const goal: Goal = { kind: 'rate', of: 'ours', atLeast: 2_000_000 };
  expect(goalResults(result([goal], [subject('ours', 'ours', 400)]))).toMatchObject([
    { wanted: 'at least 2,000,000', found: '2,500,000', isReached: true },
  ]);
});

test('bytes beyond those of a baseline', () => {
  const goal: Goal = { kind: 'bytes', of: 'ours', without: 'loop', most: 'object' };
  const all = (own: number): SubjectResult[] => [
    subject('ours', 'ours', 1, undefined, own),
    subject('loop', 'baseline', 1, undefined, 300),
    subject('object', 'baseline', 1, undefined, 200),
  ];
  expect(goalResults(result([goal], all(500)))).toMatchObject([
    { wanted: 'at most 200', found: '200', isReached: true },
  ]);
  expect(goalResults(result([goal], all(501)))).toMatchObject([{ isReached: false }]);
});

test('a goal without measurements has no result', () => {
  const goals: Goal[] = [
    { kind: 'speed', of: 'ours', to: 'by hand', atLeast: 1 },
    { kind: 'libraries', of: 'ours', atLeast: 1 },
    { kind: 'rate', of: 'absent', atLeast: 1 },
  ];
  expect(goalResults(result(goals, [subject('ours', 'ours', 1)]))).toEqual([]);
});
