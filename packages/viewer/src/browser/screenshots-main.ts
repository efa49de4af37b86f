/**
 * Writes the pictures of the documentation, `docs/images/viewer-*.png`, from checked-in tapes. After a change of the
 * page, check and commit them. `node --conditions=iommufd-source --import tsx
 * packages/viewer/src/browser/screenshots-main.ts`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { startBrowser, tapeFile, withFiles, builtPage, type PageFile } from './start-browser.js';

/** The log of the guest in the tour. */
const GUEST_LOG = `[  212.318846] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
[  212.318851] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000012300000010
[  212.318853] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020800000000
[  212.318855] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000000010002000
[  212.318857] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000000000000000
[  212.318903] arm-smmu-v3 arm-smmu-v3.0.auto: EVTQ overflow detected -- events lost
`;

interface Picture {
  readonly name: string;
  readonly files: readonly PageFile[];
  readonly hash: string;
  readonly theme?: 'light' | 'dark';
  readonly act?: (page: Page) => Promise<unknown>;
}

const SMMUV3 = [tapeFile('smmuv3.jsonl.gz')];
const SCENARIOS = [tapeFile('scenarios.jsonl.gz')];

const PICTURES: readonly Picture[] = [
  {
    name: 'log',
    files: [{ name: 'guest.log', bytes: new TextEncoder().encode(GUEST_LOG) }],
    hash: '#',
    act: (page) => page.waitForSelector('.row.lost'),
  },
  {
    name: 'call',
    files: SMMUV3,
    hash: '#tape=events-overflow&call=20&tab=call',
    act: (page) => page.locator('.block').nth(2).locator('.byte').first().hover(),
  },
  { name: 'queues', files: SMMUV3, hash: '#tape=events-overflow&call=18&tab=queues' },
  {
    name: 'objects',
    files: SMMUV3,
    hash: '#tape=events-overflow&call=18&tab=objects',
    act: (page) => page.locator('g.node.veventq').click(),
  },
  { name: 'busy', files: SCENARIOS, hash: '#tape=object-ids-and-busy&call=16&tab=call' },
  { name: 'map', files: SCENARIOS, hash: '#tape=dirty-tracking&call=13&tab=map', theme: 'dark' },
  {
    name: 'smmuv3',
    files: [],
    hash: '#tab=smmuv3',
    theme: 'dark',
    act: async (page) => {
      for (let fault = 0; fault < 5; fault++) {
        await page.getByLabel('address', { exact: true }).fill('0x9000');
        await page.locator('.lab button.go').first().click();
      }
      await page.getByLabel('address', { exact: true }).fill('0x2345');
      await page.locator('.lab button.go').first().click();
      await page.waitForSelector('text=goes to 0x80021345');
    },
  },
];

const html = await builtPage();
const folder = mkdtempSync(join(tmpdir(), 'iommufd-pictures-'));
const context = await startBrowser(join(folder, 'profile'), { width: 1280, height: 720 });
try {
  for (const { name, files, hash, theme = 'light', act } of PICTURES) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, withFiles(html, files));
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(pathToFileURL(file).href + hash);
    if (files.some(({ name: each }) => each.endsWith('.gz')))
      await page.waitForSelector('text=all replayed on');
    await act?.(page);
    const path = fileURLToPath(new URL(`../../../../docs/images/viewer-${name}.png`, import.meta.url));
    await page.screenshot({ path, animations: 'disabled' });
    process.stdout.write(`${path}\n`);
    await page.close();
  }
} finally {
  await context.close();
  rmSync(folder, { recursive: true, force: true });
}
