import type { Protection } from '../iommu/domain.js';
import { type Physical, ShownMemory } from '../iommu/shown-memory.js';
import type { RangeEntry } from '../lib/range-map.js';
import type { Extent } from '../process/memory-object.js';
import type { KernelMapping, KernelTable } from './physical-memory.js';

/** The attributes of a mapping. */
interface Shown {
  readonly protection: Protection;
  readonly largePages: boolean;
}

/** A mapping of a page table. */
export type ShownEntry = RangeEntry<Physical & Shown>;

/** A page table as an object, without descriptors in memory: the hardware model looks up addresses in it. */
export class PageTable implements KernelTable {
  protected readonly shown = new ShownMemory<Shown>();

  /** @param canWriteOnly true for a second stage; in a first stage, a writable page can also be read */
  constructor(private readonly canWriteOnly: boolean) {}

  map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    { read, write }: Protection,
    largePages: boolean,
  ): void {
    const protection = { read: read || !this.canWriteOnly, write };
    this.shown.map(iova, length, extents, offset, { protection, largePages });
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
