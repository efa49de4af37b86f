import { annotate, type AnyType, BitStruct, Struct, type TagPlace, Variants } from '@iommufd/uapi/struct';

/** The same bytes with reserved parts cleared, so that a strict decoder accepts them. */
export function clearReserved(type: AnyType, bytes: Uint8Array): Uint8Array {
  const clear = bytes.slice();
  for (const { kind, offset, bytes: part } of annotate(type, clear)) {
    if (kind === 'reserved' || kind === 'padding') clear.fill(0, offset, offset + part.length);
  }
  clearBits(type, clear, 0);
  return clear;
}

/** Clears the bits of records that no field covers. */
function clearBits(type: AnyType, bytes: Uint8Array, at: number): void {
  if (type instanceof Struct) {
    for (const { type: inner, offset } of type.members) clearBits(inner, bytes, at + offset);
  } else if (type instanceof Variants) {
    const tag = tagOf(type, bytes, at);
    const form = [...type.structs.values()].find(({ fields }) => fields[type.tagName]?.fixed === tag);
    if (form !== undefined) clearBits(form, bytes, at);
  } else if (type instanceof BitStruct) {
    const used = new Uint8Array(type.byteLength);
    for (const { hi, lo } of type.members) {
      for (let bit = lo; bit <= hi; bit++) used[bit >> 3] = (used[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
    used.forEach((mask, i) => (bytes[at + i] = (bytes[at + i] ?? 0) & mask));
  }
}

/** The number that selects the form of a record. */
export function tagOf(
  { place: { hi, lo } }: { readonly place: TagPlace },
  bytes: Uint8Array,
  at = 0,
): number {
  return ((bytes[at + (lo >> 3)] ?? 0) >> (lo & 7)) & (2 ** (hi - lo + 1) - 1);
}
