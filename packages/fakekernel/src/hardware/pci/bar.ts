/**
 * The contents of a BAR: registers that handle each access, or memory. {@link registers}, {@link ioPorts} and {@link ram} create
 * declarations for `createDevice`; {@link Bar} is the BAR of a function.
 */
import { restorable } from '../../lib/restorable.js';
import { type AccessSize, getValue, putValue } from '../../process/device-memory.js';
import { AnonymousMemory, type LocalMemory } from '../../process/memory-object.js';
import {
  PCI_BASE_ADDRESS_MEM_PREFETCH,
  PCI_BASE_ADDRESS_MEM_TYPE_64,
  PCI_BASE_ADDRESS_SPACE_IO,
  PCI_STD_NUM_BARS,
} from './registers.js';

/** Registers of a device. Offsets are in bytes from the start of the BAR, values are little-endian numbers. */
export interface Registers {
  /**
   * Reads a register.
   * @returns the value, of which only the bits of `size` are used; undefined if the register does not exist, which reads as ones
   */
  read(offset: number, size: AccessSize): bigint | number | undefined;
  /** Writes a register. A write to a register that does not exist is ignored. */
  write(offset: number, size: AccessSize, value: bigint): void;
}

/** The declaration of a BAR. */
export interface BarDeclaration {
  /** Size in bytes: a power of two, at least 16 for memory and 4 for I/O ports. */
  readonly size: number;
  /** The address space: memory or I/O ports. */
  readonly space: 'memory' | 'io';
  /** True for a 64-bit BAR, which also uses the register of the next BAR. */
  readonly is64?: boolean;
  /** True if reads have no side effects. */
  readonly prefetchable?: boolean;
  /** Its registers; undefined for memory. */
  readonly registers?: Registers;
}

/** An expansion ROM. */
export interface RomDeclaration {
  /** Its images. */
  readonly bytes: Uint8Array;
  /** Size of its BAR in bytes, if it is larger than the images. */
  readonly size?: number;
}

/** Options of a memory BAR, besides its size. */
export type MemoryBarOptions = Pick<BarDeclaration, 'is64' | 'prefetchable'>;

/** Declares a BAR with registers. */
export function registers(size: number, handler: Registers, options: MemoryBarOptions = {}): BarDeclaration {
  return { size, space: 'memory', registers: handler, ...options };
}

/** Declares a BAR with I/O ports. */
export function ioPorts(size: number, handler: Registers): BarDeclaration {
  return { size, space: 'io', registers: handler };
}

/** Declares a BAR with memory, which is zero at first. */
export function ram(size: number, options: MemoryBarOptions = {}): BarDeclaration {
  return { size, space: 'memory', ...options };
}

/** Registers that the function itself has in a BAR: the MSI-X table and its pending bits. */
export interface BarOverlay {
  readonly first: number;
  readonly length: number;
  /** Its registers. Offsets are counted from the start of the overlay. */
  readonly registers: Registers;
}

const PAGE = 4096;
/** Buffer for a value that is copied to or from memory. */
const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** A BAR of a function. The caller must check that its address space is decoded. */
export class Bar {
  readonly size: number;
  private contents: LocalMemory | undefined;
  private readonly overlays: BarOverlay[] = [];

  constructor(readonly declared: BarDeclaration) {
    const { size } = declared;
    this.size = size;
    if (declared.registers === undefined) this.contents = new AnonymousMemory(Math.ceil(size / PAGE));
  }

  /** Its memory; undefined if it has registers. */
  get memory(): LocalMemory | undefined {
    return this.contents;
  }

  /** Moves its contents to other memory. @param memory zeroed memory of the same size */
  moveTo(memory: LocalMemory): void {
    const { contents } = this;
    if (contents === undefined) return;
    for (let index = 0; index < contents.pageCount; index++)
      if (contents.isTouched(index)) memory.page(index).set(contents.pageToRead(index));
    this.contents = memory;
  }

  get isIo(): boolean {
    return this.declared.space === 'io';
  }

  get is64(): boolean {
    return this.declared.is64 === true;
  }

  get isPrefetchable(): boolean {
    return this.declared.prefetchable === true;
  }

  /** The type bits of its register, which software cannot write. */
  get typeBits(): number {
    if (this.isIo) return PCI_BASE_ADDRESS_SPACE_IO;
    const wide = this.is64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0;
    return wide | (this.isPrefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0);
  }

  /** Places registers over a part of it. */
  overlay(overlay: BarOverlay): void {
    this.overlays.push(overlay);
  }

  /** True if a range consists only of memory. */
  isMemory(offset: number, length: number): boolean {
    return this.memory !== undefined && this.overlayOf(offset, length) === undefined;
  }

  private overlayOf(offset: number, length: number): BarOverlay | undefined {
    return this.overlays.find(({ first, length: size }) => first < offset + length && offset < first + size);
  }

  /** Reads once. The access must not exceed the end of the BAR. */
  read(offset: number, size: AccessSize): bigint {
    const over = this.overlayOf(offset, size);
    if (over !== undefined) return valueOf(over.registers.read(offset - over.first, size), size);
    const { memory } = this;
    if (memory === undefined) return valueOf(this.declared.registers?.read(offset, size), size);
    for (let i = 0; i < size; i++) {
      const at = offset + i;
      scratch[i] = memory.pageToRead(Math.floor(at / PAGE))[at % PAGE] ?? 0;
    }
    return getValue(scratchView, 0, size);
  }

  /** Writes once. The access must not exceed the end of the BAR. */
  write(offset: number, size: AccessSize, value: bigint): void {
    const over = this.overlayOf(offset, size);
    if (over !== undefined) {
      over.registers.write(offset - over.first, size, value);
      return;
    }
    const { memory } = this;
    if (memory === undefined) {
      this.declared.registers?.write(offset, size, BigInt.asUintN(8 * size, value));
      return;
    }
    putValue(scratchView, 0, size, value);
    for (let i = 0; i < size; i++) {
      const at = offset + i;
      memory.page(Math.floor(at / PAGE))[at % PAGE] = scratch[i] ?? 0;
    }
  }
}

/** @throws RangeError if a BAR cannot have these properties */
export function checkBar({ size, space, is64 = false, prefetchable = false }: BarDeclaration): void {
  const least = space === 'io' ? 4 : 16;
  const most = is64 ? 2 ** 52 : space === 'io' ? 256 : 2 ** 31;
  if (!Number.isInteger(Math.log2(size)) || size < least || size > most)
    throw new RangeError(`a BAR of ${size} bytes: expected a power of two from ${least} to ${most}`);
  if (space === 'io' && (is64 || prefetchable))
    throw new RangeError('a BAR of I/O ports is neither 64 bits wide nor prefetchable');
}

/** The value of a read. A register that does not exist reads as ones. */
export function valueOf(value: bigint | number | undefined, size: AccessSize): bigint {
  return BigInt.asUintN(8 * size, value === undefined ? -1n : BigInt(value));
}

/** The BARs of a declaration, by index. @throws RangeError if the index after a 64-bit BAR is used */
export function barsOf(declared: readonly (BarDeclaration | undefined)[]): (Bar | undefined)[] {
  if (declared.length > PCI_STD_NUM_BARS) throw new RangeError('a function has six BARs');
  const bars = declared.map((bar) => (bar === undefined ? undefined : new Bar(bar)));
  for (const [index, bar] of bars.entries())
    if (bar?.is64 === true && (bars[index + 1] !== undefined || index + 1 === PCI_STD_NUM_BARS))
      throw new RangeError(`BAR ${index} is of 64 bits: BAR ${index + 1} must be left undefined`);
  return bars;
}

/** The BAR of a ROM. It reads as ones after the end of the images. */
export function romOf(rom: RomDeclaration | undefined): Bar | undefined {
  if (rom === undefined) return undefined;
  const { bytes } = rom;
  const size = rom.size ?? 2 ** Math.ceil(Math.log2(Math.max(bytes.length, 2048)));
  return new Bar({ size, space: 'memory', registers: readOnly(bytes) });
}

const readOnly = restorable('rom', (bytes: Uint8Array): Registers => ({
  read: (offset, length) => {
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
    return value;
  },
  write: () => undefined,
}));
