/** The command as it is published: one bundle, made of the current sources. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../../cli/', import.meta.url));

/** Runs Node in the package of the command. @throws Error if it fails */
export function node(args: readonly string[], input = ''): void {
  const { status, error, stderr } = spawnSync(process.execPath, args, { cwd: PACKAGE, input });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${error?.message ?? stderr.toString()}`);
}

/** Bundles the command. @returns the path of the bundle. @throws Error if it cannot be bundled */
export function publishedCommand(): string {
  node(['bundle.mjs']);
  return `${PACKAGE}dist/iommufd.cjs`;
}
