/** What a build of a published package writes, as its sources have it. Plain JavaScript, for `prepack.mjs`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SUFFIXES = ['.js', '.js.map', '.d.ts', '.d.ts.map'];

/**
 * @param {string} folder
 * @returns {string[]} the files in it, relative to it, with / between the names of folders
 */
export const filesIn = (folder) =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(folder, name)).isFile())
        .map((name) => name.replaceAll('\\', '/'));

/**
 * @param {string} folder of a package
 * @returns {string[]} its sources without tests, relative to its `src`
 */
export const sourcesIn = (folder) =>
  filesIn(join(folder, 'src')).filter((name) => name.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(name));

/**
 * @param {readonly string[]} sources relative to `src`
 * @returns {string[]} the files that a build writes of them, relative to `dist`
 */
export const outputsOf = (sources) =>
  sources
    // A declaration without code leaves nothing.
    .filter((name) => !name.endsWith('.d.ts'))
    .flatMap((name) => SUFFIXES.map((suffix) => name.replace(/\.ts$/, suffix)));
