import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compiledFiles } from './compiled-files.js';

const folder = fileURLToPath(new URL('../../uapi/src/compiled/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, text] of await compiledFiles()) {
  writeFileSync(folder + name, text);
  process.stdout.write(`packages/uapi/src/compiled/${name}: ${text.split('\n').length} lines\n`);
}
