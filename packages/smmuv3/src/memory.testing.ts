import { PAGE, PAGE_SIZE, type TranslationMemory, type TranslationTable } from './memory.js';

/** A byte of a block of memory. */
export interface TestPlace {
  /** The block. */
  readonly bytes: Uint8Array;
  /** Index of the byte. */
  readonly byte: number;
  /** Number of bytes from there to the end of the block. */
  readonly length: number;
}

/** Zeroed memory at a physical address. */
export interface Block {
  readonly address: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Address of the first byte of memory. */
const FIRST = 0x4000_0000n;

/**
 * Physical memory of a machine: blocks that are allocated and freed, and tables that are objects. Addresses are not
 * reused.
 */
export class TestMemory implements TranslationMemory<TestPlace> {
  private blocks: Block[] = [];
  private readonly tables = new Map<bigint, TranslationTable<TestPlace>>();
  private next = FIRST;

  alloc(length: number, align: number = PAGE_SIZE): Block {
    const address = this.take(length, Math.max(align, PAGE_SIZE));
    const block = { address, bytes: new Uint8Array(length) };
    this.blocks.push(block);
    return block;
  }

  /** Allocates zeroed memory at a given address. */
  allocAt(address: bigint, length: number): Block {
    const block = { address, bytes: new Uint8Array(length) };
    this.blocks.push(block);
    return block;
  }

  free(address: bigint): void {
    this.blocks = this.blocks.filter((block) => block.address !== address);
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const place = this.place(address);
    return place && place.length >= length ? this.bytes(place, 0, length) : undefined;
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const target = this.read(address, bytes.length);
    target?.set(bytes);
    return target !== undefined;
  }

  place(address: bigint): TestPlace | undefined {
    const found = this.blocks.find(
      (block) => address >= block.address && address < block.address + BigInt(block.bytes.length),
    );
    if (found === undefined) return undefined;
    const byte = Number(address - found.address);
    return { bytes: found.bytes, byte, length: found.bytes.length - byte };
  }

  within({ bytes, byte, length }: TestPlace, offset: number): TestPlace | undefined {
    const rest = Math.min(length, PAGE_SIZE) - offset;
    return rest > 0 ? { bytes, byte: byte + offset, length: rest } : undefined;
  }

  bytes({ bytes, byte }: TestPlace, offset: number, length: number): Uint8Array {
    return bytes.subarray(byte + offset, byte + offset + length);
  }

  store({ bytes, byte }: TestPlace, offset: number, data: Uint8Array): boolean {
    bytes.set(data, byte + offset);
    return true;
  }

  addTable(table: TranslationTable<TestPlace>): bigint {
    const address = this.take(1, PAGE_SIZE);
    this.tables.set(address, table);
    return address;
  }

  removeTable(address: bigint): void {
    this.tables.delete(address);
  }

  table(address: bigint): TranslationTable<TestPlace> | undefined {
    return this.tables.get(address);
  }

  private take(length: number, align: number): bigint {
    const step = BigInt(align);
    const address = ((this.next + step - 1n) / step) * step;
    this.next = address + BigInt(Math.ceil(length / PAGE_SIZE)) * PAGE;
    return address;
  }
}
