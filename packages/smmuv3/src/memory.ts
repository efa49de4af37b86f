/**
 * The memory of a machine as its SMMU accesses it. {@link SystemMemory} gives access by physical address, for queues
 * and tables: the fake hardware implements it with physical memory, a monitor with the RAM of its guest. {@link
 * TranslationMemory} adds places, which are the targets of transactions; {@link physicalPlaces} is the case where a
 * place is its physical address.
 */

/** Physical memory that holds queues, tables and MSI targets. */
export interface SystemMemory {
  /**
   * Reads bytes.
   * @param address physical, 64 bits
   * @param length in bytes, at least 1
   * @returns the bytes, possibly a view of the memory itself: the SMMU uses them at once and does not keep them.
   *   Undefined for an external abort, if a byte is not memory
   */
  read(address: bigint, length: number): Uint8Array | undefined;
  /**
   * Writes bytes.
   * @param address physical, 64 bits
   * @param bytes the data; not kept
   * @returns false, with nothing written, for an external abort, if a byte is not memory
   */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** Size in bytes of the pages in which translations are cached. */
export const PAGE_SIZE = 4096;
/** The same as bigint, for addresses. */
export const PAGE = BigInt(PAGE_SIZE);

/** The permissions of a page. */
export interface Permissions {
  /** True if data may be read. */
  readonly read: boolean;
  /** True if data may be written. */
  readonly write: boolean;
  /** The accesses that may fetch instructions. Default: all. */
  readonly execute?: 'all' | 'privileged' | 'unprivileged' | 'none' | undefined;
}

/** A translated page. */
export interface Mapping<P> extends Permissions {
  /** The place of the page in memory. */
  readonly place: P;
}

/** A page of a {@link TranslationTable}. */
export interface TableMapping<P> extends Mapping<P> {
  /**
   * Present if the page is writable and clean; then `write` is true. A write calls it to mark the page dirty, or faults
   * if the hardware does not mark pages of this table dirty (Arm IHI 0070, 3.13.3).
   */
  readonly markDirty?: (() => void) | undefined;
}

/** A translation table that is an object instead of descriptors in memory. */
export interface TranslationTable<P> {
  /** Translates an input address. @returns undefined if it is not mapped */
  lookup(address: bigint): TableMapping<P> | undefined;
}

/**
 * Memory that is the target of transactions. A place `P` represents a physical address: the address itself
 * ({@link physicalPlaces}) or, if memory consists of objects, an object and an offset.
 */
export interface TranslationMemory<P> extends SystemMemory {
  /** The place of a physical address; undefined for an external abort, if the address is not memory. */
  place(address: bigint): P | undefined;
  /**
   * The place at an offset from another, in the same page.
   * @param place the first byte of a page
   * @param offset in bytes, less than 4096
   * @returns undefined for an external abort, if the byte is not memory
   */
  within(place: P, offset: number): P | undefined;
  /**
   * Reads bytes at a place, all in one page.
   * @param offset of the first byte, in bytes from the place
   * @returns as {@link SystemMemory.read}
   */
  bytes(place: P, offset: number, length: number): Uint8Array | undefined;
  /**
   * Writes bytes at a place, all in one page: flags of a descriptor that hardware updates.
   * @param offset of the first byte, in bytes from the place
   * @returns as {@link SystemMemory.write}
   */
  store(place: P, offset: number, bytes: Uint8Array): boolean;
  /**
   * The table object that an address in CD.TTB0 or STE.S2TTB refers to.
   * @returns undefined if the table is descriptors in memory
   */
  table?(address: bigint): TranslationTable<P> | undefined;
}

/**
 * Memory whose places are the physical addresses themselves. It does not check that a translated address is memory; the
 * caller does when it accesses the address.
 * @param memory holds queues and tables
 */
export function physicalPlaces(memory: SystemMemory): TranslationMemory<bigint> {
  return {
    read: (address, length) => memory.read(address, length),
    write: (address, bytes) => memory.write(address, bytes),
    place: (address) => address,
    within: (place, offset) => place + BigInt(offset),
    bytes: (place, offset, length) => memory.read(place + BigInt(offset), length),
    store: (place, offset, bytes) => memory.write(place + BigInt(offset), bytes),
  };
}
