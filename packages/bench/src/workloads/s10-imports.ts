import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Case, type CaseWorkload, type Goal, type Runner, timed } from '../workload.js';

/** Where the packages are found by their names. */
const HERE = fileURLToPath(new URL('../../', import.meta.url));

/** Runs Node on the text of a module, which must succeed. */
function start(module: string): Runner {
  const run = (): void => {
    const { status, error, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', module], {
      cwd: HERE,
    });
    if (status !== 0) throw new Error(`a module: ${error?.message ?? stderr.toString()}`);
  };
  run();
  return { run: () => timed(1, run) };
}

const EMPTY = 'an empty module';
const PACKAGES = ['@iommufd/uapi', '@iommufd/sdk', '@iommufd/fakekernel'] as const;
const nameOf = (name: string): string => `import ${name}`;

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'S10',
  title: 'S10: imports',
  operation: 'start',
  unit: 'ms',
  module: import.meta.url,
  goals: PACKAGES.map((name): Goal => ({ kind: 'growth', of: nameOf(name), from: EMPTY, below: 2 })),
  text: `A process each time that imports a package and ends, beside one that imports nothing. Every file of tests pays it again, as
Jest gives each a registry of modules of its own.`,
  cases: [
    { name: EMPTY, kind: 'baseline', start: () => start('') },
    ...PACKAGES.map((name): Case => ({
      name: nameOf(name),
      kind: 'ours',
      start: () => start(`import '${name}'`),
    })),
  ],
};
