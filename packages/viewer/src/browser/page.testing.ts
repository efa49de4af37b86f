/** Pages in a real browser, for tests. Without a browser they are skipped, with a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { browserPath, builtPage, type PageFile, startBrowser, withFiles } from './start-browser.js';

if (browserPath === undefined)
  process.stderr.write(
    'no browser found (chromium, or IOMMUFD_BROWSER): the tests of the page are skipped\n',
  );

/** Tests of a page, if there is a browser. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (browserPath === undefined) describe.skip(name, tests);
  else describe(name, tests);
}

/** A browser, and pages in it. */
export interface Browsing {
  /** Opens the page with embedded files, at a fragment. `before` runs in the page before its own script. */
  open(files: readonly PageFile[], hash?: string, before?: () => void): Promise<Page>;
  /** Errors, violations of the content security policy, and network requests. It must stay empty. */
  readonly complaints: string[];
}

/** Starts a browser around the tests of a file. */
export function browsing(): Browsing {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-page-'));
  const complaints: string[] = [];
  let context: BrowserContext | undefined;
  let html = '';
  let count = 0;
  beforeAll(async () => {
    html = await builtPage();
    context = await startBrowser(join(folder, 'profile'), { width: 1440, height: 860 });
  });
  afterAll(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    complaints,
    open: async (files, hash = '', before?: () => void) => {
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
      if (before !== undefined) await page.addInitScript(before);
      await page.goto(pathToFileURL(file).href + hash);
      return page;
    },
  };
}
