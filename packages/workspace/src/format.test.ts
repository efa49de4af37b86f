/** `.oxfmtrc.json` has each kind of file checked, and leaves alone what is not ours to write. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ROOT } from './setup.mjs';

/** Files that are not as they should be. */
const CODE = 'export const  text = "text"';
const WRONG: Readonly<Record<string, string>> = {
  '.hidden.cjs': 'module.exports = {  };',
  'packages/one/src/one.ts': CODE,
  'packages/one/src/one.test.ts': CODE,
  'packages/one/src/one.generated.ts': CODE,
  'packages/one/src/page.css': 'a{color:red}',
  'packages/one/src/page.html': '<html><body>\n\n\n<p>one   </p></body></html>',
  'packages/one/src/page.tsx': CODE,
  'packages/one/src/run.mjs': CODE,
  'packages/one/tsconfig.json': '{"include":["src"]}',
  'workspace.yaml': 'packages:\n    -   one',
};

/** The same, where it is written by programs or by people. */
const IGNORED: Readonly<Record<string, string>> = {
  'README.md': '*  one',
  'packages/one/dist/one.js': CODE,
  'packages/one/.types/one.d.ts': CODE,
  'docs/site/page.html': '<p>one   </p>',
  'packages/conformance/abi/facts.json': '{"one":1}',
  'packages/conformance/tapes/tape.json': '{"one":1}',
  'pnpm-lock.yaml': 'packages:\n    -   one',
};

const folder = mkdtempSync(join(tmpdir(), 'iommufd-format-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('files of each kind are checked, but for what other programs write and for prose', () => {
  for (const [name, text] of Object.entries({ ...WRONG, ...IGNORED })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  copyFileSync(join(ROOT, '.oxfmtrc.json'), join(folder, '.oxfmtrc.json'));
  const program = join(ROOT, 'node_modules/oxfmt/bin/oxfmt');
  const { stdout, stderr } = spawnSync(process.execPath, [program, '--list-different'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(WRONG).sort());
});
