import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errno } from '@iommufd/uapi';
import { result } from '../errno.js';
import { FakeKernel } from '../index.js';
import { AnonymousMemory } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';
import { Pages } from './pages.js';
import { PagesRegistry } from './pages-registry.js';
import { PinAccount } from './pin-account.js';

const COUNT = 40;
const AT = 0x10000;

test('a page is pinned from its first use until its last use ends', () => {
  const part = fc
    .tuple(fc.nat(COUNT - 1), fc.integer({ min: 1, max: COUNT }))
    .map(([first, count]) => [first, Math.min(count, COUNT - first)] as const);
  const steps = fc.array(fc.tuple(fc.boolean(), part, fc.nat()), { maxLength: 60 });
  // The source is memory of one object, then of another, in reverse order.
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: COUNT - 1 }), (list, border) => {
      const process = new FakeKernel().spawn({ ipcLock: false, sysResource: false, memlock: 1 << 30 });
      const space = process.memorySpace;
      const objects = [new AnonymousMemory(COUNT), new AnonymousMemory(COUNT)] as const;
      const length = border * PAGE_SIZE;
      space.map(AT, length, { object: objects[0], index: COUNT - border, prot: 3, io: false });
      const rest = COUNT * PAGE_SIZE - length;
      space.map(AT + length, rest, { object: objects[1], index: 0, prot: 3, io: false });
      const account = new PinAccount(process, 'user');
      const pages = new Pages(
        new PagesRegistry(),
        { kind: 'user', space, address: AT },
        COUNT,
        true,
        account,
      );
      const place = (page: number) =>
        page < border
          ? { object: objects[0], index: COUNT - border + page }
          : { object: objects[1], index: page - border };

      const uses = new Array<number>(COUNT).fill(0);
      const used: (readonly [number, number])[] = [];
      const look = (): void => {
        const pinned = uses.map((count) => (count > 0 ? 1 : 0) as number);
        expect(
          uses.map((_, page) => {
            const { object, index } = place(page);
            return object.pinCount(index);
          }),
        ).toEqual(pinned);
        const total = pinned.reduce((sum, one) => sum + one, 0);
        expect([pages.pinnedCount, account.charged]).toEqual([total, total]);
      };
      for (const [begin, [first, count], nth] of list) {
        if (begin) {
          pages.use(first, count);
          used.push([first, count]);
          for (let i = first; i < first + count; i++) uses[i] = (uses[i] ?? 0) + 1;
          // The extents are exactly these pages, in order.
          const found = pages
            .extents(first, count)
            .flatMap(({ object, index, count: size }) =>
              Array.from({ length: size }, (_, i) => ({ object, index: index + i })),
            );
          expect(found.length).toBe(count);
          for (const [i, one] of found.entries()) {
            const { object, index } = place(first + i);
            expect([one.object === object, one.index]).toEqual([true, index]);
          }
        } else if (used.length > 0) {
          const [gone] = used.splice(nth % used.length, 1);
          if (gone === undefined) continue;
          pages.unuse(...gone);
          for (let i = gone[0]; i < gone[0] + gone[1]; i++) uses[i] = (uses[i] ?? 0) - 1;
        }
        look();
      }
      for (const one of used) pages.unuse(...one);
      uses.fill(0);
      look();
      pages.put();
    }),
    { numRuns: 60 },
  );
});

test('a range is neither pinned nor charged if one of its pages cannot be pinned', () => {
  const process = new FakeKernel().spawn({ ipcLock: false, sysResource: false, memlock: 3 * PAGE_SIZE });
  const object = new AnonymousMemory(8);
  process.memorySpace.map(AT, 6 * PAGE_SIZE, { object, index: 0, prot: 3, io: false });
  const account = new PinAccount(process, 'user');
  const source = { kind: 'user', space: process.memorySpace, address: AT } as const;
  const pages = new Pages(new PagesRegistry(), source, 8, true, account);
  pages.use(2, 1);
  for (const [first, count, name] of [
    [0, 8, 'EFAULT'],
    [0, 6, 'ENOMEM'],
  ] as const) {
    expect(result(() => (pages.use(first, count), 0))).toBe(-errno[name]);
    expect([pages.pinnedCount, account.charged, object.pinCount(2), object.pinCount(0)]).toEqual([
      1, 1, 1, 0,
    ]);
  }
  pages.unuse(2, 1);
  expect([pages.pinnedCount, account.charged, object.pinCount(2)]).toEqual([0, 0, 0]);
  pages.put();
});
