import { type BitFields, type BitStruct, type BitValues, decode, encode } from '@iommufd/uapi/struct';

/** The fields of a 32-bit register. */
export function fieldsOf<B extends BitFields>(struct: BitStruct<B>, value: number): BitValues<B> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return decode(struct, bytes, { lenient: true });
}

/** A 32-bit register with some fields, the others zero. */
export function register32<B extends BitFields>(struct: BitStruct<B>, fields: Partial<BitValues<B>>): number {
  return withFields(struct, fields).getUint32(0, true);
}

/** The same for a register of 64 bits. */
export function register64<B extends BitFields>(struct: BitStruct<B>, fields: Partial<BitValues<B>>): bigint {
  return withFields(struct, fields).getBigUint64(0, true);
}

function withFields<B extends BitFields>(struct: BitStruct<B>, fields: Partial<BitValues<B>>): DataView {
  const zeros = decode(struct, new Uint8Array(struct.byteLength));
  return new DataView(encode(struct, { ...zeros, ...fields }).buffer);
}
