import { expect, test } from '@jest/globals';
import * as index from './index.js';

const modules = [
  './attributes.js',
  './cd.js',
  './command.js',
  './control-registers.js',
  './driver.js',
  './event.js',
  './id-registers.js',
  './iommufd.js',
  './names.js',
  './priq.js',
  './queue.js',
  './queue-registers.js',
  './register.js',
  './ste.js',
];

test('the index exports all that the modules do', async () => {
  const names: string[] = [];
  for (const module of modules) {
    const exported: object = await import(module);
    names.push(...Object.keys(exported));
  }
  expect(Object.keys(index).sort()).toEqual(names.sort());
});

const valuesOf = (object: object): unknown[] =>
  Object.keys(object).map((key): unknown => Reflect.get(object, key));

/** What a declaration says in words; a named value is a pair of number and words. */
function docs(declaration: unknown): string[] {
  if (typeof declaration !== 'object' || declaration === null) return [];
  if (Array.isArray(declaration)) return declaration.filter((part: unknown) => typeof part === 'string');
  const own = ['doc', 'description'].map((key): unknown => Reflect.get(declaration, key));
  const parts = ['cases', 'fields', 'members'].map((key): unknown => Reflect.get(declaration, key));
  const inner = parts.flatMap((part) => (typeof part === 'object' && part !== null ? valuesOf(part) : []));
  return [...own.filter((text) => typeof text === 'string'), ...inner.flatMap(docs)];
}

test('everything is described in whole sentences', () => {
  const all = Object.values(index).flatMap(docs);
  expect(all.length).toBeGreaterThan(600);
  for (const doc of all) expect(doc).toMatch(/^[^a-z].*\.$/s);
});
