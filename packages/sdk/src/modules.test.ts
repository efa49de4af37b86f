import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** Modules, and those that each of them needs before it runs. Types are needed by the compiler alone. */
const modules = new Map(
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(name))
    .map((name) => {
      const imports = readFileSync(join(ROOT, name), 'utf8').matchAll(
        /^(?:im|ex)port (?!type )[^;]*? from '(\.[^']*)\.js'/gm,
      );
      return [name, [...imports].map(([, from = '']) => `${join(dirname(name), from)}.ts`)] as const;
    }),
);

/** A module that needs itself, by way of others. */
function circle(name: string, way: readonly string[] = []): readonly string[] | undefined {
  if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
  for (const next of modules.get(name) ?? []) {
    const found = circle(next, [...way, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

// Each module declares what its calls take as it is loaded: what it needs for that must be there already.
test.each([...modules.keys()])('%s can be loaded first: it needs no module that needs it', (name) => {
  expect(circle(name)).toBeUndefined();
});
