import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The one version of pnpm that everybody uses; npx fetches it where it is not installed. */
const PNPM = 'pnpm@12.21.0';

/** The top folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Says on standard error what is being done, so that standard output stays the program's. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a command in the repository; its output is ours. Returns its exit status. */
export function run(command, args, options = {}) {
  // On Windows npx and its like are scripts that only a shell runs.
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell, ...options });
  if (error !== undefined) say(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Runs Node on one of our programs' sources. */
export function runSource(file, args = []) {
  return run(process.execPath, ['--conditions=iommufd-source', '--import', 'tsx', file, ...args]);
}

/** Runs pnpm. */
export function pnpm(args, options) {
  return run('npx', ['--yes', PNPM, ...args], options);
}

/** Is what is installed what the lockfile asks for? pnpm leaves a copy of the lockfile that it installed. */
function isInstalled() {
  const installed = `${ROOT}/node_modules/.pnpm/lock.yaml`;
  const wanted = `${ROOT}/pnpm-lock.yaml`;
  if (!existsSync(installed) || statSync(installed).size === 0) return false;
  return readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8');
}

/** Installs what the lockfile asks for, if that has not been done. Ends the program if it cannot. */
export function setUp() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    say(`Node 20 or newer is needed; this is ${process.versions.node}`);
    process.exit(1);
  }
  if (isInstalled()) return;
  say(`installing with ${PNPM} (only the first time)`);
  // stdout is for the program that is being set up.
  const status = pnpm(['install', '--frozen-lockfile'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status);
}
