import { PROT_WRITE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Vma } from './address-space.js';
import { File } from './file.js';
import { FileMemory, HugeFileMemory, PrivateHugeMemory, PrivateMemory } from './memory-object.js';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from './page.js';

/** A file that is nothing but memory. */
export class Memfd extends File {
  override readonly memory: FileMemory;

  /** @param size in bytes */
  constructor(size: number) {
    super();
    this.memory = new FileMemory(size);
  }

  protected override release(): void {
    // Its pages live on where they are mapped or pinned.
  }

  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    const index = Number(offset) / PAGE_SIZE;
    if (shared) return { object: this.memory, index, prot, io: false };
    return { object: new PrivateMemory(this.memory, index, length / PAGE_SIZE), index: 0, prot, io: false };
  }
}

/** The same of huge pages, `MFD_HUGETLB`: a file of hugetlbfs. */
export class HugeMemfd extends File {
  override readonly memory: HugeFileMemory;
  override readonly isHugetlb = true;

  /** @param size in bytes @throws EINVAL unless it is whole huge pages: `hugetlbfs_setattr()` */
  constructor(size: number) {
    super();
    if (size % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
    this.memory = new HugeFileMemory(size);
  }

  protected override release(): void {
    // Its pages live on where they are mapped or pinned.
  }

  /** `hugetlbfs_file_mmap()`. @throws EINVAL for an offset within a huge page */
  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    const start = Number(offset);
    if (start % HUGE_PAGE_SIZE !== 0) throw fail('EINVAL');
    if ((prot & PROT_WRITE) !== 0) this.memory.reach(start + length);
    const index = start / PAGE_SIZE;
    const same = { prot, io: false, isHugetlb: true };
    if (shared) return { object: this.memory, index, ...same };
    return { object: new PrivateHugeMemory(this.memory, index, length / PAGE_SIZE), index: 0, ...same };
  }
}
