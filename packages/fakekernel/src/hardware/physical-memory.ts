/**
 * Physical memory that the SMMU and its driver share: queues, stream tables and context descriptors, each in an allocated block.
 * User pages are memory objects without a physical address. Page tables are objects too: CD.TTB0 and STE.S2TTB refer to them by
 * an address without memory ({@link PhysicalMemory.table}).
 */
import type { TableMapping, TranslationMemory, TranslationTable } from '@iommufd/smmuv3';
import { AnonymousMemory } from '../process/memory-object.js';
import { offsetInPage, PAGE, PAGE_SIZE } from '../process/page.js';
import type { MemoryTarget } from './transaction.js';

/** The first physical address. Not 0, so that an unset address aborts. */
const FIRST = 0x4000_0000n;

/** Size of a descriptor of a table, in bytes. */
const WORD_BYTES = 8;

/** Zeroed memory for a structure of the hardware. Pages are allocated on first access. */
export class PhysicalBlock {
  /** Its pages. The last page is a whole page. */
  readonly memory: AnonymousMemory;
  /** The physical address behind its last page. */
  readonly end: bigint;

  constructor(
    /** Its physical address. */
    readonly address: bigint,
    readonly length: number,
  ) {
    this.memory = new AnonymousMemory(Math.ceil(length / PAGE_SIZE));
    this.end = address + BigInt(this.memory.pageCount) * PAGE;
  }

  /** A view of all its bytes. */
  get bytes(): Uint8Array {
    return this.memory.inPlace(0, this.length);
  }

  /** A view of some of its bytes. It is valid until the caller accesses other memory. */
  at(byte: number, length: number): Uint8Array {
    const { memory } = this;
    const isInOnePage = offsetInPage(byte) + length <= PAGE_SIZE;
    return isInOnePage ? memory.look(byte, length) : memory.inPlace(byte, length);
  }
}

/** A mapping of a {@link KernelTable}. `length` of its place is the number of contiguous bytes with the same permissions. */
export type KernelMapping = TableMapping<MemoryTarget>;

/** A page table object of the kernel. STE.S2TTB or CD.TTB0 holds its address. */
export type KernelTable = TranslationTable<MemoryTarget>;

/** The memory that an SMMU and its driver share. */
export class PhysicalMemory implements TranslationMemory<MemoryTarget> {
  /** In order of address, which is also the order of allocation. */
  private readonly regions: PhysicalBlock[] = [];
  private readonly tables = new Map<bigint, KernelTable>();
  private next = FIRST;
  /** Buffer for copies of words: creating a view of each word would take longer. */
  private readonly word = new Uint8Array(WORD_BYTES);

  /**
   * Allocates zeroed memory.
   * @param length in bytes, at least 1
   * @param align alignment of the physical address, a power of two
   */
  alloc(length: number, align: number = PAGE_SIZE): PhysicalBlock {
    const address = this.take(Math.ceil(length / PAGE_SIZE), align);
    const region = new PhysicalBlock(address, length);
    this.regions.push(region);
    return region;
  }

  /** Frees a block. @throws RangeError if no block was allocated at the address */
  free(address: bigint): void {
    const index = this.indexAt(address);
    if (this.regions[index]?.address !== address) {
      throw new RangeError(`no memory was allocated at 0x${address.toString(16)}`);
    }
    this.regions.splice(index, 1);
  }

  /** A view of bytes. @returns undefined for an external abort, if a byte is not memory */
  read(address: bigint, length: number): Uint8Array | undefined {
    const region = this.regionAt(address);
    if (region === undefined) return undefined;
    const offset = Number(address - region.address);
    return offset + length <= region.length ? region.at(offset, length) : undefined;
  }

  /** Writes bytes. @returns false for an external abort, if a byte is not memory */
  write(address: bigint, bytes: Uint8Array): boolean {
    const region = this.regionAt(address);
    if (region === undefined) return false;
    const offset = Number(address - region.address);
    if (offset + bytes.length > region.length) return false;
    region.memory.write(offset, bytes);
    return true;
  }

  /** Bytes of a memory object within one page, for reading at once. */
  bytes({ object, byte }: MemoryTarget, offset: number, length: number): Uint8Array {
    if (length !== WORD_BYTES) return object.look(byte + offset, length);
    object.read(byte + offset, this.word);
    return this.word;
  }

  /** Writes bytes of a memory object within one page. */
  store({ object, byte, written }: MemoryTarget, offset: number, bytes: Uint8Array): boolean {
    written?.(bytes.length);
    object.write(byte + offset, bytes);
    return true;
  }

  /** The memory at an offset into a page; undefined if the byte is not memory. */
  within({ object, byte, length, written }: MemoryTarget, offset: number): MemoryTarget | undefined {
    const rest = Math.min(length, PAGE_SIZE) - offset;
    if (rest <= 0) return undefined;
    const place = { object, byte: byte + offset, length: rest };
    return written === undefined ? place : { ...place, written: (count) => written(offset + count) };
  }

  /** The memory at a physical address. @returns undefined for an external abort, if it is not memory */
  place(address: bigint): MemoryTarget | undefined {
    const region = this.regionAt(address);
    if (region === undefined) return undefined;
    const byte = Number(address - region.address);
    const length = region.length - byte;
    return length > 0 ? { object: region.memory, byte, length } : undefined;
  }

  private regionAt(address: bigint): PhysicalBlock | undefined {
    const region = this.regions[this.indexAt(address)];
    return region !== undefined && address < region.end ? region : undefined;
  }

  /** Index of the last region that begins at or before an address; -1 if all regions begin after it. */
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

  /** Assigns an address to a table. */
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

  /** Addresses are never reused, so that an access to freed memory aborts. */
  private take(pages: number, align: number): bigint {
    const step = BigInt(Math.max(align, PAGE_SIZE));
    const address = ((this.next + step - 1n) / step) * step;
    this.next = address + BigInt(pages) * PAGE;
    return address;
  }
}
