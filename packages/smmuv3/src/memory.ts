/**
 * What an SMMU sees of the memory of its machine: where its queues and tables are. The fake hardware gives it physical
 * memory, a monitor the RAM of its guest.
 */
export interface SystemMemory {
  /**
   * Reads.
   * @param address physical, of 64 bits
   * @param length bytes, 1 or more
   * @returns the bytes, perhaps in place: they are used at once and not kept; undefined for an external abort, if not all of
   *   them are memory
   */
  read(address: bigint, length: number): Uint8Array | undefined;
  /**
   * Writes.
   * @param address physical, of 64 bits
   * @param bytes what is written; not kept
   * @returns false for an external abort, if not all of it is memory: nothing is written then
   */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** Bytes of the pages in which translations are cached. */
export const PAGE_SIZE = 4096;
/** The same as bigint, for addresses. */
export const PAGE = BigInt(PAGE_SIZE);

/** What a page of a translation table lets through. */
export interface Permissions {
  /** Data may be read. */
  readonly read: boolean;
  /** Data may be written. */
  readonly write: boolean;
  /** Which instructions may be fetched: all if it is left out. */
  readonly execute?: 'all' | 'privileged' | 'unprivileged' | 'none' | undefined;
}

/** What a table says of an address. */
export interface Mapping<P> extends Permissions {
  /** Where it leads. */
  readonly place: P;
}

/** A translation table that is an object, and not descriptors in memory. */
export interface TranslationTable<P> {
  /** Translates an input address. @returns undefined where nothing is mapped */
  lookup(address: bigint): Mapping<P> | undefined;
}

/**
 * Memory that transactions go to: a place `P` stands for a physical address. That is the address itself
 * ({@link physicalPlaces}) or, for an owner that keeps memory as objects, where it is in one of them.
 */
export interface TranslationMemory<P> extends SystemMemory {
  /** The place of a physical address; undefined for an external abort, if there is no memory. */
  place(address: bigint): P | undefined;
  /**
   * The place some bytes behind another one, in the same page.
   * @param place of the first byte of a page
   * @param offset bytes, less than 4096
   * @returns undefined for an external abort, if the page has no memory there
   */
  within(place: P, offset: number): P | undefined;
  /**
   * Bytes from a place on, all in one page.
   * @param offset where they begin, bytes from the place
   * @returns as {@link SystemMemory.read}
   */
  bytes(place: P, offset: number, length: number): Uint8Array | undefined;
  /**
   * The table that an address stands for, if it is an object. Its address is what CD.TTB0 or STE.S2TTB holds.
   * @returns undefined if there are descriptors in memory at the address, or nothing
   */
  table?(address: bigint): TranslationTable<P> | undefined;
}

/**
 * Memory whose places are the physical addresses themselves. Whether there is memory at an address that a transaction goes to
 * is for the owner of the memory to see.
 * @param memory where queues and tables are
 */
export function physicalPlaces(memory: SystemMemory): TranslationMemory<bigint> {
  return {
    read: (address, length) => memory.read(address, length),
    write: (address, bytes) => memory.write(address, bytes),
    place: (address) => address,
    within: (place, offset) => place + BigInt(offset),
    bytes: (place, offset, length) => memory.read(place + BigInt(offset), length),
  };
}
