import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';

/**
 * Bundles a program that uses the packages to one script for a browser, without unused code.
 * @param program TypeScript source; a module
 * @param resolveFrom the folder that its imports are relative to
 */
export async function bundle(
  program: string,
  resolveFrom: URL,
  { minify = false }: { readonly minify?: boolean } = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(resolveFrom), loader: 'ts' },
    bundle: true,
    write: false,
    minify,
    format: 'iife',
    // For this platform a node: module is an error.
    platform: 'browser',
    conditions: ['iommufd-source'],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * Runs a script without any API of Node, under a policy that forbids eval.
 * @returns its `globalThis.result`, which must be JSON
 */
export function runInBrowser(script: string): unknown {
  // A context has the globals of ECMAScript. Browsers add the encoders, which restructure uses.
  const globals = createContext(
    { TextEncoder, TextDecoder },
    { codeGeneration: { strings: false, wasm: false } },
  );
  runInContext(script, globals);
  return JSON.parse(String(globals['result']));
}
