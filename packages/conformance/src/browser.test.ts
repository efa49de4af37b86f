import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const ROOT = new URL('../../uapi/src/', import.meta.url);
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => [name, readFileSync(new URL(name, ROOT), 'utf8')] as const);

test.each(sources)('%s imports only its own package and restructure', (_name, text) => {
  const imports = [...text.matchAll(/\bfrom '([^']+)'/g)].map(([, from = '']) => from);
  for (const from of imports) expect(from).toMatch(/^\.\.?\/|^restructure$/);
});

test('the package runs where there is nothing of Node, under a policy that forbids eval', async () => {
  const entry = `
    import * as uapi from './index.js';
    import { allStructs } from './registry.js';
    const bytes = uapi.encode(uapi.iommu_destroy, { size: 8, id: 5 });
    globalThis.result = JSON.stringify({
      hex: uapi.toHex(bytes),
      id: uapi.view(uapi.iommu_destroy, bytes).id,
      event: uapi.decode(uapi.smmuv3_event, uapi.encode(uapi.smmuv3_event, { EventNumber: 6, StreamID: 9 })).StreamID,
      structs: allStructs.size,
    });`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(ROOT) },
    bundle: true,
    write: false,
    format: 'iife',
    // For this platform a node: module is an error.
    platform: 'browser',
    logLevel: 'silent',
  });
  // A context has what ECMAScript has; browsers add the encoders, which restructure wants.
  const globals = createContext(
    { TextEncoder, TextDecoder },
    { codeGeneration: { strings: false, wasm: false } },
  );
  runInContext(outputFiles[0]?.text ?? '', globals);
  expect(JSON.parse(String(globals['result']))).toEqual({
    hex: '0800000005000000',
    id: 5,
    event: 9,
    structs: 75,
  });
});
