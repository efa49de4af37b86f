/** The published packages, and the content of their tarballs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES } from './bundle.mjs';
import { filesIn, outputsOf, sourcesIn } from './outputs.mjs';
import { pnpm, ROOT } from './setup.mjs';
import type { Transcript } from './transcript.js';

/** The fields of a package.json that are used. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Exports;
  readonly publishConfig?: { readonly exports?: Exports };
}

/** The exports of a package: a file, or a file for each condition. */
type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** A published package. */
export interface Package extends Manifest {
  readonly folder: string;
}

/** Every package that is not private. */
export const published = (): Package[] =>
  readdirSync(join(ROOT, 'packages'))
    .map((name) => join(ROOT, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ ...readManifest(folder), folder }))
    .filter(({ private: isPrivate }) => isPrivate !== true);

/** The name of the tarball that a package is packed into. */
export const tarball = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string =>
  `${name.slice(1).replace('/', '-')}-${version}.tgz`;

/** The fields of the output of `pnpm pack --json` that are used. */
interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs every published package as it would be published. @returns true if all tarballs are complete */
export async function pack(transcript: Transcript, destination: string): Promise<boolean> {
  const packages = published();
  const filters = packages.map(({ name }) => `--filter=${name}`);
  const args = ['-s', ...filters, '-r', 'pack', '--json', '--pack-destination', destination];
  const answer = await transcript.read(pnpm(args));
  if (answer === undefined) return false;
  const packed = JSON.parse(answer) as Packed[];
  const complaints = packages.flatMap((each) => {
    const files = packed.find(({ name }) => name === each.name)?.files.map(({ path }) => path) ?? [];
    return differences(files, filesOf(each.folder)).map((line) => `${tarball(each)}: ${line}`);
  });
  for (const line of complaints) transcript.say(line);
  return complaints.length === 0;
}

/** True if a package is published as a bundle: a program that needs no other package, and exports no module. */
export const isBundle = (folder: string): boolean => existsSync(join(folder, 'bundle.mjs'));

/**
 * The files of a package's tarball: its sources, because source maps refer to them, and the files built from them. For a bundle, the
 * files that package.json names.
 */
function filesOf(folder: string): string[] {
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  if (isBundle(folder)) return [...new Set([...documents, ...(readManifest(folder).files ?? [])])];
  const sources = sourcesIn(folder);
  return [
    ...documents,
    // Programs that are not compiled, each listed by name.
    ...(readManifest(folder).files ?? []).filter((name) => name.endsWith('.mjs') && !name.startsWith('!')),
    ...sources.map((name) => `src/${name}`),
    ...outputsOf(sources).map((name) => `dist/${name}`),
    // The names of bundles depend on their content; `prepack.mjs` has just written them.
    ...filesIn(join(folder, 'dist', BUNDLES)).map((name) => `dist/${BUNDLES}/${name}`),
  ];
}

function differences(found: readonly string[], expected: readonly string[]): string[] {
  const [isFound, isExpected] = [new Set(found), new Set(expected)];
  return [
    ...expected.filter((path) => !isFound.has(path)).map((path) => `${path} is missing`),
    ...found.filter((path) => !isExpected.has(path)).map((path) => `${path} does not belong there`),
  ];
}
