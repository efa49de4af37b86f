import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { versionsPage } from './document.testing.js';

const PAGE = new URL('../../../../docs/versions.md', import.meta.url);

test('docs/versions.md is the table of facts', () => {
  if (process.env['UPDATE_VERSIONS'] === '1') writeFileSync(PAGE, versionsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(versionsPage());
});
