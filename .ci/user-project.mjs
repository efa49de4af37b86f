import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpm, ROOT, run, say, setUp } from './setup.mjs';

const EXAMPLE = join(ROOT, 'examples/testing-your-vmm');
/** Where a copy of the example has our packages, which are not on the registry yet. */
const PACKAGES = 'packages';

/** Our packages that a project asks for, with their versions. */
const ours = ({ dependencies, devDependencies }) =>
  Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => name.startsWith('@iommufd/'));

/** The name of the tarball that a package is packed into. */
const tarball = ([name, version]) => `${name.slice(1).replace('/', '-')}-${version}.tgz`;

/** A project's manifest with our packages taken from tarballs, also where they need each other. */
function withTarballs(manifest) {
  const files = Object.fromEntries(
    ours(manifest).map((each) => [each[0], `file:${PACKAGES}/${tarball(each)}`]),
  );
  const replace = (dependencies) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, version]) => [name, files[name] ?? version]));
  return {
    ...manifest,
    dependencies: replace(manifest.dependencies),
    devDependencies: replace(manifest.devDependencies),
    overrides: Object.fromEntries(Object.keys(files).map((name) => [name, `$${name}`])),
  };
}

/** Runs npm in a project; what it prints is for whoever watches. */
function npm(project, ...args) {
  // What npm tells a script of the project that it runs is not about this one.
  const { npm_config_local_prefix: _prefix, NODE_OPTIONS: _options, ...env } = process.env;
  return run('npm', args, { stdio: ['ignore', 2, 2], cwd: project, env });
}

/** Packs our packages, which must have been built, and copies the example. @returns an exit status */
function makeProject(project) {
  const manifest = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8'));
  const packages = ours(manifest);
  say(`  packing ${packages.map((each) => each.join(' ')).join(', ')}`);
  const destination = join(project, PACKAGES);
  mkdirSync(destination, { recursive: true });
  const filters = packages.map(([name]) => `--filter=${name}`);
  const packed = pnpm(['-s', ...filters, '-r', 'pack', '--pack-destination', destination], {
    stdio: ['ignore', 'ignore', 2],
  });
  const missing = packages.filter((each) => !existsSync(join(destination, tarball(each))));
  for (const each of missing) say(`  there is no ${each.join(' ')}: the example asks for another version`);
  if (packed !== 0 || missing.length > 0) return 1;

  cpSync(EXAMPLE, project, { recursive: true, filter: (from) => basename(from) !== 'node_modules' });
  writeFileSync(join(project, 'package.json'), `${JSON.stringify(withTarballs(manifest), undefined, 2)}\n`);
  say(`  installing them in a copy of ${basename(EXAMPLE)}`);
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  return npm(project, 'install', ...options);
}

/**
 * Do the packages work for somebody who installs them? Tests and compiles a project outside of this repository that has
 * nothing of ours but the packages, as they would be published. They must have been built.
 * @returns an exit status
 */
export function checkUserProject() {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-user-'));
  const project = join(folder, basename(EXAMPLE));
  try {
    if (makeProject(project) !== 0) return 1;
    say('  compiling it, and running its tests');
    const compiled = npm(project, 'run', '-s', 'typecheck');
    const report = join(folder, 'report.json');
    const tested = npm(project, 'test', '-s', '--', '--json', `--outputFile=${report}`);
    if (!existsSync(report)) return 1;
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8'));
    say(`  ${passed} tests of the user's project passed, ${failed} failed`);
    return compiled === 0 && tested === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes a copy of the example to keep. @returns an exit status */
function keepProject(folder) {
  // npm runs scripts in the repository, wherever it was called.
  const project = resolve(process.env['INIT_CWD'] ?? '.', folder);
  if (existsSync(project)) {
    say(`${project} is there already`);
    return 1;
  }
  const status = makeProject(project);
  if (status === 0) say(`${project} is yours: npm test, npm run typecheck`);
  return status;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setUp();
  const [folder] = process.argv.slice(2);
  const built = pnpm(['-s', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = built || (folder === undefined ? checkUserProject() : keepProject(folder));
}
