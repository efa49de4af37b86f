/**
 * What is behind a BAR: registers that answer access by access, or memory. {@link registers}, {@link ioPorts} and {@link ram}
 * make what `createDevice` takes; {@link Bar} is the BAR of a function.
 */
import { type AccessSize, getValue, putValue } from '../../process/device-memory.js';
import { AnonymousMemory, type LocalMemory } from '../../process/memory-object.js';
import {
  PCI_BASE_ADDRESS_MEM_PREFETCH,
  PCI_BASE_ADDRESS_MEM_TYPE_64,
  PCI_BASE_ADDRESS_SPACE_IO,
} from './registers.js';

/** Registers of a device. Offsets are in bytes from the start of the BAR, values are little-endian numbers. */
export interface Registers {
  /** @returns the value; higher bits than of `size` are ignored. Undefined for a register that is not there reads as ones */
  read(offset: number, size: AccessSize): bigint | number | undefined;
  /** Takes a value. What is written to a register that is not there is lost. */
  write(offset: number, size: AccessSize, value: bigint): void;
}

/** A BAR as it is declared. */
export interface BarDeclaration {
  /** In bytes: a power of two, 16 or more for memory, 4 or more for I/O ports. */
  readonly size: number;
  /** Memory, or I/O ports. */
  readonly space: 'memory' | 'io';
  /** A 64-bit BAR takes the next BAR's register as well. */
  readonly is64?: boolean;
  /** Reading has no side effects. */
  readonly prefetchable?: boolean;
  /** Registers, or undefined for memory. */
  readonly registers?: Registers;
}

/** How a memory BAR is declared beside its size. */
export type MemoryBarOptions = Pick<BarDeclaration, 'is64' | 'prefetchable'>;

/** A BAR with registers. */
export function registers(size: number, handler: Registers, options: MemoryBarOptions = {}): BarDeclaration {
  return { size, space: 'memory', registers: handler, ...options };
}

/** A BAR with I/O ports. */
export function ioPorts(size: number, handler: Registers): BarDeclaration {
  return { size, space: 'io', registers: handler };
}

/** A BAR with memory, which begins as zeros. */
export function ram(size: number, options: MemoryBarOptions = {}): BarDeclaration {
  return { size, space: 'memory', ...options };
}

/** Registers that the function itself has inside a BAR: the MSI-X table and its pending bits. */
export interface BarOverlay {
  readonly first: number;
  readonly length: number;
  /** Offsets are from the start of the overlay. */
  readonly registers: Registers;
}

const PAGE = 4096;
/** A value on its way to memory or from it. */
const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** A BAR of a function. Whether its space is decoded is for the caller to know. */
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

  /** Puts its memory elsewhere, with what is in it. @param memory zeros, as large as that of the BAR */
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

  /** The lower bits of its register. */
  get typeBits(): number {
    if (this.isIo) return PCI_BASE_ADDRESS_SPACE_IO;
    const wide = this.is64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0;
    return wide | (this.isPrefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0);
  }

  /** Puts registers over a part of it. */
  overlay(overlay: BarOverlay): void {
    this.overlays.push(overlay);
  }

  /** Is a range nothing but memory? */
  isMemory(offset: number, length: number): boolean {
    return this.memory !== undefined && this.overlayOf(offset, length) === undefined;
  }

  private overlayOf(offset: number, length: number): BarOverlay | undefined {
    return this.overlays.find(({ first, length: size }) => first < offset + length && offset < first + size);
  }

  /** One access. It does not go beyond the end. */
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

  /** One access. It does not go beyond the end. */
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

/** @throws RangeError for what no BAR can be */
export function checkBar({ size, space, is64 = false, prefetchable = false }: BarDeclaration): void {
  const least = space === 'io' ? 4 : 16;
  const most = is64 ? 2 ** 52 : space === 'io' ? 256 : 2 ** 31;
  if (!Number.isInteger(Math.log2(size)) || size < least || size > most)
    throw new RangeError(`a BAR of ${size} bytes: expected a power of two from ${least} to ${most}`);
  if (space === 'io' && (is64 || prefetchable))
    throw new RangeError('a BAR of I/O ports is neither 64 bits wide nor prefetchable');
}

/** Registers that are not there read as ones. */
export function valueOf(value: bigint | number | undefined, size: AccessSize): bigint {
  return BigInt.asUintN(8 * size, value === undefined ? -1n : BigInt(value));
}
