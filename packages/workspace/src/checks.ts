/** The checks of `npm test` besides the tests. */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { isBundle, pack, published, tarball } from './packages.js';
import { ROOT, say } from './setup.mjs';
import { type Command, Transcript } from './transcript.js';
import { checkCommand, checkUserProject } from './make-project.js';

interface Check {
  readonly name: string;
  /** The check that must have succeeded before; it is earlier in the list. */
  readonly after?: string;
  /** @param folder the folder of files that checks create for later ones @returns true if the check succeeded */
  readonly run: (transcript: Transcript, folder: string) => Promise<boolean>;
}

/** A program of a dependency. It is started directly, because a package manager takes longer to start than some programs run. */
const program = (file: string, ...args: string[]): Command => [
  process.execPath,
  [join('node_modules', file), ...args],
];

const TIER_UP = new URL('tier-up.mjs', import.meta.url).href;

/** The folder of sources of each package. For a pattern, dependency-cruiser would read the names of all files, node_modules included. */
const sources = (): string[] =>
  readdirSync(join(ROOT, 'packages'))
    .map((name) => `packages/${name}/src`)
    .filter((folder) => existsSync(join(ROOT, folder)));

/**
 * Runs a program that is written in Go. By default Go collects garbage each time that the memory in use has doubled, which takes a sixth
 * of the time of a compiler that keeps what it allocates. Above the limit, which small machines have too, it collects as often as needed.
 */
const runGo = (transcript: Transcript, command: Command): Promise<boolean> =>
  transcript.run(command, { env: { GOGC: '400', GOMEMLIMIT: '1536MiB', ...process.env } });

async function checkTarballs(transcript: Transcript, folder: string): Promise<boolean> {
  // In this process, which loads the compiler of "Are The Types Wrong" once for all packages, and only for this check.
  const { problemsOf } = await import('./tarballs.js');
  let isRight = true;
  for (const each of published()) {
    // A bundle has no types.
    const problems = await problemsOf(join(folder, tarball(each)), !isBundle(each.folder));
    for (const line of problems) transcript.say(line);
    isRight &&= problems.length === 0;
  }
  return isRight;
}

/** The checks in the order in which they start: those that others depend on come first. */
const CHECKS: readonly Check[] = [
  // Type checks everything, and writes the files that the packages publish. TypeScript 7 takes half the time of TypeScript 6, which is
  // installed only for tools that need its compiler API. Each checker of a project computes the types that it needs for itself, so
  // more than one, which is the default, takes less time only while there are idle cores. Projects are still built in parallel.
  {
    name: 'types and build',
    run: (transcript) => runGo(transcript, program('typescript-native/bin/tsc', '-b', '--checkers', '1')),
  },
  { name: 'pack', after: 'types and build', run: pack },
  { name: "user's project", after: 'pack', run: checkUserProject },
  { name: 'packages', after: 'pack', run: checkTarballs },
  { name: 'the command alone', after: 'pack', run: checkCommand },
  {
    name: 'docs',
    after: 'types and build',
    // Without writing the site, which finds nothing more but languages of code that it cannot colour, and anchors of links that do not
    // exist. Tests of the documents find both.
    run: (transcript) =>
      transcript.run([
        process.execPath,
        ['--import', TIER_UP, join('node_modules', 'typedoc/bin/typedoc'), '--emit', 'none'],
      ]),
  },
  { name: 'lint', run: (transcript) => runGo(transcript, program('oxlint/bin/oxlint', '--deny-warnings')) },
  {
    name: 'layers',
    run: (transcript) =>
      transcript.run(
        program(
          'dependency-cruiser/bin/dependency-cruise.mjs',
          '--config',
          '.dependency-cruiser.cjs',
          ...sources(),
        ),
      ),
  },
  {
    name: 'format',
    run: (transcript) => transcript.run(program('oxfmt/bin/oxfmt', '--check')),
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
 * Runs every check, some of them in parallel. The output of a check is printed if it fails.
 * @param folder an empty folder, for files that checks create
 * @returns the names of the checks that failed
 */
export async function runChecks(folder: string): Promise<string[]> {
  // Jest runs at the same time.
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
