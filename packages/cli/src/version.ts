import { readFileSync } from 'node:fs';

/** Replaced in the bundle; see `bundle.mjs`. */
declare const IOMMUFD_VERSION: string | undefined;

/** The version of the package. */
export function version(): string {
  if (typeof IOMMUFD_VERSION === 'string') return IOMMUFD_VERSION;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
  return String(found);
}
