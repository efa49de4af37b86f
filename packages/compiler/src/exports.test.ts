/**
 * A declaration that no index exports is invisible: no program can import it, and the registry does not find it. A test
 * of the package's exports cannot detect a missing one, so this test reads every source file.
 */
import { dirname, join, relative } from 'node:path/posix';
import { expect, test } from '@jest/globals';
import * as uapi from '@iommufd/uapi';
import { allIoctls, allRecords, allSets, allStructs } from '@iommufd/uapi/registry';
import { type SourceModule, sourceModules } from './declarations.js';

const UAPI_SOURCES = 'packages/uapi/src';

const exported = new Set<unknown>(Object.values(uapi));
const registered = new Set<unknown>(
  [allStructs, allRecords, allSets, allIoctls].flatMap((all) => [...all.values()]),
);

/** True for a struct, a record, an enum, a set of flags or an ioctl: the contents of the registry. */
function isDeclaration(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if ('kind' in value) return ['ioctl', 'enum', 'flags'].includes(String(value.kind));
  return 'byteLength' in value && 'description' in value;
}

/** The folder of the index that exports the declarations in `path`: its own folder or, without an index, the package's. */
function indexFolder(path: string, modules: readonly SourceModule[]): string {
  const folder = dirname(path);
  // A folder of one file, such as vtd, has no index of its own.
  const isAlone = modules.filter((module) => dirname(module.path) === folder).length === 1;
  return isAlone ? '.' : folder;
}

test('every declaration is exported, and found in the registry', async () => {
  const modules = await sourceModules();
  const missing = modules.flatMap(({ path, exports }) =>
    Object.entries(exports).flatMap(([name, declared]) => {
      if (!isDeclaration(declared)) return [];
      const folder = indexFolder(path, modules);
      const index = join(UAPI_SOURCES, folder, 'index.ts');
      const source = `./${relative(folder, path)}.js`;
      return [
        ...(exported.has(declared) ? [] : [`${name}: export it from '${source}' in ${index}`]),
        ...(registered.has(declared)
          ? []
          : [`${name}: add the index that exports it to ${join(UAPI_SOURCES, 'registry.ts')}`]),
      ];
    }),
  );
  expect(missing).toEqual([]);
});
