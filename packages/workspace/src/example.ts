/** Runs an example: `npm run example NAME ARGUMENTS...`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, say, source } from './setup.mjs';

/** The program of an example, by the example's name. */
const fileOf = (name: string): string | undefined =>
  [`examples/${name}.ts`, `examples/${name}/index.ts`].find((path) => existsSync(join(ROOT, path)));

/** Examples that can be run on their own. */
const examples = (): string[] =>
  readdirSync(join(ROOT, 'examples'))
    .map((entry) => entry.replace(/\.ts$/, ''))
    .filter((name) => !/[./]/.test(name) && fileOf(name) !== undefined);

const [name = '', ...rest] = process.argv.slice(2);
const file = /^[\w-]+$/.test(name) ? fileOf(name) : undefined;
if (file === undefined) {
  say(`usage: npm run example <name>, where the name is one of ${examples().join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = run(source(file, rest));
}
