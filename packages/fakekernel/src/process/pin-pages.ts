/**
 * Pinning of user pages in Linux's order, for any kind of memory: `AddressSpace` and the memory of a process of the host look up
 * the pages that can be pinned, and these functions pin them.
 */
import { fail } from '../errno.js';
import type { Extent } from './memory-object.js';
import { PAGE, PAGE_SIZE, ULONG_MAX } from './page.js';

/**
 * Looks up the pages at an address that can be pinned: at most `most`, up to the end of their mapping. undefined if the first
 * page cannot be pinned.
 */
export type ExtentToPin = (address: number, most: number) => Extent | undefined;

/** `UserMemory.pin()`. @throws EFAULT | EOVERFLOW; no page is pinned then */
export function pinPages(find: ExtentToPin, address: number, count: number, batch: number): Extent[] {
  const extents: Extent[] = [];
  for (let done = 0; done < count;) {
    const at = address + done * PAGE_SIZE;
    const asked = Math.min(batch, count - done);
    if (BigInt(at) + BigInt(asked) * PAGE > ULONG_MAX) throw fail('EOVERFLOW');
    // If a batch is pinned only in part, the next batch begins there.
    for (const end = done + asked; done < end;) {
      const extent = find(address + done * PAGE_SIZE, end - done);
      if (extent === undefined) break;
      append(extents, extent);
      done += extent.count;
    }
    if (at === address + done * PAGE_SIZE) throw fail('EFAULT');
  }
  for (const { object, index, count: pages } of extents) object.pin(index, pages);
  return extents;
}

/** `UserMemory.pinOne()`. @throws EFAULT */
export function pinOnePage(find: ExtentToPin, address: number): Extent {
  const extent = find(address, 1);
  if (extent === undefined) throw fail('EFAULT');
  extent.object.pin(extent.index, 1);
  return extent;
}

/** Appends pages to a list of extents, or extends the last one if they follow it. */
function append(extents: Extent[], { object, index, count }: Extent): void {
  const last = extents.at(-1);
  if (last?.object === object && last.index + last.count === index)
    extents[extents.length - 1] = { ...last, count: last.count + count };
  else extents.push({ object, index, count });
}
