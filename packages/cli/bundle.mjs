/**
 * Bundles the command for publication, as `prepack` of package.json: what is published needs no other package, and starts fast.
 * There are the program, and files that it loads for the commands that need them. They are CommonJS, which Node
 * loads faster. Plain JavaScript, as `prepack.mjs` of the workspace is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from '../viewer/build.mjs';

/** @param {string} path within the package */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here('package.json'), 'utf8'));

const EMPTY = { path: 'empty', namespace: 'empty' };

/**
 * What the command does not need: the fast code of uapi, which is for loops, and the module with which commander starts other
 * programs.
 * @type {import('esbuild').Plugin}
 */
const leaveOut = {
  name: 'leave out',
  setup(build) {
    build.onResolve({ filter: /\.generated\.js$/ }, () => EMPTY);
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? EMPTY : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export {}', loader: 'js' }));
  },
};

/**
 * What is loaded when a command runs is a bundle of its own, beside the program.
 * @type {import('esbuild').Plugin}
 */
const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve(
      { filter: /^\.{1,2}\/(commands\/)?(codec|names|logs|tapes|viewer|run|trace|doctor)\.js$/ },
      ({ path, kind }) =>
        kind === 'dynamic-import'
          ? { path: path.replace(/^.*\/(\w+)\.js$/, './$1.cjs'), external: true }
          : undefined,
    );
  },
};

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: {
    iommufd: here('src/main.ts'),
    ...Object.fromEntries(
      ['codec', 'names', 'logs', 'tapes', 'viewer'].map((name) => [name, here(`src/${name}.ts`)]),
    ),
  },
  // Paths of the inputs are relative to it.
  absWorkingDir: here('.'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  outdir: here('dist'),
  conditions: ['iommufd-source'],
  // Node's import() would scan a bundle for its exports.
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  plugins: [leaveOut, apart],
  define: { IOMMUFD_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  // What is left out is undefined, and the version is a constant: neither is a mistake here.
  logOverride: { 'import-is-undefined': 'silent', 'empty-import-meta': 'silent' },
  metafile: true,
};

const { metafile } = await build(options);
// These load an ES module, which a CommonJS bundle can only import().
await build({
  ...options,
  entryPoints: {
    run: here('src/commands/run.ts'),
    trace: here('src/commands/trace.ts'),
    doctor: here('src/commands/doctor.ts'),
  },
  external: ['@iommufd/native/command'],
  supported: {},
});

// The page of `view`; it has the licences of what is in it.
writeFileSync(here('dist/viewer.html'), await buildPage());

process.chdir(here('.'));
/** The licences of other packages whose code is in the bundles. */
const folders = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  ),
);
const notices = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(`${folder}/${file}`, 'utf8').trim();
  return `${name} ${version}, ${license}\n\n${text}\n`;
});
writeFileSync(here('dist/THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(72)}\n\n`));
