/**
 * Bundles published packages for Node: `node bundle.mjs FOLDER...`, and what `prepack.mjs` does with each. A program that imports
 * a package loads a few files then and not hundreds, which takes most of the time of its start; so does each file of tests. What is
 * bundled is what was built, with the `node` condition of `publishConfig.exports` as its entries; bundlers take the modules as
 * they are, to leave out what a program does not use. Of the dependencies those are in the bundle that `publishConfig.inlined`
 * names, with their licences beside it. Plain JavaScript, as `prepack.mjs` is.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

/** What esbuild writes before a call without effects. */
const PURE = '/* @__PURE__ */ ';

/**
 * What is read of a package.json.
 * @typedef {object} Manifest
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {{
 *   readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
 *   readonly inlined?: readonly string[],
 * }} [publishConfig]
 */

/** Where the bundles are, within `dist`. */
export const BUNDLES = 'node';

/**
 * @param {string} folder of a package that is built
 * @returns {Promise<void>} when it is bundled; at once if the package says nothing of bundles
 */
export async function bundle(folder) {
  /** @type {Manifest} */
  const { dependencies = {}, publishConfig = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const { inlined = [] } = publishConfig;
  const entries = Object.values(publishConfig.exports ?? {}).flatMap((entry) =>
    typeof entry === 'object' && entry['node'] !== undefined && entry['default'] !== undefined
      ? [join(folder, entry['default'])]
      : [],
  );
  rmSync(join(folder, 'dist', BUNDLES), { recursive: true, force: true });
  if (entries.length === 0) return;
  const { outputFiles } = await build({
    write: false,
    entryPoints: entries,
    outbase: join(folder, 'dist'),
    outdir: join(folder, 'dist', BUNDLES),
    bundle: true,
    // What two entries share exists once: a class is the same by either.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: Object.keys(dependencies).filter((name) => !inlined.includes(name)),
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith('.js') ? withNamesOfClassesOnly(text) : text);
  }
  for (const name of inlined)
    copyFileSync(
      join(folder, 'node_modules', name, 'LICENSE'),
      // Not named LICENSE.*: pnpm takes such a file for the licence of the package, and leaves that out.
      join(folder, 'dist', BUNDLES, `${name}-LICENSE.txt`),
    );
}

/**
 * Takes the calls of esbuild's `__name()` away that give functions their names. One around a closure is made each time that the
 * closure is, which takes longer than most closures run. Classes keep their names, which `console.log()` shows.
 * @param {string} text of a bundle
 * @returns {string} as long as it was, so that its source map stays right
 */
export function withNamesOfClassesOnly(text) {
  const file = ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  let kept = text;
  /** @type {(start: number, end: number, by?: string) => void} */
  const blank = (start, end, by = '') => {
    kept = kept.slice(0, start) + by.padStart(end - start) + kept.slice(end);
  };
  /** @type {(node: import('typescript').Node) => void} */
  const visit = (node) => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) || node.expression.getText(file) !== '__name') return;
    const [named] = node.arguments;
    if (named === undefined || named.kind === ts.SyntaxKind.ThisKeyword) return;
    if (ts.isIdentifier(named)) return blank(node.parent.getStart(file), node.parent.end);
    // With the comment before it, which says that the call has no effects.
    const at = node.getStart(file);
    blank(text.endsWith(PURE, at) ? at - PURE.length : at, named.getStart(file), '(');
    blank(named.end, node.end, ')');
  };
  visit(file);
  return kept;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1]))
  for (const folder of process.argv.slice(2)) await bundle(folder);
