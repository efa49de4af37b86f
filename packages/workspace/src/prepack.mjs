/**
 * Runs before a published package is packed (`prepack` in its package.json), in the package's folder. Builds the package, so that the
 * tarball is complete and up to date; if that fails, there is no tarball. It is plain JavaScript because it runs once for each package,
 * and starts faster.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { filesIn, outputsOf, sourcesIn } from './outputs.mjs';
import { ROOT, say } from './setup.mjs';

const BUILD_INFO = '.tsbuildinfo';

const outputs = outputsOf(sourcesIn('.'));
const missing = () => outputs.filter((name) => !existsSync(join('dist', name)));

/** @param {string} reason */
function refuse(reason) {
  say(`prepack: ${reason}`);
  process.exit(1);
}

if (!process.env['npm_config_user_agent']?.startsWith('pnpm/'))
  refuse('use `pnpm pack`: npm does not replace "workspace:*" by a version, and omits the licence');
// An incremental build does not notice that its output files are missing.
if (missing().length > 0) rmSync(join('dist', BUILD_INFO), { force: true });
const tsc = join(ROOT, 'node_modules/typescript-native/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-b', 'tsconfig.build.json'], {
  stdio: ['ignore', 2, 2],
});
if (status !== 0) refuse('the sources do not compile');
if (missing().length > 0) refuse(`the build did not write ${missing().join(', ')}`);
// Removes output of earlier builds whose sources no longer exist.
const kept = new Set([...outputs, BUILD_INFO]);
for (const name of filesIn('dist')) if (!kept.has(name)) rmSync(join('dist', name));
await bundle('.');
