/**
 * Measures how long the page is busy while a tape of 100,000 calls is opened, replayed and scrolled: every task of more
 * than 50 ms, as reported by the browser. It depends on the machine and its load, so it is not a test. `node
 * --conditions=iommufd-source --import tsx packages/viewer/src/browser/measure-main.ts [CALLS]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { longTape } from './long-tape.js';
import { builtPage, startBrowser, withFiles } from './start-browser.js';

const calls = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'iommufd-measure-'));
const context = await startBrowser(join(folder, 'profile'), { width: 1440, height: 860 });
try {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      entryTypes: ['longtask'],
    });
    Object.assign(globalThis, { longTasks: tasks });
  });
  const said = async (what: string, begun: number): Promise<void> => {
    const tasks = await page.evaluate(() => {
      const all = Reflect.get(globalThis, 'longTasks') as number[];
      return all.splice(0);
    });
    const longest = Math.round(Math.max(0, ...tasks));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(
      `${what}: ${seconds} s, ${tasks.length} tasks of more than 50 ms, the longest ${longest} ms\n`,
    );
  };
  const file = join(folder, 'page.html');
  writeFileSync(file, withFiles(await builtPage(), [{ name: 'long.jsonl', bytes: longTape(calls) }]));
  const shown = calls.toLocaleString('en');
  let begun = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector(`text=${shown} of ${shown} calls`, { timeout: 600_000 });
  await said('opened', begun);
  begun = performance.now();
  await page.evaluate(async () => {
    const list = document.querySelector('.timeline');
    for (let part = 0; list !== null && part <= 400; part++) {
      list.scrollTop = (list.scrollHeight * part) / 400;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  await said('scrolled while it is replayed', begun);
  begun = performance.now();
  await page.waitForSelector('text=all replayed on', { timeout: 600_000 });
  await said('played', begun);
  for (const tab of ['Objects', 'IOVAs', 'Queues', 'Call']) {
    begun = performance.now();
    await page.getByRole('tab', { name: tab }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await said(tab, begun);
  }
} finally {
  await context.close();
  rmSync(folder, { recursive: true, force: true });
}
