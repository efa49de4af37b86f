/**
 * The documents that each package must have, and the code and links in them and in `docs`. Those of a published package are also shown on
 * a registry's page.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sourcesIn } from './outputs.mjs';
import { published, readManifest } from './packages.js';
import { ROOT } from './setup.mjs';

const PACKAGES = join(ROOT, 'packages');
const names = readdirSync(PACKAGES).filter((name) => existsSync(join(PACKAGES, name, 'package.json')));
const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
/** The documents of the repository, relative to it. */
const documents = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test.each(names)(
  'packages/%s has a README with its purpose, its folders or files, and its imports',
  (name) => {
    const folder = join(PACKAGES, name);
    const readme = read(folder, 'README.md');
    expect(readme).toMatch(new RegExp(`^# ${readManifest(folder).name}\n\n[\\w\`]`));
    expect(readme).toMatch(/\n\| (folder|file) +\| content/);
    expect(readme).toMatch(/\bimports?\b/);
  },
);

/** The targets of the links in a Markdown text. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].flatMap(([, link]) => link ?? []);

/** The languages of the code blocks in a Markdown text or in docstrings, also in lists. */
const languagesOf = (text: string): string[] =>
  [...text.matchAll(/^[ \t]*(?:\/?\*+[ \t]*)?(?:`{3,}|~{3,})[ \t]*([^\s`]+)/gm)].flatMap(
    ([, language]) => language ?? [],
  );

test.each([
  ['at the start of a line', '```sh\nls\n```'],
  ['in a list', '- a\n\n  ```sh\n  ls\n  ```'],
  ['in a docstring', '  /**\n   * ```sh\n   * ls\n   * ```\n   */'],
  ['in a list of a docstring', '/**\n * - a\n *\n *   ```sh\n *   ls\n *   ```\n */'],
  ['with tildes, and more than a language', '~~~sh title="a"\nls\n~~~'],
])('a block of code %s has a language', (_where, text) => {
  expect(languagesOf(text)).toEqual(['sh']);
});

test('code in what typedoc shows is of a language that it colours', () => {
  const { typedocOptions } = JSON.parse(read(ROOT, 'package.json')) as {
    readonly typedocOptions: { readonly highlightLanguages: readonly string[] };
  };
  const shown = [
    ...documents,
    ...published().flatMap(({ folder }) => [
      join(relative(ROOT, folder), 'README.md'),
      ...sourcesIn(folder).map((name) => join(relative(ROOT, folder), 'src', name)),
    ]),
  ];
  const languages = shown.flatMap((name) =>
    languagesOf(read(ROOT, name)).map((language) => ({ name, language })),
  );
  expect(languages.length).toBeGreaterThan(20);
  expect(languages.filter(({ language }) => !typedocOptions.highlightLanguages.includes(language))).toEqual(
    [],
  );
});

/** The anchors of the headings in a Markdown text, as GitHub and typedoc make them. */
const anchorsOf = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The anchors of a package's page, which is its README and, in the reference, its exports. */
function anchorsOfPackage(folder: string): string[] {
  const exported = sourcesIn(folder).flatMap((name) => [
    ...read(folder, `src/${name}`).matchAll(
      /^export (?:abstract )?(?:class|interface|type|const|function) (\w+)/gm,
    ),
  ]);
  return [...anchorsOf(read(folder, 'README.md')), ...exported.map(([, name = '']) => name.toLowerCase())];
}

test('anchors of links between documents exist', () => {
  const links = documents
    .flatMap((name) => linksOf(read(ROOT, name)).map((link) => ({ name, link })))
    .filter(({ link }) => link.includes('#') && !link.startsWith('https://'));
  expect(links.length).toBeGreaterThan(20);
  const known = new Map<string, readonly string[]>();
  const broken = links.filter(({ name, link }) => {
    const [path = '', anchor = ''] = link.split('#');
    const target = join(ROOT, path === '' ? name : join(dirname(name), path));
    const anchors =
      known.get(target) ??
      (target.endsWith('.md') ? anchorsOf(readFileSync(target, 'utf8')) : anchorsOfPackage(target));
    known.set(target, anchors);
    return !anchors.includes(anchor);
  });
  expect(broken).toEqual([]);
});

describe.each(published())('$name', ({ folder, version }) => {
  test.each(['README.md', 'CHANGELOG.md'])('has only absolute links in %s', (file) => {
    expect(linksOf(read(folder, file)).filter((link) => !link.startsWith('https://'))).toEqual([]);
  });

  test.each(['README.md', 'CHANGELOG.md'])('names no registry in %s', (file) => {
    expect(read(folder, file)).not.toMatch(/\b(npmjs\.(com|org)|jsr\.io|pkg\.github\.com)\b/);
  });

  test('lists changes in CHANGELOG.md, the newest version first', () => {
    const [newest] = read(folder, 'CHANGELOG.md').match(/(?<=^## )[^ \n]+/m) ?? [];
    // Right after a release there is no unreleased part.
    expect(['Unreleased', version]).toContain(newest);
  });
});
