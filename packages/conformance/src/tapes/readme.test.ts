/** The README of the repository shows what `pnpm -s conformance` prints. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { GUEST_TAPES } from '../guest/guest-files.js';
import { TAPES, VERSION_TAPES } from './checked-in.js';

const ROOT = new URL('../../../../', import.meta.url);

test('the README names the tapes of the newest version, and counts the others', () => {
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8');
  const [, shown = ''] = /^\$ pnpm -s conformance\n(.*?)^```/ms.exec(readme) ?? [];
  const lines = shown.split('\n').map((line) => line.replace(/: identical \d+ different 0$/, ''));
  const guests = Object.values(GUEST_TAPES).flat();
  expect(lines.slice(0, -2)).toEqual([
    ...Object.values(TAPES).map((url) => relative(fileURLToPath(ROOT), fileURLToPath(url))),
    `... and ${VERSION_TAPES.length} files of older versions, ${guests.length} of guests`,
  ]);
});
