/**
 * Installs what the repository needs. A fresh clone has Node and npm and nothing else, and Node 20 does not run TypeScript:
 * so this file and `run.mjs` are plain JavaScript and import Node's own modules alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The one version of pnpm that is used; npx fetches it where it is not installed. */
const PNPM = 'pnpm@12.21.0';

/** The top folder of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Says on standard error what is being done, so that standard output stays the program's.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** How npx and its like are started: on Windows they are scripts that only a shell runs. */
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
 * @param {import('node:child_process').SpawnSyncOptions} options its input and output are ours if nothing else is said
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
  const status = run(pnpm(['install', '--frozen-lockfile']), { stdio: ['ignore', 2, 2], shell });
  if (status !== 0) process.exit(status);
}
