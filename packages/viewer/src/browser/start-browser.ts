/** The page, and a real browser for it: for tests, and for what makes pictures and measures. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium } from 'playwright-core';

/** Where a browser may be; the variable names another. */
const BROWSERS = [
  process.env['IOMMUFD_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser of this machine; undefined if there is none. */
export const browserPath = BROWSERS.find((path) => path !== undefined && existsSync(path));

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  // What containers have there is too small.
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A file that stands in the page. */
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
  // Not imported at the top: it is plain JavaScript, as all that builds is.
  const builder = (await import(new URL('../../build.mjs', import.meta.url).href)) as {
    buildPage(): Promise<string>;
  };
  return builder.buildPage();
}

/** The page with files in it, as `iommufd view --out` writes it. */
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
 * @throws Error if there is none
 */
export function startBrowser(
  profile: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<BrowserContext> {
  if (browserPath === undefined)
    throw new Error('no browser is here: chromium, or what IOMMUFD_BROWSER names');
  const options = { executablePath: browserPath, headless: true, args: QUIET, viewport };
  return chromium.launchPersistentContext(profile, { ...options, colorScheme: 'light' });
}
