import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The version of a package as it is installed. Not every package exports its package.json, so the file is searched for.
 * @throws Error if it is not installed
 */
export function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (!existsSync(file)) continue;
    const description: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof description === 'object' && description !== null && 'version' in description)
      return String(description.version);
  }
  throw new Error(`${name} is not installed`);
}
