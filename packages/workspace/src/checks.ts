/** Everything that must be right besides the tests. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { isBundle, pack, published, tarball } from './packages.js';
import { say } from './setup.mjs';
import { type Command, Transcript } from './transcript.js';
import { checkCommand, checkUserProject } from './make-project.js';

interface Check {
  readonly name: string;
  /** The check that must have succeeded before: an earlier one of the list. */
  readonly after?: string;
  /** @param folder where checks leave what later ones need @returns whether all is right */
  readonly run: (transcript: Transcript, folder: string) => Promise<boolean>;
}

/** A program that a package brings along: started directly, because package managers take longer than some of them. */
const program = (file: string, ...args: string[]): Command => [
  process.execPath,
  [join('node_modules', file), ...args],
];

/** Checks each tarball as a registry's user finds it. */
async function checkTarballs(transcript: Transcript, folder: string): Promise<boolean> {
  let isRight = true;
  for (const each of published()) {
    const file = join(folder, tarball(each));
    const commands = [program('publint/src/cli.js', 'run', file, '--strict')];
    // A bundle has no types.
    if (!isBundle(each.folder))
      commands.push(program('@arethetypeswrong/cli/dist/index.js', '--profile', 'esm-only', file));
    for (const command of commands) isRight = (await transcript.run(command)) && isRight;
  }
  return isRight;
}

/** In the order in which they are begun: what others wait for first. */
const CHECKS: readonly Check[] = [
  // Type checks everything, and writes what the packages publish. TypeScript 7 takes half the time of 6, which the tools that need
  // its interface for programs have.
  {
    name: 'types and build',
    run: (transcript) => transcript.run(program('typescript-native/bin/tsc', '-b')),
  },
  { name: 'pack', after: 'types and build', run: pack },
  { name: "user's project", after: 'pack', run: checkUserProject },
  { name: 'packages', after: 'pack', run: checkTarballs },
  { name: 'the command alone', after: 'pack', run: checkCommand },
  {
    name: 'docs',
    after: 'types and build',
    run: (transcript) => transcript.run(program('typedoc/bin/typedoc')),
  },
  { name: 'lint', run: (transcript) => transcript.run(program('eslint/bin/eslint.js', '.')) },
  {
    name: 'layers',
    run: (transcript) =>
      transcript.run(
        program(
          'dependency-cruiser/bin/dependency-cruise.mjs',
          '--config',
          '.dependency-cruiser.cjs',
          'packages/*/src',
        ),
      ),
  },
  {
    name: 'format',
    run: (transcript) =>
      transcript.run(
        program('prettier/bin/prettier.cjs', '--check', '--cache', '--cache-strategy=content', '.'),
      ),
  },
];

async function perform({ name, run }: Check, folder: string): Promise<boolean> {
  const transcript = new Transcript();
  const start = performance.now();
  const isRight = await run(transcript, folder);
  const time = `(${((performance.now() - start) / 1000).toFixed(1)} s)`;
  say(isRight ? `${name}: fine ${time}` : `${transcript.text}\n${name}: FAILED ${time}`);
  return isRight;
}

/**
 * Runs every check, some of them at once. What a check prints is shown if it fails.
 * @param folder an empty one, for what checks make
 * @returns the names of those that failed
 */
export async function runChecks(folder: string): Promise<string[]> {
  // Jest is at work at the same time.
  const limit = pLimit(Math.max(1, availableParallelism() - 1));
  const results = new Map<string, Promise<boolean>>();
  const start = async (check: Check): Promise<boolean> => {
    if (check.after !== undefined && !(await results.get(check.after))) {
      say(`${check.name}: NOT RUN, because ${check.after} failed`);
      return false;
    }
    return limit(() => perform(check, folder));
  };
  for (const check of CHECKS) results.set(check.name, start(check));
  const failed = await Promise.all(
    CHECKS.map(async ({ name }) => ((await results.get(name)) === true ? [] : [name])),
  );
  return failed.flat();
}
