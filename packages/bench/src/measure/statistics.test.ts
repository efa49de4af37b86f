import { expect, test } from '@jest/globals';
import { figuresOf } from './statistics.js';

test('the median is that of the processes, so that one of them with many samples has no more weight', () => {
  expect(figuresOf([[1, 2, 3], [10, 11, 12, 13, 14, 15, 16], [4]])).toMatchObject({ median: 4 });
});

test('the spread is that of all samples', () => {
  expect(figuresOf([[1, 2], [3, 4], [5]])).toMatchObject({ median: 3.5, low: 2, high: 4 });
});

test('one sample is everything', () => {
  expect(figuresOf([[7]])).toEqual({ median: 7, low: 7, high: 7, samples: [[7]] });
});

test('processes without samples and the order of samples are ignored', () => {
  expect(figuresOf([[], [9, 1, 5]])).toEqual({ median: 5, low: 3, high: 7, samples: [[9, 1, 5]] });
});
