/**
 * The memory of a machine as its SMMU accesses it. {@link SystemMemory} is bytes at physical addresses, for queues and
 * tables: the fake hardware implements it by physical memory, a monitor by the RAM of its guest. {@link TranslationMemory}
 * adds the places that transactions go to; {@link physicalPlaces} is the case where a place is its physical address.
 */

/** Physical memory that holds queues, tables and MSI targets. */
export interface SystemMemory {
  /**
   * Reads bytes.
   * @param address physical, 64 bits
   * @param length in bytes, at least 1
   * @returns the bytes, possibly a view of the memory itself: the SMMU uses them at once and does not keep them. Undefined
   *   for an external abort, if any byte is not memory
   */
  read(address: bigint, length: number): Uint8Array | undefined;
  /**
   * Writes bytes.
   * @param address physical, 64 bits
   * @param bytes the data; not kept
   * @returns false for an external abort, if any byte is not memory; nothing is written then
   */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** Bytes of the pages in which translations are cached. */
export const PAGE_SIZE = 4096;
/** The same as bigint, for addresses. */
export const PAGE = BigInt(PAGE_SIZE);

/** The permissions of a page. */
export interface Permissions {
  /** Data may be read. */
  readonly read: boolean;
  /** Data may be written. */
  readonly write: boolean;
  /** Which accesses may fetch instructions; all by default. */
  readonly execute?: 'all' | 'privileged' | 'unprivileged' | 'none' | undefined;
}

/** A translated page. */
export interface Mapping<P> extends Permissions {
  /** The page's place in memory. */
  readonly place: P;
}

/** A page of a {@link TranslationTable}. */
export interface TableMapping<P> extends Mapping<P> {
  /**
   * Present if the page is writable and clean: a write marks it dirty through this, or faults if hardware does not mark pages of
   * the table (Arm IHI 0070, 3.13.3). `write` is true.
   */
  readonly markDirty?: (() => void) | undefined;
}

/** A translation table that is an object instead of descriptors in memory. */
export interface TranslationTable<P> {
  /** Translates an input address. @returns undefined if it is not mapped */
  lookup(address: bigint): TableMapping<P> | undefined;
}

/**
 * Memory that transactions go to. A place `P` stands for a physical address: the address itself
 * ({@link physicalPlaces}) or, if memory is kept as objects, an object and an offset.
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
   * The table object that an address in CD.TTB0 or STE.S2TTB stands for.
   * @returns undefined if the table is descriptors in memory
   */
  table?(address: bigint): TranslationTable<P> | undefined;
}

/**
 * Memory whose places are the physical addresses themselves. Whether a translated address is memory is not checked: the
 * caller does that when it accesses it.
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
