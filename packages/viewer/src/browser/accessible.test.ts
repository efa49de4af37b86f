/** Accessibility of each panel, in light and dark: names, roles and contrast, as checked by axe. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { browsing, describeInBrowser } from './page.testing.js';
import { tapeFile } from './start-browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe reports, with their elements. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so the page's content security policy does not apply.
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() =>
    (Reflect.get(globalThis, 'axe') as { run(): Promise<AxeResults> }).run(),
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

describeInBrowser('axe reports no violation', () => {
  const { open } = browsing();
  const panels = [
    { name: 'the start', files: [], hash: '', ready: '.drop' },
    {
      name: 'a call',
      files: ['scenarios.jsonl.gz'],
      hash: '#tape=object-ids-and-busy&call=16&tab=call',
      ready: '.block',
    },
    {
      name: 'objects',
      files: ['scenarios.jsonl.gz'],
      hash: '#tape=vdevice-tombstone&call=12&tab=objects',
      ready: 'g.node',
    },
    {
      name: 'IOVAs',
      files: ['scenarios.jsonl.gz'],
      hash: '#tape=dirty-tracking&call=13&tab=map',
      ready: '.bar.dirty',
    },
    {
      name: 'queues',
      files: ['scenarios.jsonl.gz'],
      hash: '#tape=veventq-overflow-tail&call=15&tab=queues',
      ready: '.figures',
    },
    { name: 'an SMMUv3', files: [], hash: '#tab=smmuv3', ready: '.ring' },
    { name: 'the playground', files: [], hash: '', ready: '.play .field' },
  ];

  test.each(panels)('with $name, light and dark', async ({ name, files, hash, ready }) => {
    const page = await open(files.map(tapeFile), hash);
    if (name === 'the playground')
      await page.locator('button', { hasText: 'play with a fake kernel' }).click();
    await page.waitForSelector(ready);
    if (files.length > 0) await page.waitForSelector('text=all replayed on');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations(page)).toEqual([]);
    }
    await page.close();
  });
});
