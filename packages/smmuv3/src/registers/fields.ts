import {
  type BitFields,
  type BitStruct,
  type BitValues,
  decode,
  type Decoded,
  encode,
  maskOf,
} from '@iommufd/uapi/struct';

/**
 * Fields of registers: masks of them, one of them in a register of 32 bits, all of them decoded, a register made from some
 * of them.
 */

/**
 * The mask of some fields of a register, or of a structure where they lie in one word of 64 bits.
 * @param register what has the fields
 * @param fields their names
 */
export function mask64<B extends BitFields>(
  register: BitStruct<B>,
  ...fields: readonly (keyof B & string)[]
): bigint {
  return fields.reduce((mask, field) => mask | maskOf(register, field), 0n);
}

/**
 * The mask of some fields of a register of 32 bits, as an unsigned number.
 * @param register what has the fields
 * @param fields their names
 */
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

/**
 * Access to a field of a register of 32 bits without decoding all of it.
 * @param register what has the field
 * @param field its name
 */
export function field32<B extends BitFields>(register: BitStruct<B>, field: keyof B & string): Field32 {
  const mask = mask32(register, field);
  const unit = (mask & -mask) >>> 0;
  return {
    mask,
    get: (value) => ((value & mask) >>> 0) / unit,
    of: (value) => value * unit,
  };
}

/**
 * All fields of a register of 32 bits.
 * @param register its fields
 * @param value what it holds
 */
export function fieldsOf<B extends BitFields>(register: BitStruct<B>, value: number): Decoded<BitStruct<B>> {
  return decode(register, new Uint8Array(Uint32Array.of(value).buffer), { lenient: true });
}

/**
 * A register of 32 bits.
 * @param register its fields
 * @param fields some of them; the others are zero
 */
export function register32<B extends BitFields>(
  register: BitStruct<B>,
  fields: Partial<BitValues<B>>,
): number {
  return withFields(register, fields).getUint32(0, true);
}

/** The same for a register of 64 bits: {@link register32}. */
export function register64<B extends BitFields>(
  register: BitStruct<B>,
  fields: Partial<BitValues<B>>,
): bigint {
  return withFields(register, fields).getBigUint64(0, true);
}

function withFields<B extends BitFields>(register: BitStruct<B>, fields: Partial<BitValues<B>>): DataView {
  const zeros = decode(register, new Uint8Array(register.byteLength));
  return new DataView(encode(register, { ...zeros, ...fields }).buffer);
}
