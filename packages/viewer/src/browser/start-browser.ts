/** The page, and a real browser for it, for tests, screenshots and measurements. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium } from 'playwright-core';

/** The possible paths of a browser. IOMMUFD_BROWSER overrides them. */
const BROWSERS = [
  process.env['IOMMUFD_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The path of the browser; undefined if none is found. */
export const browserPath = BROWSERS.find((path) => path !== undefined && existsSync(path));

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  // /dev/shm of containers is too small.
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A file to embed in the page. */
export interface PageFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads a checked-in tape file. */
export const tapeFile = (name: string): PageFile => ({
  name: basename(name),
  bytes: readFileSync(new URL(`../../../conformance/tapes/${name}`, import.meta.url)),
});

/** The page without files, built from the sources. */
export async function builtPage(): Promise<string> {
  // Not imported at the top, because it is plain JavaScript, like all build scripts.
  const builder = (await import(new URL('../../build.mjs', import.meta.url).href)) as {
    buildPage(): Promise<string>;
  };
  return builder.buildPage();
}

/** The page with embedded files, as `iommufd view --out` writes it. */
export function withFiles(html: string, files: readonly PageFile[]): string {
  const elements = files.map(({ name, bytes }) => {
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = Buffer.from(isZipped ? bytes : gzipSync(bytes)).toString('base64');
    return `<script type="application/octet-stream" data-name="${name}">${text}</script>`;
  });
  return html.replace('<!-- files -->', () => elements.join('\n'));
}

/**
 * Starts a browser.
 * @param profile an empty folder
 * @throws Error if no browser is installed
 */
export function startBrowser(
  profile: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<BrowserContext> {
  if (browserPath === undefined)
    throw new Error('no browser found: install chromium, or set IOMMUFD_BROWSER');
  const options = { executablePath: browserPath, headless: true, args: QUIET, viewport };
  return chromium.launchPersistentContext(profile, { ...options, colorScheme: 'light' });
}
