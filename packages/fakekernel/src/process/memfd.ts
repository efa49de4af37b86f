import type { Vma } from './address-space.js';
import { File } from './file.js';
import { FileMemory, PrivateMemory } from './memory-object.js';
import { PAGE_SIZE } from './page.js';

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
