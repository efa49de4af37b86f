import { expect, test } from '@jest/globals';
import { COMPARISONS, entryOf, isCannot } from '../implementation.js';
import { implementations } from './index.js';

test('everybody has a name of its own', () => {
  const names = implementations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('every implementation does every workload, or says why not', () => {
  for (const implementation of implementations) {
    if (implementation.form !== 'main') continue;
    for (const workload of COMPARISONS) {
      const entry = entryOf(implementation, workload);
      if (entry === undefined) throw new Error(`${implementation.name}: ${workload}`);
      if (isCannot(entry)) expect(entry.cannot).not.toBe('');
    }
  }
});

test('libraries have the versions that are installed', () => {
  for (const { kind, version } of implementations)
    expect(version).toMatch(kind === 'by hand' ? /^$/ : /^\d+\.\d+\.\d+$/);
});
