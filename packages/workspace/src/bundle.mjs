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
import { parse } from 'acorn';
import { simple } from 'acorn-walk';

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
  // Loaded late, because most packages that are packed have no bundles.
  const { build } = await import('esbuild');
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
 * @param {import('acorn').Expression} node
 * @returns {node is import('acorn').CallExpression}
 */
const isNaming = (node) =>
  node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === '__name';

/**
 * Takes the calls of esbuild's `__name()` away that give functions their names. One around a closure is made each time that the
 * closure is, which takes longer than most closures run. Classes keep their names, which `console.log()` shows.
 * @param {string} text of a bundle
 * @returns {string} as long as it was, so that its source map stays right
 */
export function withNamesOfClassesOnly(text) {
  /** @type {{ readonly start: number, readonly end: number, readonly by: string }[]} */
  const edits = [];
  /** @type {(start: number, end: number, by?: string) => void} */
  const blank = (start, end, by = '') => edits.push({ start, end, by });
  simple(parse(text, { ecmaVersion: 2022, sourceType: 'module' }), {
    ExpressionStatement({ start, end, expression }) {
      if (isNaming(expression) && expression.arguments[0]?.type === 'Identifier') blank(start, end);
    },
    CallExpression(call) {
      const [named] = call.arguments;
      if (!isNaming(call) || named === undefined) return;
      if (named.type === 'ThisExpression' || named.type === 'Identifier') return;
      // With the comment before it, which says that the call has no effects.
      const isPure = text.endsWith(PURE, call.start);
      blank(isPure ? call.start - PURE.length : call.start, named.start, '(');
      blank(named.end, call.end, ')');
    },
  });
  edits.sort((a, b) => a.start - b.start);
  let end = 0;
  const pieces = edits.flatMap((edit) => {
    const before = text.slice(end, edit.start);
    end = edit.end;
    return [before, edit.by.padStart(edit.end - edit.start)];
  });
  return pieces.join('') + text.slice(end);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1]))
  for (const folder of process.argv.slice(2)) await bundle(folder);
