import { expect, test } from '@jest/globals';
import { implementations } from '../implementations/index.js';
import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import { SETTINGS } from '../measure/settings.js';
import { figuresOf } from '../measure/statistics.js';
import { entriesOf } from '../measure/subjects.js';
import { workloads } from '../workloads/index.js';
import { chart } from './chart.js';
import { details, linesOf, page } from './docs.js';

/** Every subject takes 100 ns for everything, and 1,000 bytes. */
const results: readonly WorkloadResult[] = entriesOf(workloads, implementations).map(
  ({ workload, subjects }) => ({
    workload,
    subjects: subjects.map(({ name, version, kind, note, size, cannot, countsBytes }): SubjectResult => {
      const about = { name, version, kind, note, size, cannot };
      if (cannot !== undefined) return about;
      const figures = figuresOf([[100], [100]]);
      return {
        ...about,
        alone: figures,
        ...(workload.kind === 'comparison' && { after: figures }),
        ...(countsBytes && { bytes: 1000 }),
      };
    }),
  }),
);

const machine = { cpu: 'A', cores: 2, memory: 8, system: 'Linux', node: '20', v8: '11', date: '2026-01-01' };

test('one page is a screen long, and leads to the other', () => {
  const text = page({ machine, settings: SETTINGS, results });
  expect(text.split('\n').length).toBeLessThan(40);
  for (const name of ['S1', 'S5', 'S11']) expect(text).toContain(`| ${name} `);
  expect(text).toContain('(performance-details.md)');
  expect(text).not.toContain('short run');
  const short = page({ machine, settings: { ...SETTINGS, children: 1 }, results });
  expect(short).toContain('These numbers are from a short run');
});

test('the details have every workload, every implementation and every goal', () => {
  const text = details({ machine, settings: SETTINGS, results });
  for (const { workload, subjects } of results) {
    expect(text).toContain(`## ${workload.title}`);
    for (const { name } of subjects) expect(text).toContain(`| ${name}`.trimEnd());
  }
  const goals = workloads.reduce((sum, workload) => sum + workload.goals.length, 0);
  // All are equally fast at 10 million per second: missed are the goals of 8 times a library's speed, of less time than strace,
  // and of 800 bytes.
  expect(text).toContain(`${goals - 3} of ${goals} goals are reached`);
});

test('the picture brings its background along, and has every implementation', () => {
  const picture = chart(results, linesOf(results));
  expect(picture).toMatch(/^<svg /);
  expect(picture).toMatch(/<rect[^>]* fill="#ffffff"/);
  for (const { name } of implementations) expect(picture).toContain(name.slice(0, 20));
});
