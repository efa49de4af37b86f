import { type BitFields, type BitStruct, maskOf } from '@iommufd/uapi/struct';

/** The mask of some fields that lie in one word of 64 bits, or in a register. */
export function mask64<B extends BitFields>(
  register: BitStruct<B>,
  ...fields: readonly (keyof B & string)[]
): bigint {
  return fields.reduce((mask, field) => mask | maskOf(register, field), 0n);
}

/** The mask of some fields of a register of 32 bits, as an unsigned number. */
export function mask32<B extends BitFields>(
  register: BitStruct<B>,
  ...fields: readonly (keyof B & string)[]
): number {
  return Number(mask64(register, ...fields));
}

/** A field of a register of 32 bits. */
export interface Field32 {
  /** Its mask, unsigned. */
  readonly mask: number;
  /** Its value in a register. */
  get(register: number): number;
  /** A register with this value in it, and zero elsewhere. */
  of(value: number): number;
}

/** How to get at a field of a register of 32 bits without decoding all of it. */
export function field32<B extends BitFields>(register: BitStruct<B>, field: keyof B & string): Field32 {
  const mask = mask32(register, field);
  const unit = (mask & -mask) >>> 0;
  return {
    mask,
    get: (value) => ((value & mask) >>> 0) / unit,
    of: (value) => value * unit,
  };
}
