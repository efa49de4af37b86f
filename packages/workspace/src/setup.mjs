/**
 * Installs the repository's dependencies. In a fresh clone nothing is installed, and Node 20 does not run TypeScript, so this file and
 * `run.mjs` are plain JavaScript and import only Node's own modules.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of pnpm that is used; npx fetches it if it is not installed. */
const PNPM = 'pnpm@12.21.0';

/** The top folder of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Prints a line about the progress on standard error, so that standard output has only the program's output.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** True if npx and similar commands need a shell: on Windows they are scripts. */
export const shell = process.platform === 'win32';

/**
 * The command that runs pnpm.
 * @param {readonly string[]} args
 * @returns {[command: string, args: string[]]}
 */
export const pnpm = (args) => ['npx', ['--yes', PNPM, ...args]];

/**
 * Runs a command in the repository.
 * @param {readonly [command: string, args: readonly string[]]} command
 * @param {import('node:child_process').SpawnSyncOptions} options by default it inherits input and output
 * @returns {number} its exit status
 */
export function run([command, args], options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error !== undefined) say(`${command}: ${error.message}`);
  return status ?? 1;
}

/**
 * The command that runs a TypeScript program from its sources.
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {[command: string, args: string[]]}
 */
export const source = (file, args = []) => [
  process.execPath,
  ['--conditions=iommufd-source', '--import', 'tsx', file, ...args],
];

/** True if the installed packages are those of the lockfile. pnpm stores a copy of the lockfile that it installed. */
function isInstalled() {
  const installed = `${ROOT}/node_modules/.pnpm/lock.yaml`;
  const wanted = `${ROOT}/pnpm-lock.yaml`;
  if (!existsSync(installed) || statSync(installed).size === 0) return false;
  return readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8');
}

/** Installs the packages of the lockfile, if they are not installed. Ends the program if that fails. */
export function setUp() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    say(`Node 20 or newer is needed; this is ${process.versions.node}`);
    process.exit(1);
  }
  if (isInstalled()) return;
  say(`installing with ${PNPM} (only the first time)`);
  // Standard output is for the program that will run.
  const status = run(pnpm(['install', '--frozen-lockfile']), { stdio: ['ignore', 2, 2], shell });
  if (status !== 0) process.exit(status);
}
