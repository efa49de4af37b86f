/**
 * Mistakes that a kernel could have. Each is planted in a class and removed again; in between, the random test must find it. This
 * shows that its checks are effective, and that its programs reach the code with the mistake.
 */

import { MockDomain } from '../drivers/mock/mock-domain.js';
import { Errno, fail } from '../errno.js';
import { FaultQueue } from '../iommufd/fault-queue.js';
import { Hwpt } from '../iommufd/hwpt.js';
import { IommufdObject, ObjectTable } from '../iommufd/object.js';
import { Veventq } from '../iommufd/veventq.js';
import { Viommu } from '../iommufd/viommu.js';
import { AddressSpace } from '../process/address-space.js';
import { LockedPages } from '../process/locked-pages.js';
import { MemoryObject } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';

/** Replaces a method. @returns a function that restores it */
function replace<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  other: (original: T[Name]) => T[Name],
): () => void {
  const original = prototype[name];
  prototype[name] = other(original);
  return () => (prototype[name] = original);
}

/** A mistake, and the function that plants it. */
export type Mistake = readonly [what: string, plant: () => () => void];

export const MISTAKES: readonly Mistake[] = [
  [
    'a reference that is not put',
    () => {
      let puts = 0;
      return replace(
        IommufdObject.prototype,
        'put',
        (put) =>
          function (this: IommufdObject, count?: number) {
            if (!(this instanceof Viommu) || ++puts % 4 !== 0) put.call(this, count);
          },
      );
    },
  ],
  [
    'an unmap that leaves the page table as it was',
    () =>
      replace(
        MockDomain.prototype,
        'unmap',
        (unmap) =>
          function (this: MockDomain, iova: bigint, length: bigint) {
            if (length <= 2 * PAGE_SIZE) unmap.call(this, iova, length);
          },
      ),
  ],
  [
    'an errno that the call does not have',
    () =>
      replace(
        FaultQueue.prototype,
        'write',
        (write) =>
          function (this: FaultQueue, ...args: Parameters<FaultQueue['write']>) {
            try {
              return write.apply(this, args);
            } catch (cause) {
              throw cause instanceof Errno && cause.name === 'EINVAL' ? fail('ENOENT') : cause;
            }
          },
      ),
  ],
  [
    'an unpin of one page too few',
    () =>
      replace(
        MemoryObject.prototype,
        'unpin',
        (unpin) =>
          function (this: MemoryObject, index: number, count: number) {
            unpin.call(this, index, count > 2 ? count - 1 : count);
          },
      ),
  ],
  [
    'an event that is lost without a mark',
    () =>
      replace(
        Veventq.prototype,
        'deliver',
        (deliver) =>
          function (this: Veventq, data: Uint8Array) {
            if (!this.isReadable) deliver.call(this, data);
          },
      ),
  ],
  [
    'a page request that is lost',
    () =>
      replace(
        FaultQueue.prototype,
        'deliver',
        (deliver) =>
          function (this: FaultQueue, group: Parameters<FaultQueue['deliver']>[0]) {
            if (!this.isReadable) deliver.call(this, group);
          },
      ),
  ],
  [
    'page requests of a detached device without a response',
    () => replace(FaultQueue.prototype, 'answerAll', () => () => undefined),
  ],
  [
    'an id that is not freed after a failure',
    () =>
      replace(
        ObjectTable.prototype,
        'abort',
        (abort) =>
          function (this: ObjectTable, object: IommufdObject) {
            if (object instanceof Hwpt) object.abort();
            else abort.call(this, object);
          },
      ),
  ],
  [
    'a result that is one byte longer than the buffer of the caller',
    () =>
      replace(
        AddressSpace.prototype,
        'writePart',
        (writePart) =>
          function (this: AddressSpace, address: bigint, bytes: Uint8Array, from: number, end: number) {
            writePart.call(this, address, bytes, from, end);
            const behind = address + BigInt(end);
            if (this.pinnablePages(behind, 1) === 1) writePart.call(this, behind, Uint8Array.of(0xee), 0, 1);
          },
      ),
  ],
  [
    'locked pages that stay counted',
    () =>
      replace(
        LockedPages.prototype,
        'remove',
        (remove) =>
          function (this: LockedPages, pages: number) {
            remove.call(this, pages > 2 ? pages - 1 : pages);
          },
      ),
  ],
];
