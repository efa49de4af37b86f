import { expect, test } from '@jest/globals';
import { CONTESTS, entryOf, isCannot } from '../contestant.js';
import { contestants } from './index.js';

test('everybody has a name of its own', () => {
  const names = contestants.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('who takes part does every work, or says why not', () => {
  for (const contestant of contestants) {
    if (contestant.form !== 'main') continue;
    for (const work of CONTESTS) {
      const entry = entryOf(contestant, work);
      if (entry === undefined) throw new Error(`${contestant.name}: ${work}`);
      if (isCannot(entry)) expect(entry.cannot).not.toBe('');
    }
  }
});

test('libraries have the versions that are installed', () => {
  for (const { kind, version } of contestants)
    expect(version).toMatch(kind === 'by hand' ? /^$/ : /^\d+\.\d+\.\d+$/);
});
