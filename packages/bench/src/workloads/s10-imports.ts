import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Case, type CaseWorkload, type Goal, type Runner, timed } from '../workload.js';

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));
const BUNDLE = join(PACKAGES, 'workspace/src/bundle.mjs');

/** The part of a package.json that is read. */
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly exports: object };
}

/** The folders of those packages and of their dependencies. */
const FOLDERS = ['uapi', 'smmuv3', 'sdk', 'fakekernel'] as const;

/** Runs Node, which must succeed. */
function node(args: readonly string[], cwd: string): void {
  const { status, error, stderr } = spawnSync(process.execPath, args, { cwd });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${error?.message ?? stderr.toString()}`);
}

/** Creates a project with the packages as they are published. @returns its folder, which is removed when this process ends */
function project(): string {
  node([BUNDLE, ...FOLDERS.map((name) => join(PACKAGES, name))], PACKAGES);
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-imports-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  for (const own of FOLDERS) {
    const from = join(PACKAGES, own);
    const { publishConfig, ...manifest } = JSON.parse(
      readFileSync(join(from, 'package.json'), 'utf8'),
    ) as Manifest;
    const to = join(modules, manifest.name);
    mkdirSync(to, { recursive: true });
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
    writeFileSync(join(to, 'package.json'), JSON.stringify({ ...manifest, exports: publishConfig.exports }));
    // Other dependencies are linked as installed.
    for (const other of Object.keys(manifest.dependencies ?? {}))
      if (!other.startsWith('@iommufd/'))
        symlinkSync(join(from, 'node_modules', other), join(modules, other));
  }
  return folder;
}

function start(module: string): Runner {
  const folder = project();
  const run = (): void => node(['--input-type=module', '-e', module], folder);
  run();
  return { run: () => timed(1, run) };
}

const EMPTY = 'an empty module';
const NAMES = ['@iommufd/uapi', '@iommufd/sdk', '@iommufd/fakekernel'] as const;
const nameOf = (name: string): string => `import ${name}`;

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'S10',
  title: 'S10: imports',
  operation: 'start',
  unit: 'ms',
  module: import.meta.url,
  goals: NAMES.map((name): Goal => ({ kind: 'growth', of: nameOf(name), from: EMPTY, below: 2 })),
  text: `A new process each time imports a package as it is published, and ends. The baseline imports nothing. Each test file pays the cost of the
import, because Jest gives each file its own module registry. For Node the packages are bundled: without bundles most of the time of an import
is spent on finding and reading hundreds of files.`,
  cases: [
    { name: EMPTY, kind: 'baseline', start: () => start('') },
    ...NAMES.map((name): Case => ({
      name: nameOf(name),
      kind: 'ours',
      start: () => start(`import '${name}'`),
    })),
  ],
};
