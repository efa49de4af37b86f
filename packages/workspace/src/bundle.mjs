/**
 * Bundles published packages for Node: `node bundle.mjs FOLDER...`, and what `prepack.mjs` does with each. A program that imports
 * a package loads a few files then and not hundreds, which takes most of the time of its start; so does each file of tests. What is
 * bundled is what was built, with the `node` condition of `publishConfig.exports` as its entries; bundlers take the modules as
 * they are, to leave out what a program does not use. Plain JavaScript, as `prepack.mjs` is.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Where the bundles are, within `dist`. */
export const BUNDLES = 'node';

/**
 * @param {string} folder of a package that is built
 * @returns {Promise<void>} when it is bundled; at once if the package says nothing of bundles
 */
export async function bundle(folder) {
  /** @type {{ readonly publishConfig?: { readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>> } }} */
  const { publishConfig = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entries = Object.values(publishConfig.exports ?? {}).flatMap((entry) =>
    typeof entry === 'object' && entry['node'] !== undefined && entry['default'] !== undefined
      ? [join(folder, entry['default'])]
      : [],
  );
  rmSync(join(folder, 'dist', BUNDLES), { recursive: true, force: true });
  if (entries.length === 0) return;
  await build({
    entryPoints: entries,
    outbase: join(folder, 'dist'),
    outdir: join(folder, 'dist', BUNDLES),
    bundle: true,
    // What two entries share exists once: a class is the same by either.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1]))
  for (const folder of process.argv.slice(2)) await bundle(folder);
