import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { compiledFiles } from './compiled-files.js';

const folder = fileURLToPath(new URL('../../uapi/src/compiled/', import.meta.url));

test('what is checked in is what the declarations give: if not, run `pnpm compile`', async () => {
  const checkedIn = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(folder + name, 'utf8')] as const),
  );
  const files = await compiledFiles();
  expect([...checkedIn.keys()].sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(`${name}\n${checkedIn.get(name)}`).toBe(`${name}\n${text}`);
});
