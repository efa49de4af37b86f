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
 * Access to register fields by name: masks, one field of a 32-bit register, decoding all fields, composing a register from
 * fields. The layouts are the bit structs of `@iommufd/uapi`.
 */

/**
 * The mask of some fields of a register, or of a structure if they lie in one 64-bit word.
 * @param register its layout
 * @param fields their names
 */
export function mask64<B extends BitFields>(
  register: BitStruct<B>,
  ...fields: readonly (keyof B & string)[]
): bigint {
  return fields.reduce((mask, field) => mask | maskOf(register, field), 0n);
}

/**
 * The mask of some fields of a 32-bit register, as an unsigned number.
 * @param register its layout
 * @param fields their names
 */
export function mask32<B extends BitFields>(
  register: BitStruct<B>,
  ...fields: readonly (keyof B & string)[]
): number {
  return Number(mask64(register, ...fields));
}

/** The names of the fields of a register. */
export function fieldNames<B extends BitFields>({ fields }: BitStruct<B>): (keyof B & string)[] {
  return Object.keys(fields);
}

/** A field of a 32-bit register. */
export interface Field32 {
  /** Its mask, unsigned. */
  readonly mask: number;
  /** Returns the field's value in a register value. */
  get(register: number): number;
  /** Returns a register value with this field set and all others zero. */
  of(value: number): number;
}

/**
 * Access to one field of a 32-bit register, without decoding the others.
 * @param register its layout
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
 * Decodes a 32-bit register.
 * @param register its layout
 * @param value its value
 */
export function fieldsOf<B extends BitFields>(register: BitStruct<B>, value: number): Decoded<BitStruct<B>> {
  return decode(register, new Uint8Array(Uint32Array.of(value).buffer), { lenient: true });
}

/**
 * Composes a 32-bit register value.
 * @param register its layout
 * @param fields some fields; the others are zero
 */
export function register32<B extends BitFields>(
  register: BitStruct<B>,
  fields: Partial<BitValues<B>>,
): number {
  return withFields(register, fields).getUint32(0, true);
}

/** {@link register32} for a 64-bit register. */
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
