/** The page in a real browser, on tapes of a real kernel. */
import { afterAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { browsing, describeInBrowser } from './page.testing.js';
import { tapeFile } from './start-browser.js';
import { longTape } from './long-tape.js';

const SCENARIOS = 'scenarios.jsonl.gz';

/** The text at the bottom after a tape was replayed. */
const PLAYED = 'text=all replayed on the fake kernel';

/** The link in a panel, when it includes the last action; until then the field is empty. */
function linkIn(panel: Locator): Promise<string> {
  return panel.getByLabel('link').evaluate(
    (field) =>
      new Promise<string>((resolve) => {
        const look = (): void => {
          const link = field instanceof HTMLInputElement ? field.value : '';
          if (link === '') requestAnimationFrame(look);
          else resolve(link);
        };
        look();
      }),
  );
}

describeInBrowser('the page', () => {
  const { open, complaints } = browsing();
  const scenario = async (name: string, call: number, tab: string): Promise<Page> => {
    const page = await open([tapeFile(SCENARIOS)], `#tape=${name}&call=${call}&tab=${tab}`);
    await page.waitForSelector(PLAYED);
    return page;
  };

  afterAll(() => {
    // No error, no violation of the policy, and no request.
    expect(complaints).toEqual([]);
  });

  test('shows the calls of a tape, by file, with errors and losses marked', async () => {
    const page = await scenario('veventq-overflow-tail', 17, 'call');
    // Rows come from the worker, and are drawn when they arrive.
    await page.waitForFunction(() => document.querySelectorAll('.row:not(.waiting)').length === 22);
    expect(await page.locator('.row[aria-selected=true] .file').textContent()).toBe('veventq 9');
    expect(await page.locator('.row.lost').count()).toBe(1);
    await page.close();
  });

  test('opens a call: pointing at a field highlights its bytes, and at a byte its field', async () => {
    const page = await scenario('veventq-overflow-tail', 4, 'call');
    const block = page.locator('.block').first();
    await block.locator('tr', { hasText: 'pt_id' }).first().hover();
    expect(await block.locator('.byte.lit').allTextContents()).toEqual(['01', '00', '00', '00']);
    await block.locator('.byte').nth(16).hover();
    expect(await block.locator('tr.lit th').first().textContent()).toBe('out_hwpt_id');
    // The kernel wrote the id: both the old and the new value can be shown.
    expect(await block.locator('tr', { hasText: 'out_hwpt_id' }).first().textContent()).toMatch(/0 →\s*5/);
    expect(await block.locator('.byte.changed').allTextContents()).toEqual(['05']);
    await block.locator('button', { hasText: 'before' }).click();
    expect(await block.locator('.byte').nth(16).textContent()).toBe('00');
    // An id links to the object.
    await block.locator('tr', { hasText: 'out_hwpt_id' }).first().locator('button').click();
    await page.waitForSelector('g.node.hwpt.chosen[data-id="5"]');
    await page.waitForSelector('.life li.made');
    await page.close();
  });

  test('shows the meaning of an errno, the users of the object, and the rule that failed the call', async () => {
    const page = await scenario('object-ids-and-busy', 10, 'call');
    await page.keyboard.press('e');
    await page.waitForSelector('.row[aria-selected=true] >> text=EBUSY');
    const panel = page.locator('.panel');
    // The panel is that of this call, no longer of the previous one.
    await panel.locator('h2 >> text=-1 EBUSY').waitFor();
    expect(await panel.getByLabel('Why it failed').textContent()).toContain('Another object uses it');
    expect(await panel.getByLabel('Users of the object').textContent()).toMatch(/IOAS 1 had \d+ references/);
    expect(await panel.getByLabel('The rule that failed the call').textContent()).toContain(
      "throw fail('EBUSY')",
    );
    await panel.getByLabel('Users of the object').locator('button').first().click();
    await page.waitForSelector('g.node.chosen.ioas');
    await page.close();
  });

  test('draws the objects after each call, and shows the history of one', async () => {
    const page = await scenario('vdevice-tombstone', 0, 'objects');
    await page.waitForSelector('text=There are no objects after this call');
    for (let call = 0; call < 6; call++) await page.keyboard.press('j');
    const device = page.locator('g.node.device');
    await device.waitFor();
    await device.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.life li.made');
    // Go to the call that created it.
    await page.locator('.life li.made button').first().click();
    await page.waitForSelector('g.node.device.changed');
    await page.keyboard.press('End');
    await page.waitForSelector('g.node.tombstone');
    await page.close();
  });

  test('maps the IOVAs of an IOAS, with dirty ranges, and bytes over time', async () => {
    const page = await scenario('dirty-tracking', 13, 'map');
    await page.waitForSelector('.bar.dirty');
    expect(await page.locator('.bar.area').count()).toBe(1);
    expect(await page.locator('.bar.reserved').count()).toBe(2);
    expect(await page.locator('table.list td').first().textContent()).toBe('0x1000000');
    await page.waitForSelector('.chart canvas');
    await page.close();
  });

  test('shows queues over time, and lost events', async () => {
    const page = await scenario('veventq-overflow-tail', 15, 'queues');
    await page.waitForFunction(() => {
      const figures = [...document.querySelectorAll('.figures dd')].map(({ textContent }) => textContent);
      return figures.join() === '5,0,2and a mark,3';
    });
    const [last] = await page.locator('.losses tbody tr').last().allTextContents();
    expect(last).toBe('call 1514queue full: 2 of 2 waitedcall 17, by a header with LOST_EVENTS');
    await page.locator('.losses .link', { hasText: 'call 15' }).click();
    await page.waitForSelector('output >> text=15 / 21');
    await page.close();
  });

  test('shows open groups of faults by cookie and age', async () => {
    const page = await scenario('fault-queue-cookies', 12, 'queues');
    await page.waitForSelector('.queue table.list');
    expect(await page.locator('.queue table.list tbody tr').count()).toBeGreaterThan(0);
    await page.close();
  });

  test('shows both results if the fake kernel returns another one', async () => {
    const tape = [
      '{"tape":1,"name":"other","kernel":"7.3.4","arch":"x86_64","calls":2}',
      '{"op":"open","path":"/dev/iommu","ret":3}',
      '{"op":"poke","addr":"0x1000","hex":"0800000001000000"}',
      '{"op":"ioctl","fd":3,"cmd":"0x3b80","arg":"0x1000","ret":-16}',
    ].join('\n');
    const page = await open([{ name: 'other.jsonl', bytes: new TextEncoder().encode(tape) }]);
    await page.waitForSelector('text=1 results differ');
    await page.keyboard.press('d');
    const both = page.getByLabel('Both results');
    await both.waitFor();
    expect(await both.textContent()).toMatch(/EBUSY.*ENOENT/s);
    await page.close();
  });

  test('filters, searches, and keeps its state in the address', async () => {
    const page = await scenario('object-ids-and-busy', 0, 'call');
    await page.locator('.chip', { hasText: 'errors' }).click();
    await page.waitForSelector('footer >> text=of 75');
    await page.waitForFunction(() => document.querySelectorAll('.row:not(.failed)').length === 0);
    await page.keyboard.press('/');
    await page.keyboard.type('EBUSY');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.row')].every((row) => row.textContent.includes('EBUSY')),
    );
    await page.keyboard.press('Escape');
    await page.locator('.row').nth(1).click();
    await page.waitForFunction(() => {
      const chosen = document.querySelector('.row[aria-selected=true] .number')?.textContent ?? '';
      return chosen !== '0' && location.hash === `#tape=object-ids-and-busy&call=${chosen}&tab=call`;
    });
    await page.close();
  });

  test('opens a kernel log and hex that are dropped on it', async () => {
    const page = await open([]);
    await page.waitForSelector('text=Drop a tape');
    const drop = (name: string, text: string) =>
      page.evaluate(
        ([file, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([content ?? ''], file ?? ''));
          document
            .querySelector('.app')
            ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        [name, text],
      );
    await drop(
      'dmesg.txt',
      '[ 196.747] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received: 0x0000018000000010 0x0000020800000000 0x00000000ffffe040 0x0000000000000000\n',
    );
    await page.waitForSelector('.row >> text=F_TRANSLATION');
    await page.waitForSelector('table.bits >> text=StreamID');
    expect(await page.locator('table.bits tr', { hasText: 'StreamID' }).first().textContent()).toContain(
      '0x180',
    );
    await drop('command.hex', '0x0005000100000012 0x1001');
    await page.waitForSelector('text=CMD_TLBI_NH_VA');
    await page.locator('.panel, main.one').locator('select').selectOption('iommu_destroy');
    await page.waitForSelector('code >> text=iommu_destroy');
    await drop('letter.txt', 'Dear maintainer, it does not work.');
    expect(await page.getByRole('alert').textContent()).toContain('letter.txt');
    await page.close();
  });

  test('runs a playground, and exports it', async () => {
    const page = await open([]);
    await page.locator('button', { hasText: 'play with a fake kernel' }).click();
    const panel = page.locator('.play');
    const ask = async (name: string, flags: readonly string[] = []): Promise<void> => {
      const before = await page.locator('.row').count();
      await panel.getByLabel('Which ioctl').selectOption(name);
      await panel.locator('.go', { hasText: name }).waitFor();
      for (const flag of flags) await panel.getByLabel(flag).check();
      await panel.locator('.go').click();
      await page.waitForFunction((count) => document.querySelectorAll('.row').length > count, before);
    };
    await ask('VFIO_DEVICE_BIND_IOMMUFD');
    await ask('IOMMU_IOAS_ALLOC');
    await ask('IOMMU_IOAS_MAP');
    await ask('VFIO_DEVICE_ATTACH_IOMMUFD_PT');
    await panel.getByLabel('The device').locator('button', { hasText: 'write' }).click();
    await page.waitForSelector('.row >> text=device 0 writes 5 bytes at 0x1000000');
    await ask('IOMMU_DESTROY');
    await page.waitForSelector('.row.failed >> text=EBUSY');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Objects' }).click();
    await page.waitForSelector('g.node.hwpt');
    await page.getByRole('tab', { name: 'Play' }).click();
    // An invalid action shows an error, and has no effect.
    await panel.getByLabel('IOVA').fill('far away');
    await panel.locator('button', { hasText: 'read 16' }).click();
    expect(await panel.getByRole('alert').textContent()).toContain('"far away" is not a number');
    const code = await panel.locator('pre.code').textContent();
    expect(code).toContain('const device1 = iommufd.openDevice(node);');
    expect(code).toMatch(/expect\(\(\) => ioas2\.close\(\)\)\.toThrow\(\/EBUSY\/\)/);
    // Its link restores the same state.
    const link = await linkIn(panel);
    const rows = await page.locator('.row').allTextContents();
    const other = await open([], new URL(link).hash);
    await other.waitForSelector('.row.failed >> text=EBUSY');
    expect(await other.locator('.row').allTextContents()).toEqual(rows);
    await page.close();
    await other.close();
  });

  test('explores an SMMUv3: a walk step by step, and queues that overflow', async () => {
    const page = await open([], '#tab=smmuv3');
    const lab = page.locator('.lab');
    await lab.waitFor();
    const read = lab.locator('button.go', { hasText: 'read' });
    await read.click();
    await page.waitForFunction(() => document.querySelectorAll('.walk li').length === 5);
    expect(await lab.locator('.outcome').textContent()).toBe('stream 5 reads 0x1234: goes to 0x80020234');
    await lab.locator('.walk .block summary').first().click();
    await lab.locator('.walk table.bits >> text=S1ContextPtr').waitFor();
    await lab.getByLabel('address', { exact: true }).fill('0x9000');
    for (let used = 1; used <= 5; used++) {
      await read.click();
      await page.waitForSelector(`.ring >> text=${Math.min(used, 4)} of 4 used`);
    }
    await lab.locator('text=OVFLG 1, OVACKFLG 0').waitFor();
    await lab.locator('button', { hasText: 'take an event' }).click();
    await lab.locator('button', { hasText: 'acknowledge' }).click();
    await lab.locator('text=OVFLG 1, OVACKFLG 1').waitFor();
    await lab.getByLabel('SMMU_CR0', { exact: true }).fill('0');
    await page.keyboard.press('Enter');
    await lab.locator('text=SMMU_CR0 reads as 0x0').first().waitFor();
    // Its link restores the same state; a truncated link is refused.
    const link = await linkIn(lab);
    const other = await open([], new URL(link).hash);
    await other.locator('text=SMMU_CR0 reads as 0x0').first().waitFor();
    await other.locator('text=OVFLG 1, OVACKFLG 1').waitFor();
    await other.close();
    const cut = await open([], new URL(link).hash.slice(0, -20));
    expect(await cut.getByRole('alert').textContent()).toContain('it may be truncated');
    await cut.close();
    await page.close();
  });

  test('scrolls through 100,000 calls, with only the visible ones in the document', async () => {
    // A task is long if it draws much or receives much from the worker. Both are counted, independently of the
    // machine's load.
    const page = await open([{ name: 'long.jsonl', bytes: longTape(100_000) }], '', () => {
      const counts = { asked: 0, rows: 0 };
      Object.assign(globalThis, { counts });
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (this: Worker, question: { readonly method: string }) {
        counts.asked++;
        postMessage.call(this, question);
      };
      Object.defineProperty(Worker.prototype, 'onmessage', {
        set(this: Worker, hear: (event: MessageEvent) => void) {
          this.addEventListener('message', (event: MessageEvent<{ readonly value?: unknown }>) => {
            const { value } = event.data;
            if (Array.isArray(value)) counts.rows += value.length;
            hear(event);
          });
        },
      });
    });
    await page.waitForSelector('text=100,000 of 100,000 calls', { timeout: 0 });
    const steps = await page.evaluate(async () => {
      const list = document.querySelector('.timeline');
      const counts = Reflect.get(globalThis, 'counts') as { asked: number; rows: number };
      if (list === null) return [];
      const seen: { rendered: number; elements: number; asked: number; rows: number }[] = [];
      for (let part = 0; part <= 40; part++) {
        const { asked, rows } = counts;
        list.scrollTop = (list.scrollHeight * part) / 40;
        // Until the visible rows have arrived.
        for (let frame = 0; frame < 2 || list.querySelector('.row.waiting') !== null; frame++)
          await new Promise((resolve) => requestAnimationFrame(resolve));
        seen.push({
          rendered: list.querySelectorAll('.row').length,
          elements: document.querySelectorAll('*').length,
          asked: counts.asked - asked,
          rows: counts.rows - rows,
        });
      }
      return seen;
    });
    const most = (of: (step: (typeof steps)[number]) => number): number => Math.max(...steps.map(of));
    expect(steps).toHaveLength(41);
    // The visible rows, and ten rows on both sides.
    expect(most(({ rendered }) => rendered)).toBeGreaterThan(20);
    expect(most(({ rendered }) => rendered)).toBeLessThan(70);
    expect(most(({ elements }) => elements)).toBeLessThan(700);
    // A page of 200 rows, or two pages if the view crosses their border.
    expect(most(({ asked }) => asked)).toBeLessThanOrEqual(3);
    expect(most(({ rows }) => rows)).toBeLessThanOrEqual(400);
    await page.keyboard.press('End');
    await page.waitForSelector('#row-99999[aria-selected=true]');
    await page.close();
  });
});

test.each([[10], [100]])('the generator of long tapes creates one of %d calls', (calls) => {
  const text = new TextDecoder().decode(longTape(calls));
  expect(text.split('\n').filter((line) => /"op":"(mmap|open|ioctl)"/.test(line))).toHaveLength(calls);
});
