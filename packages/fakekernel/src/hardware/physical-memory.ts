import type { Mapping, TranslationMemory, TranslationTable } from '@iommufd/smmuv3';
import { AnonymousMemory, type MemoryObject } from '../process/memory-object.js';
import { offsetInPage, PAGE, PAGE_SIZE } from '../process/page.js';
import type { Place } from './transaction.js';

/** Where the first byte of physical memory is. Not at 0, so that an address that was never set leads nowhere. */
const FIRST = 0x4000_0000n;

/** Bytes of an object, which are all in one page, in place. */
function bytesAt(object: MemoryObject, byte: number, length: number): Uint8Array {
  const offset = offsetInPage(byte);
  return object.page(Math.floor(byte / PAGE_SIZE)).subarray(offset, offset + length);
}

/** Zeroed memory that the kernel has for structures of the hardware. It takes room from the first time it is looked at. */
export class PhysicalBlock {
  /** All pages that it takes, the last one whole. */
  readonly memory: AnonymousMemory;

  constructor(
    /** Its physical address. */
    readonly address: bigint,
    readonly length: number,
  ) {
    this.memory = new AnonymousMemory(Math.ceil(length / PAGE_SIZE));
  }

  /** All its bytes, in place. */
  get bytes(): Uint8Array {
    return this.memory.inPlace(0, this.length);
  }

  /** Some of its bytes, in place, for as long as the caller does nothing else. */
  at(byte: number, length: number): Uint8Array {
    const { memory } = this;
    const isInOnePage = offsetInPage(byte) + length <= PAGE_SIZE;
    return isInOnePage ? bytesAt(memory, byte, length) : memory.inPlace(byte, length);
  }
}

/**
 * What a {@link KernelTable} says of an address. In its place, `length` is how many bytes from there on are contiguous and
 * equally permitted.
 */
export type KernelMapping = Mapping<Place>;

/** A translation table that the kernel keeps as an object: its address is what STE.S2TTB or CD.TTB0 holds. */
export type KernelTable = TranslationTable<Place>;

/**
 * The physical memory that hardware and driver share: stream tables, context descriptors, queues. The users' pages
 * are not in it; they are memory objects and reached through {@link KernelTable}s.
 */
export class PhysicalMemory implements TranslationMemory<Place> {
  /** By rising address, which is the order in which they are allocated. */
  private readonly regions: PhysicalBlock[] = [];
  private readonly tables = new Map<bigint, KernelTable>();
  private next = FIRST;

  /**
   * Zeroed memory.
   * @param length bytes, 1 or more
   * @param align a power of two that the physical address is a multiple of
   */
  alloc(length: number, align: number = PAGE_SIZE): PhysicalBlock {
    const address = this.take(Math.ceil(length / PAGE_SIZE), align);
    const region = new PhysicalBlock(address, length);
    this.regions.push(region);
    return region;
  }

  /** Gives memory back. @throws RangeError if nothing was allocated at the address */
  free(address: bigint): void {
    const index = this.indexAt(address);
    if (this.regions[index]?.address !== address) {
      throw new RangeError(`no memory was allocated at 0x${address.toString(16)}`);
    }
    this.regions.splice(index, 1);
  }

  /** Bytes in place. @returns undefined where there is not memory for all of them: an external abort */
  read(address: bigint, length: number): Uint8Array | undefined {
    const region = this.regionAt(address);
    if (region === undefined) return undefined;
    const offset = Number(address - region.address);
    return offset + length <= region.length ? region.at(offset, length) : undefined;
  }

  /** Writes bytes. @returns false where there is not memory for all of them: an external abort */
  write(address: bigint, bytes: Uint8Array): boolean {
    const target = this.read(address, bytes.length);
    target?.set(bytes);
    return target !== undefined;
  }

  /** Bytes of an object, which are all in one page, in place. */
  bytes({ object, byte }: Place, offset: number, length: number): Uint8Array {
    return bytesAt(object, byte + offset, length);
  }

  /** The rest of a page from an offset on; undefined if the page is not all there. */
  within({ object, byte, length, written }: Place, offset: number): Place | undefined {
    const rest = Math.min(length, PAGE_SIZE) - offset;
    if (rest <= 0) return undefined;
    const place = { object, byte: byte + offset, length: rest };
    return written === undefined ? place : { ...place, written: (count) => written(offset + count) };
  }

  /** Where a transaction with a physical address goes. @returns undefined where nothing is */
  place(address: bigint): Place | undefined {
    const region = this.regionAt(address);
    if (region === undefined) return undefined;
    const byte = Number(address - region.address);
    const length = region.length - byte;
    return length > 0 ? { object: region.memory, byte, length } : undefined;
  }

  private regionAt(address: bigint): PhysicalBlock | undefined {
    const region = this.regions[this.indexAt(address)];
    if (region === undefined) return undefined;
    return address < region.address + BigInt(region.memory.pageCount) * PAGE ? region : undefined;
  }

  /** The last region that begins at an address or before it; -1 if there is none. */
  private indexAt(address: bigint): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const region = this.regions[middle];
      if (region !== undefined && region.address <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Gives a table an address. */
  addTable(table: KernelTable): bigint {
    const address = this.take(1, PAGE_SIZE);
    this.tables.set(address, table);
    return address;
  }

  /** @throws RangeError if there is no table at the address */
  removeTable(address: bigint): void {
    if (!this.tables.delete(address)) throw new RangeError(`there is no table at 0x${address.toString(16)}`);
  }

  /** The table at an address. */
  table(address: bigint): KernelTable | undefined {
    return this.tables.get(address);
  }

  /** Addresses are used once: what was freed aborts for good, instead of showing what came after it. */
  private take(pages: number, align: number): bigint {
    const step = BigInt(Math.max(align, PAGE_SIZE));
    const address = ((this.next + step - 1n) / step) * step;
    this.next = address + BigInt(pages) * PAGE;
    return address;
  }
}
