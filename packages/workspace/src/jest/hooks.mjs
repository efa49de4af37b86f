/**
 * Node's module hooks for test files and sources. TypeScript is compiled by esbuild, file by file, and cached for the next run.
 * `@jest/globals`, which cannot be loaded outside of Jest's contexts, is replaced by `globals.mjs`. Unlike tsx, esbuild is run without
 * `keepNames`, so that a test can pass the source of a function to a browser.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform, version } from 'esbuild';

const KEPT = fileURLToPath(new URL('../../node_modules/.cache/compiled/', import.meta.url));
mkdirSync(KEPT, { recursive: true });

const SOURCE = /\.tsx?$/;
const COMPILED_NAME = /^\.{1,2}\/.*\.js$/;

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  if (specifier === '@jest/globals')
    return { url: new URL('./globals.mjs', import.meta.url).href, shortCircuit: true };
  // Sources import './x.js', which is the name of the compiled file.
  if (COMPILED_NAME.test(specifier) && SOURCE.test(context.parentURL ?? '')) {
    for (const end of ['.ts', '.tsx']) {
      try {
        return await next(specifier.replace(/\.js$/, end), context);
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      }
    }
  }
  return next(specifier, context);
}

/** @param {string} name @returns {string | undefined} the cached content */
function kept(name) {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return undefined;
  }
}

/** @type {import('esbuild').TransformOptions} */
const OPTIONS = {
  jsx: 'automatic',
  jsxImportSource: 'preact',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  sourcesContent: false,
};
const MADE_BY = `${version}\0${JSON.stringify(OPTIONS)}`;

/** @param {string} text @returns {string} */
const hash = (text) => createHash('sha256').update(text).digest('hex');

/**
 * Compiles a file, or returns the cached code. The cache has one version of each source: a hash of its input in the first line, and then
 * the code.
 * @param {string} file
 * @returns {Promise<string>}
 */
async function compiled(file) {
  const text = readFileSync(file, 'utf8');
  const name = KEPT + hash(file);
  const madeOf = `${hash(`${MADE_BY}\0${text}`)}\n`;
  const found = kept(name);
  if (found?.startsWith(madeOf)) return found.slice(madeOf.length);
  const { code } = await transform(text, {
    ...OPTIONS,
    loader: file.endsWith('x') ? 'tsx' : 'ts',
    sourcefile: file,
  });
  // Another process may be writing the same file.
  writeFileSync(`${name}.${process.pid}`, madeOf + code);
  renameSync(`${name}.${process.pid}`, name);
  return code;
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !SOURCE.test(new URL(url).pathname)) return next(url, context);
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true };
}
