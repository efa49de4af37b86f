/**
 * `pnpm compile`: writes the files that are generated from the declarations of uapi, and removes those whose declarations no
 * longer exist.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';

/**
 * Declarations import their generated files, which may be missing, outdated or truncated by a failed run. Reading the
 * declarations does not need them, so every generated file is replaced by an empty module here.
 */
const EMPTY_GENERATED = `export const resolve = (specifier, context, next) =>
  specifier.endsWith('.generated.js')
    ? { url: 'data:text/javascript,', format: 'module', shortCircuit: true }
    : next(specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(EMPTY_GENERATED)}`);
const { UAPI } = await import('./declarations.js');
const { generatedFiles } = await import('./generated-files.js');

const files = await generatedFiles();
for (const name of readdirSync(UAPI, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.generated.ts') || files.has(name)) continue;
  rmSync(new URL(name, UAPI));
  process.stdout.write(`removed ${name}\n`);
}
for (const [name, text] of files) {
  const file = new URL(name, UAPI);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  writeFileSync(file, text);
  process.stdout.write(`wrote ${name}\n`);
}
process.stdout.write(`${files.size} generated files are up to date\n`);
