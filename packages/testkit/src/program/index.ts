/**
 * Bundles programs of the toolkit that tests start as separate processes. Loading hundreds of TypeScript files one by one would take
 * longer than most of these programs run. A bundle is built once in each process.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const THIS_FILE = /\bimport\.meta\.url\b/g;
/** The expression by which a program names the module of a Worker. */
const MODULE_HERE = /new URL\('([^']+\.mjs)', import\.meta\.url\)/g;

/** The path of a source file's bundle: its path in the repository, below the folder. */
const placeIn = (folder: string, source: string): string =>
  join(folder, relative(ROOT, source).replace(/\.m?ts$/, '.mjs'));

/**
 * Source files find other files relative to `import.meta.url`, so it keeps its value in the bundle. Modules of Workers are bundled too.
 * @param workers the modules of Workers
 */
const keepPlaces = (folder: string, workers: readonly string[]): Plugin => ({
  name: 'keep places',
  setup: ({ onLoad, onResolve }) => {
    onLoad({ filter: /\.m?ts$/ }, ({ path }) => {
      const here = pathToFileURL(path).href;
      const text = readFileSync(path, 'utf8').replace(MODULE_HERE, (found, name: string) => {
        const module = fileURLToPath(new URL(name, here));
        return workers.includes(module) ? `new URL('${pathToFileURL(placeIn(folder, module)).href}')` : found;
      });
      return { contents: text.replace(THIS_FILE, JSON.stringify(here)), loader: 'ts' };
    });
    // koffi loads its native module relative to its package.
    onResolve({ filter: /^koffi$/ }, ({ path, importer }) => ({
      path: pathToFileURL(createRequire(importer).resolve(path)).href,
      external: true,
    }));
  },
});

/** The folders of the bundles, which are removed when this process exits. */
const folders: string[] = [];

/** Creates a folder for a bundle. */
function makeFolder(): string {
  if (folders.length === 0)
    process.once('exit', () => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));
  // The test runner removes its folder even if it has to kill this process.
  const folder = mkdtempSync(join(process.env['IOMMUFD_TEST_FOLDER'] ?? tmpdir(), 'iommufd-program-'));
  folders.push(folder);
  return folder;
}

/** The bundles by program and workers. */
const bundles = new Map<string, Promise<string>>();

async function bundle(program: string, workers: readonly string[]): Promise<string> {
  const folder = makeFolder();
  // Each for itself: a thread has its own modules, and would load all of a file that it shares with the program, to use a part of it.
  await Promise.all([program, ...workers].map((entry) => bundleInto(folder, entry, program, workers)));
  return placeIn(folder, program);
}

async function bundleInto(
  folder: string,
  entry: string,
  program: string,
  workers: readonly string[],
): Promise<void> {
  await build({
    entryPoints: [entry],
    absWorkingDir: dirname(program),
    outbase: ROOT,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['iommufd-source'],
    // CommonJS packages call `require` for Node's modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [keepPlaces(folder, workers)],
    logLevel: 'warning',
  });
}

/**
 * Bundles a program. The bundle is removed when this process exits.
 * @param program a TypeScript file of the repository
 * @param workers modules of the Workers that it starts: each is a `.mjs` file that a source file names as
 * `new URL('NAME.mjs', import.meta.url)`
 * @returns the path of the bundle, for Node to run
 */
export function bundled(program: URL, workers: readonly URL[] = []): Promise<string> {
  const [file = '', ...modules] = [program, ...workers].map((each) => fileURLToPath(each));
  const key = [file, ...modules].join('\0');
  const made = bundles.get(key) ?? bundle(file, modules);
  bundles.set(key, made);
  return made;
}
