/** `.dependency-cruiser.cjs` finds what it is for: a repository with a violation of each kind of rule, and what is near to one. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ROOT } from './setup.mjs';

/** The sources of the repository, by their places below `packages`. */
const SOURCES: Readonly<Record<string, string>> = {
  'uapi/src/index.ts': "import type {} from '@iommufd/sdk';",
  'uapi/src/one.ts': "import { two } from './two.js'; export const one = two;",
  'uapi/src/two.ts': "import { one } from './one.js'; export const two = one;",
  'uapi/src/left.ts': "import type { Right } from './right.js'; export type Left = Right;",
  'uapi/src/right.ts': "import type { Left } from './left.js'; export type Right = Left;",
  'uapi/src/tests.ts': "import './tests.test.js';",
  'uapi/src/tests.test.ts': "import '@iommufd/testkit'; import '@iommufd/sdk';",
  'testkit/src/index.ts': "import '@iommufd/uapi';",
  'sdk/src/index.ts': "import '@iommufd/uapi'; import '@iommufd/testkit';",
  'sdk/src/none.ts': "import '@iommufd/none';",
  'smmuv3/src/registers/up.ts': "import type {} from '../queues/index.js';",
  'smmuv3/src/queues/index.ts': "import '../registers/index.js';",
  'smmuv3/src/registers/index.ts': 'export {};',
  'fakekernel/src/drivers/new/driver.ts': "import '../../iommu/index.js';",
  'fakekernel/src/iommu/up.ts': "export type {} from '../iommufd/index.js';",
  'fakekernel/src/iommufd/index.ts': "import '../iommu/index.js';",
  'fakekernel/src/iommufd/sideways.ts': "await import('../pci/index.js');",
  'fakekernel/src/iommu/index.ts': 'export {};',
  'fakekernel/src/pci/index.ts': 'export {};',
  'tape/src/tapes/up.ts': "import '../replay/index.js';",
  'tape/src/replay/index.ts': "import '../tapes/index.js';",
  'tape/src/tapes/index.ts': 'export {};',
  'viewer/src/model/up.ts': "import '../page/index.js';",
  'viewer/src/page/index.ts': "import '../model/index.js';",
  'viewer/src/model/index.ts': 'export {};',
  'native/src/index.ts': 'export {};',
  'cli/src/commands/run.ts': "import '@iommufd/native';",
  'cli/src/commands/decode.ts': "import '@iommufd/native';",
};

/** The rule, the file, and what it imports. A circle is reported once. */
const VIOLATIONS = [
  [
    'fakekernel: every file is in a layer of .dependency-cruiser.cjs',
    'fakekernel/src/drivers/new/driver.ts',
    'fakekernel/src/iommu/index.ts',
  ],
  [
    'fakekernel: iommu imports only what is below it',
    'fakekernel/src/iommu/up.ts',
    'fakekernel/src/iommufd/index.ts',
  ],
  [
    'fakekernel: iommufd imports only what is below it',
    'fakekernel/src/iommufd/sideways.ts',
    'fakekernel/src/pci/index.ts',
  ],
  ['no circles at run time', 'uapi/src/one.ts', 'uapi/src/two.ts'],
  ['no tests in the product', 'uapi/src/tests.ts', 'uapi/src/tests.test.ts'],
  ['packages: every import of one is resolved', 'sdk/src/none.ts', '@iommufd/none'],
  ['packages: only tests import testkit', 'sdk/src/index.ts', 'testkit/src/index.ts'],
  ['packages: uapi imports only what is below it', 'uapi/src/index.ts', 'sdk/src/index.ts'],
  [
    'smmuv3: registers imports only what is below it',
    'smmuv3/src/registers/up.ts',
    'smmuv3/src/queues/index.ts',
  ],
  ['tape: tapes imports only what is below it', 'tape/src/tapes/up.ts', 'tape/src/replay/index.ts'],
  [
    'the command loads native code only when it runs a program',
    'cli/src/commands/decode.ts',
    'native/src/index.ts',
  ],
  ['viewer: model imports only what is below it', 'viewer/src/model/up.ts', 'viewer/src/page/index.ts'],
];

const folder = mkdtempSync(join(tmpdir(), 'iommufd-layers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is read of a report. */
interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

test('the rules of the layers find what goes up or sideways, and nothing else', () => {
  copyFileSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  mkdirSync(join(folder, 'node_modules/@iommufd'), { recursive: true });
  for (const [place, text] of Object.entries(SOURCES)) {
    const file = join(folder, 'packages', place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const name of new Set(Object.keys(SOURCES).map((place) => place.slice(0, place.indexOf('/'))))) {
    const exports = { '.': { 'iommufd-source': './src/index.ts', default: './dist/index.js' } };
    const manifest = { name: `@iommufd/${name}`, type: 'module', exports };
    writeFileSync(join(folder, 'packages', name, 'package.json'), JSON.stringify(manifest));
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@iommufd', name), 'junction');
  }
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = spawnSync(
    process.execPath,
    [program, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', 'packages'],
    { cwd: folder, encoding: 'utf8' },
  );
  const { violations } = (JSON.parse(stdout) as Report).summary;
  const short = (place: string): string => place.replace('packages/', '');
  expect(violations.map(({ rule, from, to }) => [rule.name, short(from), short(to)]).sort()).toEqual(
    VIOLATIONS,
  );
});
