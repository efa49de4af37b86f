import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { generatedFiles } from './generated-files.js';

const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));
const isGenerated = (path: string): boolean => path.endsWith('.generated.ts');

/** Formatting all files takes seconds, longer on a busy machine. */
const FORMATTING = 300_000;

/** The generated files of the package uapi in a folder of packages, by path. */
function generatedIn(packages: string): ReadonlyMap<string, string> {
  const folder = join(packages, 'uapi/src');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isGenerated).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

test(
  'the checked-in files are those that the declarations generate (otherwise run `pnpm compile`)',
  async () => {
    const checkedIn = generatedIn(PACKAGES);
    const files = await generatedFiles();
    expect([...checkedIn.keys()]).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(`${name}\n${checkedIn.get(name)}`).toBe(`${name}\n${text}`);
  },
  FORMATTING,
);

test('a generated file imports only types, and functions from a file that imports nothing', () => {
  for (const [name, text] of generatedIn(PACKAGES)) {
    const loaded = text.match(/^(import|export) (?!type |const |interface )[^;]*? from '[^']*'/gm) ?? [];
    for (const statement of loaded)
      expect(`${name}: ${statement}`).toMatch(/ from '\.\.\/struct\/value-checks\.js'$/);
  }
  expect(readFileSync(join(PACKAGES, 'uapi/src/struct/value-checks.ts'), 'utf8')).not.toMatch(/^import /m);
});

/** Copies the compiler and the declarations, without the generated files. */
function copyWithoutGenerated(folder: string): void {
  for (const name of ['compiler', 'uapi']) {
    cpSync(join(PACKAGES, name, 'package.json'), join(folder, name, 'package.json'));
    cpSync(join(PACKAGES, name, 'src'), join(folder, name, 'src'), {
      recursive: true,
      filter: (path) => !isGenerated(path),
    });
  }
  mkdirSync(join(folder, 'compiler/node_modules/@iommufd'), { recursive: true });
  mkdirSync(join(folder, 'uapi/node_modules'));
  symlinkSync(join(folder, 'uapi'), join(folder, 'compiler/node_modules/@iommufd/uapi'));
  for (const path of ['compiler/node_modules/oxfmt', 'uapi/node_modules/restructure'])
    symlinkSync(join(PACKAGES, path), join(folder, path));
}

test('`pnpm compile` writes missing files, repairs broken ones, and removes those without a declaration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-compile-'));
  try {
    copyWithoutGenerated(folder);
    for (const name of ['destroy', 'gone'])
      writeFileSync(join(folder, `uapi/src/iommufd/${name}.generated.ts`), '<<<<<<< not TypeScript');
    const main = join(folder, 'compiler/src/compile-main.ts');
    const options = ['--conditions=iommufd-source', '--import', 'tsx'];
    const { status, stderr } = spawnSync(process.execPath, [...options, main], {
      cwd: PACKAGES,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(generatedIn(folder)).toEqual(generatedIn(PACKAGES));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
