import { SMMU_CR0, smmuv3_register } from '@iommufd/uapi';
import type { Departures } from './departures.js';
import type { Features } from './features.js';
import { fieldNames, mask32 } from './fields.js';
import {
  type Guard,
  registerTable32,
  registerTable64,
  type RegisterFeature,
  type RegisterPart,
  type RegisterRule,
} from './register-table.js';
import {
  type Register32,
  type Register64,
  type Registers,
  REGISTERS_32,
  REGISTERS_64,
  resetRegisters,
} from './registers.js';

/** Called after software has written a register. */
export type Written = (name: Register32 | Register64) => void;

/** Writable bits of a register. Bits of unsupported features are omitted. */
interface Part<Bits extends number | bigint> {
  readonly bits: Bits;
  readonly guard: Guard | undefined;
}

/** The contents of one 4-byte offset. */
type Slot =
  /** Read-only and constant. */
  | { readonly kind: 'constant'; readonly value: number }
  /** Read-only, with the value of another register: the acknowledge registers. */
  | { readonly kind: 'mirror'; readonly of: Register32; readonly bits: number }
  | {
      readonly kind: 'register32';
      readonly name: Register32;
      readonly parts: readonly Part<number>[];
      readonly update: number | undefined;
    }
  /** Half of a 64-bit register: 0 the lower, 1 the upper. */
  | {
      readonly kind: 'register64';
      readonly name: Register64;
      readonly half: 0 | 1;
      readonly parts: readonly Part<bigint>[];
    };

const LOW = 0xffff_ffffn;
const ALL_32 = 0xffff_ffff;
/** SMMU_CR0ACK has the fields of SMMU_CR0 alone (6.3.10). */
const CR0_FIELDS = mask32(SMMU_CR0, ...fieldNames(SMMU_CR0));
const ALL_64 = 0xffff_ffff_ffff_ffffn;
/** The bits that an address in a 64-bit register can have. */
const ADDRESSES = (1n << 56n) - 1n;

/** Size of an access in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

/**
 * The two 64 KiB register pages as software accesses them: the offset of each register, its currently writable bits, and its
 * value when read. The {@link Written} callback implements the effects of a write.
 *
 * Where the architecture leaves a choice (Arm IHI 0070, 6.2), the access has no effect. Accesses of 1 and 2 bytes, and
 * those that are not aligned to their size, are RAZ/WI. So are offsets without a register, including the offsets of
 * page 1's registers in page 0. An 8-byte access to two 32-bit registers accesses the lower one and then the upper one.
 */
export class RegisterFile {
  /** The register values. The SMMU itself changes them here. */
  readonly registers: Registers;
  private readonly slots: ReadonlyMap<number, Slot>;

  /**
   * @param features determine the writable bits and the identification registers
   * @param abortsAtReset the reset value of SMMU_GBPA.ABORT
   */
  constructor(
    features: Features,
    private readonly abortsAtReset = false,
  ) {
    this.registers = resetRegisters(abortsAtReset);
    this.slots = slotsOf(features);
  }

  /** Sets all registers to their reset values. */
  reset(): void {
    Object.assign(this.registers, resetRegisters(this.abortsAtReset));
  }

  /**
   * Restores saved values. Only bits that can differ from their reset value are restored: those that software can
   * write, and the errors in SMMU_GERROR.
   */
  restore(values: Registers): void {
    const initial = resetRegisters(this.abortsAtReset);
    const { registers, slots } = this;
    for (const name of REGISTERS_32) {
      const slot = slots.get(smmuv3_register[name === 'SMMU_GERROR' ? 'SMMU_GERRORN' : name]);
      const mask = slot?.kind === 'register32' ? slot.parts.reduce((all, { bits }) => all | bits, 0) : 0;
      registers[name] = ((initial[name] & ~mask) | (values[name] & mask)) >>> 0;
    }
    for (const name of REGISTERS_64) {
      const slot = slots.get(smmuv3_register[name]);
      const mask = slot?.kind === 'register64' ? slot.parts.reduce((all, { bits }) => all | bits, 0n) : 0n;
      registers[name] = (initial[name] & ~mask) | (values[name] & mask);
    }
  }

  /**
   * Reads a register.
   * @param offset in bytes from the base of page 0
   * @param size in bytes
   */
  read(offset: number, size: 1 | 2 | 4): number;
  /** Reads 8 bytes. */
  read(offset: number, size: 8): bigint;
  /** Reads up to 8 bytes. */
  read(offset: number, size: AccessSize): number | bigint;
  read(offset: number, size: AccessSize): number | bigint {
    if (size !== 8) return size === 4 ? this.read32(offset) : 0;
    if (offset % 8 !== 0) return 0n;
    return BigInt(this.read32(offset)) | (BigInt(this.read32(offset + 4)) << 32n);
  }

  /**
   * Writes a register.
   * @param offset in bytes from the base of page 0
   * @param size in bytes
   * @param value bits beyond the size are ignored
   * @param written called for each register written, even if its value did not change
   */
  write(offset: number, size: AccessSize, value: number | bigint, written: Written): void {
    if (size === 4) {
      const low = typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value));
      return this.write32(offset, low, written);
    }
    if (size !== 8 || offset % 8 !== 0) return;
    const whole = BigInt.asUintN(64, BigInt(value));
    const slot = this.slots.get(offset);
    if (slot?.kind === 'register64') return this.store64(slot, whole, written);
    this.write32(offset, Number(whole & LOW), written);
    this.write32(offset + 4, Number(whole >> 32n), written);
  }

  private read32(offset: number): number {
    const slot = this.slots.get(offset);
    switch (slot?.kind) {
      case undefined:
        return 0;
      case 'constant':
        return slot.value;
      case 'mirror':
        return (this.registers[slot.of] & slot.bits) >>> 0;
      case 'register32':
        return this.registers[slot.name];
      case 'register64': {
        const value = this.registers[slot.name];
        return Number(slot.half === 0 ? value & LOW : value >> 32n);
      }
    }
  }

  private write32(offset: number, value: number, written: Written): void {
    const slot = this.slots.get(offset);
    switch (slot?.kind) {
      case 'register32':
        return this.store32(slot, value, written);
      case 'register64': {
        const old = this.registers[slot.name];
        const wide = BigInt(value);
        return this.store64(
          slot,
          slot.half === 0 ? (old & ~LOW) | wide : (old & LOW) | (wide << 32n),
          written,
        );
      }
      default:
    }
  }

  private store32(
    { name, parts, update }: Extract<Slot, { readonly kind: 'register32' }>,
    value: number,
    written: Written,
  ): void {
    if (update !== undefined && (value & update) === 0) return;
    const { registers } = this;
    let writable = 0;
    for (const { bits, guard } of parts) if (!this.isGuarded(guard)) writable |= bits;
    registers[name] = ((registers[name] & ~writable) | (value & writable)) >>> 0;
    written(name);
  }

  private store64(
    { name, parts }: Extract<Slot, { readonly kind: 'register64' }>,
    value: bigint,
    written: Written,
  ): void {
    const { registers } = this;
    let writable = 0n;
    for (const { bits, guard } of parts) if (!this.isGuarded(guard)) writable |= bits;
    registers[name] = (registers[name] & ~writable) | (value & writable);
    written(name);
  }

  private isGuarded(guard: Guard | undefined): boolean {
    return guard !== undefined && (this.registers[guard.register] & guard.bits) !== 0;
  }
}

/** The registers by offset. Source: Arm IHI 0070, section 6.2. */
function slotsOf(features: Features): ReadonlyMap<number, Slot> {
  const { idr, iidr, aidr } = features.ids;
  const { departures } = features;
  const has: Has = { ...features.idr0, ...features.idr1, ...features.idr3 };
  const slots = new Map<number, Slot>([
    [smmuv3_register.SMMU_IIDR, { kind: 'constant', value: iidr }],
    [smmuv3_register.SMMU_AIDR, { kind: 'constant', value: aidr }],
    [smmuv3_register.SMMU_CR0ACK, { kind: 'mirror', of: 'SMMU_CR0', bits: CR0_FIELDS }],
    [smmuv3_register.SMMU_IRQ_CTRLACK, { kind: 'mirror', of: 'SMMU_IRQ_CTRL', bits: ALL_32 }],
  ]);
  for (const [i, value] of idr.entries()) {
    slots.set(smmuv3_register.SMMU_IDR0 + 4 * i, { kind: 'constant', value });
  }
  for (const name of REGISTERS_32) {
    const { update } = registerTable32[name];
    const parts = partsOf(
      name,
      registerTable32[name],
      has,
      departures,
      (own) => own.reduce((all, { bits }) => all & ~bits, ALL_32 & ~(update ?? 0)) >>> 0,
    );
    slots.set(smmuv3_register[name], { kind: 'register32', name, parts, update });
  }
  // Bits of addresses at and above OAS are RES0, and need not be stored (Arm IHI 0070, 6.3.21, 6.3.24, 6.3.26). No other field has them.
  const beyond = ADDRESSES & (-1n << BigInt(features.oas));
  for (const name of REGISTERS_64) {
    const rule = registerTable64[name];
    const within = { parts: rule.parts.map((part) => ({ ...part, bits: part.bits & ~beyond })) };
    const parts = partsOf(name, within, has, departures, (own) =>
      own.reduce((all, { bits }) => all & ~bits, ALL_64),
    );
    slots.set(smmuv3_register[name], { kind: 'register64', name, half: 0, parts });
    slots.set(smmuv3_register[name] + 4, { kind: 'register64', name, half: 1, parts });
  }
  return slots;
}

/** The features that writable bits may require. */
type Has = Readonly<Record<RegisterFeature, number>>;

/** The writable bits of a register, with their guards. @param reserved returns the bits that are in none of the parts */
function partsOf<Bits extends number | bigint>(
  name: Register32 | Register64,
  { parts }: RegisterRule<Bits>,
  has: Has,
  { keepsReservedBits = false, ignoresGuards = false }: Departures,
  reserved: (parts: readonly Part<Bits>[]) => Bits,
): Part<Bits>[] {
  const isThere = ({ needs = [] }: RegisterPart<Bits>): boolean =>
    needs.every((feature) => has[feature] !== 0);
  const own = parts
    .filter(isThere)
    .map(({ bits, guard }) => ({ bits, guard: ignoresGuards ? undefined : guard }));
  const isThereAtAll = parts.length > 0 && (own.length > 0 || name.startsWith('SMMU_GERROR_IRQ_CFG'));
  return keepsReservedBits && isThereAtAll ? [{ bits: reserved(own), guard: undefined }, ...own] : own;
}
