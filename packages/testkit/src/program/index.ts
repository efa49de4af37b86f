/**
 * Programs of the toolkit that tests start as processes of their own. Node loads them from one bundle of the sources: hundreds of
 * TypeScript files, compiled and loaded one by one, take longer than most of these programs run. A bundle is made once in a process.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const THIS_FILE = /\bimport\.meta\.url\b/g;
/** What a program starts a Worker of. */
const MODULE_HERE = /new URL\('([^']+\.mjs)', import\.meta\.url\)/g;

/** Where the bundle has a source, under its name in the repository. */
const placeIn = (folder: string, source: string): string =>
  join(folder, relative(ROOT, source).replace(/\.m?ts$/, '.mjs'));

/**
 * Sources find files by their place: in the bundle it stays what it was, but for the Workers, which are in the bundle as well.
 * @param workers their modules
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
    // A native module is beside its package.
    onResolve({ filter: /^koffi$/ }, ({ path, importer }) => ({
      path: pathToFileURL(createRequire(importer).resolve(path)).href,
      external: true,
    }));
  },
});

/** By the program and its workers. */
const bundles = new Map<string, Promise<string>>();

async function bundle(program: string, workers: readonly string[]): Promise<string> {
  // The runner of the tests removes its folder also when it has to kill this process.
  const folder = mkdtempSync(join(process.env['IOMMUFD_TEST_FOLDER'] ?? tmpdir(), 'iommufd-program-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [program, ...workers],
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
    // Packages that are CommonJS ask for Node's modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [keepPlaces(folder, workers)],
    logLevel: 'warning',
  });
  return placeIn(folder, program);
}

/**
 * @param program a TypeScript file of the repository
 * @param workers modules that it starts Workers of: each is a `.mjs` that a source names as
 * `new URL('NAME.mjs', import.meta.url)`
 * @returns the file that Node runs in its place, until this process exits
 */
export function bundled(program: URL, workers: readonly URL[] = []): Promise<string> {
  const [file = '', ...modules] = [program, ...workers].map((each) => fileURLToPath(each));
  const key = [file, ...modules].join('\0');
  const made = bundles.get(key) ?? bundle(file, modules);
  bundles.set(key, made);
  return made;
}
