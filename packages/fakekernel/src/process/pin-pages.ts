/**
 * Pinning of user pages in the order in which Linux does it, whatever keeps the memory: `AddressSpace` and the memory of a
 * process of the host say what can be pinned at an address, and this pins it.
 */
import { fail } from '../errno.js';
import type { Extent } from './memory-object.js';
import { PAGE, PAGE_SIZE, ULONG_MAX } from './page.js';

/** The pages at an address that can be pinned, up to `most` and to the end of their mapping; undefined if the first cannot. */
export type ExtentToPin = (address: number, most: number) => Extent | undefined;

/** `UserMemory.pin()`. @throws EFAULT | EOVERFLOW; nothing is pinned then */
export function pinPages(find: ExtentToPin, address: number, count: number, batch: number): Extent[] {
  const extents: Extent[] = [];
  for (let done = 0; done < count;) {
    const at = address + done * PAGE_SIZE;
    const asked = Math.min(batch, count - done);
    if (BigInt(at) + BigInt(asked) * PAGE > ULONG_MAX) throw fail('EOVERFLOW');
    // A batch that is pinned in part is followed by one from there on.
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

/** Adds pages to a list, to the last run of it if they follow that. */
function append(extents: Extent[], { object, index, count }: Extent): void {
  const last = extents.at(-1);
  if (last?.object === object && last.index + last.count === index)
    extents[extents.length - 1] = { ...last, count: last.count + count };
  else extents.push({ object, index, count });
}
