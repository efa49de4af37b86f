/** The page in a real browser, for tests. Without one they are skipped, which one line says. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where a browser may be; the variable names another. */
const BROWSERS = [
  process.env['IOMMUFD_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser of this machine. */
export const browser = BROWSERS.find((path) => path !== undefined && existsSync(path));

/** The tests of a page in a browser, or one line that says that there is none. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (browser === undefined) describe.skip(name, tests);
  else describe(name, tests);
}

if (browser === undefined)
  process.stderr.write(
    'no browser is here (chromium, or IOMMUFD_BROWSER): the tests of the page are skipped\n',
  );

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Reads a checked-in tape file. */
export const tapeFile = (name: string): { readonly name: string; readonly bytes: Uint8Array } => ({
  name: basename(name),
  bytes: readFileSync(new URL(`../../../conformance/tapes/${name}`, import.meta.url)),
});

/** The page with files in it, as `iommufd view --out` writes it. */
export function withFiles(
  html: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): string {
  const elements = files.map(
    ({ name, bytes }) =>
      `<script type="application/octet-stream" data-name="${name}">${Buffer.from(bytes).toString('base64')}</script>`,
  );
  return html.replace('<!-- files -->', () => elements.join('\n'));
}

/** A browser, and pages in it. */
export interface Browsing {
  /** Opens the page with files in it, at a place. All that it complains about is in {@link complaints}. */
  open(files: readonly { readonly name: string; readonly bytes: Uint8Array }[], hash?: string): Promise<Page>;
  /** Errors, refusals of the content security policy, and requests of the network: there must be none. */
  readonly complaints: string[];
}

/** Starts a browser around the tests of a file. */
export function browsing(options: { readonly width?: number; readonly height?: number } = {}): Browsing {
  const { width = 1440, height = 860 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-page-'));
  const complaints: string[] = [];
  let context: BrowserContext | undefined;
  let html = '';
  let count = 0;
  beforeAll(async () => {
    if (browser === undefined) return;
    // Not imported: it is plain JavaScript, as all that builds is.
    const builder = (await import(new URL('../../build.mjs', import.meta.url).href)) as {
      buildPage(): Promise<string>;
    };
    html = await builder.buildPage();
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: browser,
      headless: true,
      args: QUIET,
      viewport: { width, height },
      colorScheme: 'light',
    });
  });
  afterAll(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    complaints,
    open: async (files, hash = '') => {
      if (context === undefined) throw new Error('there is no browser');
      const file = join(folder, `page-${++count}.html`);
      writeFileSync(file, withFiles(html, files));
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!/^(file|blob|data):/.test(request.url())) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(file).href + hash);
      return page;
    },
  };
}
