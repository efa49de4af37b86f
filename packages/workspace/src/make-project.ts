/**
 * Checks that the packages work for a project that installs them: copies `examples/testing-your-vmm` to a folder outside of the
 * repository, installs the packed packages there, and compiles and tests it.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isBundle, type Manifest, pack, published, readManifest, tarball } from './packages.js';
import { ROOT } from './setup.mjs';
import type { Transcript } from './transcript.js';

const EXAMPLE = join(ROOT, 'examples/testing-your-vmm');
/** The folder of the copy with our packages, which are not on the registry yet. */
const PACKAGES = 'packages';

/** Our packages that a project depends on directly. */
const ours = ({ dependencies, devDependencies }: Manifest): Pick<Manifest, 'name' | 'version'>[] =>
  Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name]) => name.startsWith('@iommufd/'))
    .map(([name, version]) => ({ name, version }));

/** Our packages that a project depends on, directly or indirectly. */
function allOurs(manifest: Manifest): Pick<Manifest, 'name' | 'version'>[] {
  const packages = published();
  const all = new Map(ours(manifest).map((each) => [each.name, each]));
  // Entries that are added during the iteration are visited too.
  for (const name of all.keys()) {
    const { dependencies = {} } = packages.find((each) => each.name === name) ?? {};
    for (const needed of packages)
      if (needed.name in dependencies && !all.has(needed.name)) all.set(needed.name, needed);
  }
  return [...all.values()];
}

/** A project's manifest in which all our packages, including indirect dependencies, are tarballs. */
function withTarballs(manifest: Manifest): object {
  const files = Object.fromEntries(
    allOurs(manifest).map((each) => [each.name, `file:${PACKAGES}/${tarball(each)}`]),
  );
  const asked = new Set(ours(manifest).map(({ name }) => name));
  const replace = (dependencies: Manifest['dependencies'] = {}): object =>
    Object.fromEntries(Object.entries(dependencies).map(([name, version]) => [name, files[name] ?? version]));
  return {
    ...manifest,
    dependencies: replace(manifest.dependencies),
    devDependencies: replace(manifest.devDependencies),
    overrides: Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, asked.has(name) ? `$${name}` : file]),
    ),
  };
}

/** Runs npm in a project. */
function npm(transcript: Transcript, project: string, ...args: string[]): Promise<boolean> {
  // npm sets these variables for scripts of the repository; they do not apply to the project.
  const { npm_config_local_prefix: _prefix, NODE_OPTIONS: _options, ...env } = process.env;
  return transcript.run(['npm', args], { cwd: project, env });
}

/** Copies the example and installs the packages that were packed into `tarballs`. */
async function makeProject(transcript: Transcript, project: string, tarballs: string): Promise<boolean> {
  const manifest = readManifest(EXAMPLE);
  mkdirSync(join(project, PACKAGES), { recursive: true });
  for (const each of allOurs(manifest)) {
    const from = join(tarballs, tarball(each));
    if (!existsSync(from)) {
      transcript.say(`there is no ${each.name} ${each.version}: the example depends on another version`);
      return false;
    }
    cpSync(from, join(project, PACKAGES, tarball(each)));
  }
  cpSync(EXAMPLE, project, { recursive: true, filter: (from) => basename(from) !== 'node_modules' });
  writeFileSync(join(project, 'package.json'), `${JSON.stringify(withTarballs(manifest), undefined, 2)}\n`);
  transcript.say(`installing the packages in a copy of ${basename(EXAMPLE)}`);
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  return npm(transcript, project, 'install', ...options);
}

/** Calls `work` with a new folder, and removes it afterwards. */
async function inNewFolder<R>(work: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-user-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles and tests a project on the packages that were packed into `tarballs`. */
export const checkUserProject = (transcript: Transcript, tarballs: string): Promise<boolean> =>
  inNewFolder(async (folder) => {
    const project = join(folder, basename(EXAMPLE));
    if (!(await makeProject(transcript, project, tarballs))) return false;
    transcript.say('compiling it, and running its tests');
    const compiled = await npm(transcript, project, 'run', '-s', 'typecheck');
    const report = join(folder, 'report.json');
    const tested = await npm(transcript, project, 'test', '-s', '--', '--json', `--outputFile=${report}`);
    if (!existsSync(report)) return false;
    const { numPassedTests: passed } = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number };
    if (passed === 0) transcript.say('no test of the project passed');
    return compiled && tested && passed > 0;
  });

/** An event record of an SMMUv3, and a word that the command's output for it must contain. */
const EVENT = '1000000023010000000000000802000000200010000000000000000000000000';
const EVENT_NAME = 'F_TRANSLATION';

/**
 * Installs the command from its tarball with `npm i -g`, in an empty folder and without a registry, and runs it. This checks that it
 * needs no other package.
 */
export const checkCommand = (transcript: Transcript, tarballs: string): Promise<boolean> =>
  inNewFolder(async (folder) => {
    const cli = published().find(({ folder: each }) => isBundle(each));
    if (cli === undefined) return false;
    const install = ['install', '-g', '--prefix', folder, '--offline', '--no-audit', '--no-fund'];
    if (!(await npm(transcript, folder, ...install, join(tarballs, tarball(cli))))) return false;
    const iommufd = join(folder, process.platform === 'win32' ? 'iommufd.cmd' : 'bin/iommufd');
    const env = { PATH: process.env['PATH'] };
    const ask = (...args: string[]) => transcript.read([iommufd, args], { cwd: folder, env });
    const said = [
      [await ask('--version'), cli.version],
      [await ask('decode', '--struct', 'smmuv3_event', EVENT), EVENT_NAME],
      [await ask('explain', '0x10'), EVENT_NAME],
    ] as const;
    // The page must contain the file that it shows.
    const page = join(folder, 'page.html');
    await ask('view', '--out', page, join(EXAMPLE, 'package.json'));
    if (!existsSync(page) || !readFileSync(page, 'utf8').includes('data-name="package.json"')) {
      transcript.say('view --out wrote no page with the file in it');
      return false;
    }
    const wrong = said.filter(([text, word]) => text?.includes(word) !== true);
    for (const [text = 'nothing', word] of wrong) transcript.say(`without ${word}: ${text}`);
    return wrong.length === 0;
  });

/** Packs the packages, and creates a project that depends on them. */
export const keepUserProject = (transcript: Transcript, project: string): Promise<boolean> =>
  inNewFolder(
    async (tarballs) => (await pack(transcript, tarballs)) && makeProject(transcript, project, tarballs),
  );

/** Packs the packages, then compiles and tests a project on them. */
export const packAndCheckUserProject = (transcript: Transcript): Promise<boolean> =>
  inNewFolder(
    async (tarballs) => (await pack(transcript, tarballs)) && checkUserProject(transcript, tarballs),
  );
