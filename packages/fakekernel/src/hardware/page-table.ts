import type { Protection } from '../iommu/domain.js';
import { ShownMemory } from '../iommu/shown-memory.js';
import type { Extent } from '../process/memory-object.js';
import type { KernelMapping, KernelTable } from './physical-memory.js';

interface Shown {
  readonly protection: Protection;
}

/** A page table as an object: no descriptors are written, the hardware model looks addresses up in it. */
export class PageTable implements KernelTable {
  private readonly shown = new ShownMemory<Shown>();

  /** @param canWriteOnly true for a second stage; in a first stage, a writable page is readable too */
  constructor(private readonly canWriteOnly: boolean) {}

  map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    { read, write }: Protection,
  ): void {
    const protection = { read: read || !this.canWriteOnly, write };
    this.shown.map(iova, length, extents, offset, { protection });
  }

  unmap(iova: bigint, length: bigint): void {
    this.shown.unmap(iova, length);
  }

  lookup(address: bigint): KernelMapping | undefined {
    const entry = this.shown.at(address);
    if (entry === undefined) return undefined;
    const { object, byte, protection } = entry.value;
    const place = {
      object,
      byte: byte + Number(address - entry.start),
      length: Number(entry.last - address) + 1,
    };
    return { place, read: protection.read, write: protection.write };
  }
}
