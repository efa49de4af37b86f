import { PROT_EXEC } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { RangeMap } from '../lib/range-map.js';
import type { Vma } from '../process/address-space.js';
import type { MappedPages } from '../iommu/viommu.js';
import type { File } from '../process/file.js';
import { allocate } from '../process/failure-points.js';
import type { LocalMemory } from '../process/memory-object.js';
import { PAGE, PAGE_SIZE } from '../process/page.js';
import type { IommufdObject } from './object.js';
import { restorable } from '../lib/restorable.js';

interface Region {
  readonly memory: LocalMemory;
  /** The object that a mapping of the region holds. */
  readonly owner: IommufdObject;
}

/** A mapping holds the object that owns its memory. */
const holds = restorable('MmapTable.watcher', (owner: IommufdObject) => ({
  opened: () => owner.get(),
  closed: () => owner.put(),
}));

/** The regions that `mmap()` of an iommufd can map, by offset: `mt_mmap` of Linux's `struct iommufd_ctx`. */
export class MmapTable {
  private readonly regions = new RangeMap<Region>();

  constructor(private readonly file: Pick<File, 'mappable'>) {}

  /** Allocates pages for a driver, and an offset for `mmap()`. @throws ENOSPC */
  add(owner: IommufdObject, pages: number): MappedPages {
    const length = BigInt(pages) * PAGE;
    // Offsets do not start at 0, so that a program that forgets the offset gets an error.
    const offset = this.regions.firstGap(PAGE, MAX_OFFSET, length, (start) => start);
    if (offset === undefined) throw fail('ENOSPC');
    allocate('iommufd_alloc_mmap()');
    const memory = this.file.mappable.pages(offset, pages);
    this.regions.insert(offset, offset + length - 1n, { owner, memory });
    return { offset, memory };
  }

  remove(offset: bigint): void {
    this.regions.remove(offset);
  }

  /** `iommufd_fops_mmap()`: a region can only be mapped as a whole. @throws EINVAL if private; EPERM if executable; ENXIO */
  map(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    if (!shared) throw fail('EINVAL');
    if ((prot & PROT_EXEC) !== 0) throw fail('EPERM');
    const entry = this.regions.at(offset);
    if (entry?.start !== offset || entry.value.memory.pageCount !== length / PAGE_SIZE) throw fail('ENXIO');
    const { owner, memory } = entry.value;
    return { object: memory, index: 0, prot, io: true, watcher: holds(owner) };
  }
}

const MAX_OFFSET = 0xffff_ffff_ffff_ffffn;
