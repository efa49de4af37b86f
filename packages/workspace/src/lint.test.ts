/** `.oxlintrc.json` finds what it is for: a violation of each rule, and what is near to one. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ROOT } from './setup.mjs';

/** By their names: the sources, and the rules that each violates, with the lines. */
const SOURCES: Readonly<
  Record<string, { readonly text: readonly string[]; readonly found: readonly string[] }>
> = {
  'shape.ts': {
    text: ['export interface Shape { readonly sides: number }', 'export const sides = 3;'],
    found: [],
  },
  'type-imports.ts': {
    text: [
      "import { Shape } from './shape.js';",
      "import { sides, type Shape as Both } from './shape.js';",
      'export const sum = (one: Shape, other: Both): number => one.sides + other.sides + sides;',
    ],
    found: ['1 consistent-type-imports'],
  },
  'side-effects.ts': {
    text: [
      "import { type Shape } from './shape.js';",
      'export const sidesOf = ({ sides }: Shape): number => sides;',
    ],
    found: ['1 no-import-type-side-effects'],
  },
  'promises.ts': {
    text: [
      'const work = async (): Promise<void> => undefined;',
      'export function start(): void {',
      '  work();',
      '  [1].map(work);',
      '  void work();',
      '}',
    ],
    found: ['3 no-floating-promises', '4 no-floating-promises'],
  },
  'unused.ts': {
    text: [
      "import type { Shape } from './shape.js';",
      "import { sides } from './shape.js';",
      'const local = 1;',
      'const onlyForItsType = { local: 1 };',
      'export type Local = typeof onlyForItsType;',
      'function unused(): void {}',
      'class Unused {}',
      'type Unnamed = number;',
      'let assigned; assigned = 3;',
      'export const first = (one: number, other: number): number => one;',
      'export const caught = (): void => { try { caught(); } catch (error) {} };',
      'export const rest = ({ one, ...others }: { one: number; two: number }): object => others;',
      'export const second = ([one, other]: number[]): number | undefined => other;',
      'const _left = 1;',
      'export const none = (_one: number): void => { try { caught(); } catch (_error) {} };',
    ],
    found: [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13].map((line) => `${line} no-unused-vars`),
  },
  'types.test.ts': { text: ['const onlyForItsType = 1;', 'type Unused = typeof onlyForItsType;'], found: [] },
  'directives.ts': {
    text: ['// eslint-disable-next-line no-unused-vars', 'export const used = 1;'],
    found: ['1 unused directive'],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'iommufd-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is read of a report. */
interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    /** `eslint(no-unused-vars)`; a directive has none. */
    readonly code?: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

/** @returns by the names of the sources: what is wrong with them */
function lint(): Map<string, string[]> {
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    moduleDetection: 'force',
    strict: true,
    types: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
  for (const [name, { text }] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text.join('\n'));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'],
    {
      cwd: folder,
      encoding: 'utf8',
      // It looks for this beside the sources.
      env: { ...process.env, OXLINT_TSGOLINT_PATH: join(ROOT, 'node_modules/.bin/tsgolint') },
    },
  );
  expect(stderr).toBe('');
  const found = new Map(Object.keys(SOURCES).map((name): [string, string[]] => [name, []]));
  for (const { filename, code, labels } of (JSON.parse(stdout) as Report).diagnostics) {
    const rule = /\((.*)\)/.exec(code ?? '')?.[1] ?? 'unused directive';
    found.get(filename)?.push(`${labels[0]?.span.line} ${rule}`);
  }
  return found;
}

const found = lint();

test.each(Object.entries(SOURCES))('lint finds what is wrong with %s, and nothing else', (name, source) => {
  const lines = (each: string): number => Number(each.split(' ')[0]);
  expect(found.get(name)?.sort((a, b) => lines(a) - lines(b))).toEqual(source.found);
});
