/** The packages that are published: which they are, and what their tarballs hold. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES } from './bundle.mjs';
import { filesIn, outputsOf, sourcesIn } from './outputs.mjs';
import { pnpm, ROOT } from './setup.mjs';
import type { Transcript } from './transcript.js';

/** What is read of a package.json. */
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

/** What a package exports: a file, or one for each condition. */
type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** A package that is published. */
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

/** What is read of what `pnpm pack --json` says of a package. */
interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs every published package as it would be published. @returns whether all are complete */
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

/** Is a package published as a bundle, a program that needs no other package? Its tarball holds no module for others to import. */
export const isBundle = (folder: string): boolean => existsSync(join(folder, 'bundle.mjs'));

/**
 * What a package's tarball holds: its sources, because source maps lead there, and what is built of them. Of a bundle it is what
 * package.json names.
 */
function filesOf(folder: string): string[] {
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  if (isBundle(folder)) return [...new Set([...documents, ...(readManifest(folder).files ?? [])])];
  const sources = sourcesIn(folder);
  return [
    ...documents,
    // Programs that are run as they are, each by its name.
    ...(readManifest(folder).files ?? []).filter((name) => name.endsWith('.mjs') && !name.startsWith('!')),
    ...sources.map((name) => `src/${name}`),
    ...outputsOf(sources).map((name) => `dist/${name}`),
    // The names of bundles depend on what is in them; `prepack.mjs` has just written them.
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
