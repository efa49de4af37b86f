/** Accesses to registers of 8 to 64 bits: the common base of regions and their mappings. */
import { Call, type Owner } from '../calls/arguments/call.js';
import { byteCount, integer, u32, u64 } from '../calls/arguments/kinds.js';

/** Size of an access, in bytes. */
export type RegisterSize = 1 | 2 | 4 | 8;

/** The methods of {@link Registers}. */
const NAMES = ['read8', 'read16', 'read32', 'read64', 'write8', 'write16', 'write32', 'write64'] as const;
const VALUES = { 8: integer(0, 0xff), 16: integer(0, 0xffff), 32: u32, 64: u64 } as const;

/** The argument checks of the methods. */
export type RegisterCalls = Readonly<Record<(typeof NAMES)[number], Call>>;

/** Creates the argument checks. @param name the name of the class */
export function registerCalls(name: string): RegisterCalls {
  const offset = byteCount(0);
  const made = NAMES.map((method) => {
    const bits = Number(/\d+/.exec(method)?.[0]) as keyof typeof VALUES;
    const parameters = method.startsWith('write') ? { offset, value: VALUES[bits] } : { offset };
    return [method, new Call(`${name}.${method}`, parameters)] as const;
  });
  // The entries are made from NAMES.
  return Object.fromEntries(made) as unknown as RegisterCalls;
}

/**
 * Little-endian registers by their offset. An access that is aligned to its size is one access of the device.
 * Offsets are in bytes, from 0 to the size of the region minus that of the access.
 */
export abstract class Registers implements Owner {
  /** Size in bytes. */
  abstract readonly size: number;
  protected abstract readonly checks: RegisterCalls;

  /** Reads a register of 8 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  read8(offset: number): number {
    this.checks.read8.check(this, offset);
    return Number(this.load(offset, 1));
  }

  /** Reads a register of 16 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  read16(offset: number): number {
    this.checks.read16.check(this, offset);
    return Number(this.load(offset, 2));
  }

  /** Reads a register of 32 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  read32(offset: number): number {
    this.checks.read32.check(this, offset);
    return Number(this.load(offset, 4));
  }

  /** Reads a register of 64 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  read64(offset: number): bigint {
    this.checks.read64.check(this, offset);
    return BigInt(this.load(offset, 8));
  }

  /** Writes a register of 8 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  write8(offset: number, value: number): void {
    this.checks.write8.check(this, offset, value);
    this.store(offset, 1, value);
  }

  /** Writes a register of 16 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  write16(offset: number, value: number): void {
    this.checks.write16.check(this, offset, value);
    this.store(offset, 2, value);
  }

  /** Writes a register of 32 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  write32(offset: number, value: number): void {
    this.checks.write32.check(this, offset, value);
    this.store(offset, 4, value);
  }

  /** Writes a register of 64 bits. @throws RangeError if the offset is out of range; IommufdError as the access */
  write64(offset: number, value: bigint): void {
    this.checks.write64.check(this, offset, value);
    this.store(offset, 8, value);
  }

  /** @internal */
  abstract openFor(where: Parameters<Owner['openFor']>[0]): ReturnType<Owner['openFor']>;

  protected abstract load(offset: number, size: RegisterSize): number | bigint;
  protected abstract store(offset: number, size: RegisterSize, value: number | bigint): void;
}
