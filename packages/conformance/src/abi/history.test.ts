/** The table of `@iommufd/uapi/history` against the headers of several kernels. */
import { expect, test } from '@jest/globals';
import { allSince, releaseOf, RELEASES } from '@iommufd/uapi/history';
import { readFileSync } from 'node:fs';
import { factsFile } from './facts.js';
import { type History, historyOf, namesIn } from './headers/history.js';

// The file is checked in beside this one.
const { kernels, first } = JSON.parse(readFileSync(factsFile('history'), 'utf8')) as History;
/** True for names without a meaning: those that VFIO has removed. */
const isNothing = (name: string): boolean => name.startsWith('__');
const place = (version: string): number => RELEASES.findIndex((release) => release === releaseOf(version));

test('the table has exactly the names that are newer than the oldest kernel', () => {
  expect([...allSince.keys()].sort()).toEqual(
    Object.keys(first)
      .filter((name) => !isNothing(name))
      .sort(),
  );
});

test.each([...allSince])('%s came with %s', (name, since) => {
  const found = first[name];
  const before = kernels[kernels.indexOf(found ?? '') - 1];
  // There are no packages of headers between 6.12 and 6.16: a name that 6.16 has first may be from a release in between.
  expect(place(since)).toBeGreaterThan(place(before ?? ''));
  expect(place(since)).toBeLessThanOrEqual(place(found ?? ''));
});

test('names are read from a header as a compiler sees it', () => {
  const header = `
/* #define IN_A_COMMENT 1 */
#define _GUARD_H
#define VFIO_A 1 // not VFIO_B
enum kind { KIND_A = 1 << 0, /* KIND_C, */
  KIND_B,
};
struct thing {
  __u32 size;
  union {
    __u64 a;
    __u8 b[4];
  };
};`;
  expect([...namesIn(header)]).toEqual([
    'VFIO_A',
    'KIND_A',
    'KIND_B',
    'thing',
    'thing.size',
    'thing.a',
    'thing.b',
  ]);
});

test('a history has the first kernel of each name, and fields only of structs that are older', () => {
  const names = (kernel: string, text: string) => ({ kernel, names: new Set(text.split(' ')) });
  expect(
    historyOf([names('6.16.1', 'A s s.x'), names('6.2.3', 'A'), names('7.0.1', 'A B s s.x s.y')]),
  ).toEqual({
    kernels: ['6.2.3', '6.16.1', '7.0.1'],
    first: { B: '7.0.1', s: '6.16.1', 's.y': '7.0.1' },
  });
  expect(() => historyOf([names('7.0', 'A')])).toThrow('give the headers of at least two kernels');
});
