import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runSource, say, setUp } from './setup.mjs';

/** Where the program of an example is, by the example's name. */
const file = (name) =>
  [`examples/${name}.ts`, `examples/${name}/index.ts`].find((path) => existsSync(join(ROOT, path)));

/** Examples that can be run on their own. */
const examples = () =>
  readdirSync(join(ROOT, 'examples'))
    .map((entry) => entry.replace(/\.ts$/, ''))
    .filter((name) => !/[./]/.test(name) && file(name) !== undefined);

const [name = '', ...rest] = process.argv.slice(2);
if (/^[\w-]+$/.test(name) && file(name) !== undefined) {
  setUp();
  process.exitCode = runSource(file(name), rest);
} else {
  say(`usage: npm run example <name>, where the name is one of ${examples().join(', ')}`);
  process.exitCode = 2;
}
