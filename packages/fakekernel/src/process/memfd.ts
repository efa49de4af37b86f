import { PROT_WRITE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Vma } from './address-space.js';
import { FileMemory, PrivateMemory } from './file-memory.js';
import { File } from './file.js';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from './page.js';

/** A file of memory: `memfd_create()`. */
export class Memfd extends File {
  override readonly memory: FileMemory;

  /** @param size in bytes */
  constructor(size: number) {
    super();
    this.memory = new FileMemory(size, false);
  }

  protected override release(): void {
    // Mappings and pins keep its pages.
  }

  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    const index = Number(offset) / PAGE_SIZE;
    if (shared) return { object: this.memory, index, prot, io: false };
    return { object: new PrivateMemory(this.memory, index, length / PAGE_SIZE), index: 0, prot, io: false };
  }
}

/** A memfd of huge pages, `MFD_HUGETLB`: a file on hugetlbfs. */
export class HugeMemfd extends File {
  override readonly memory: FileMemory;
  override readonly isHugetlb = true;

  /** @param size in bytes @throws EINVAL if it is not a multiple of the huge page size: `hugetlbfs_setattr()` */
  constructor(size: number) {
    super();
    if (size % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
    this.memory = new FileMemory(size, true);
  }

  protected override release(): void {
    // Mappings and pins keep its pages.
  }

  /** `hugetlbfs_file_mmap()`. @throws EINVAL if the offset is not a multiple of the huge page size */
  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    const start = Number(offset);
    if (start % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
    if ((prot & PROT_WRITE) !== 0) this.memory.reach(start + length);
    const index = start / PAGE_SIZE;
    const same = { prot, io: false, isHugetlb: true };
    if (shared) return { object: this.memory, index, ...same };
    return { object: new PrivateMemory(this.memory, index, length / PAGE_SIZE), index: 0, ...same };
  }
}
