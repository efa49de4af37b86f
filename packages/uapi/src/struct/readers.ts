/** Reads one field of the record that begins at `at`. */
export type Reader<V = unknown> = (view: DataView, at: number) => V;

/** Reads the 32-bit word at `at + offset`. */
export const wordReader =
  (offset: number): Reader<number> =>
  (view, at) =>
    view.getUint32(at + offset, true);

/** Returns true if a strict read accepts the value that begins at `at`. */
export type Checker = (view: DataView, at: number) => boolean;

/** One reader per field, by name. */
export type Readers = ReadonlyMap<string, Reader>;

/** The readers of a 64-bit field: of the whole and, as `_lo` and `_hi`, of its two halves of 32 bits. */
export function wideReaders(
  name: string,
  whole: Reader<bigint>,
  low: Reader<number>,
  high: Reader<number>,
): [string, Reader][] {
  return [
    [name, whole],
    [`${name}_lo`, low],
    [`${name}_hi`, high],
  ];
}

type Half<K> = K extends string ? `${K}_lo` | `${K}_hi` : never;
type KeysOf<U> = U extends unknown ? keyof U : never;
type ValueOf<U, K extends PropertyKey> = U extends { readonly [P in K]: infer V } ? V : never;
type WideKeys<U> = U extends unknown ? { [K in keyof U]: U[K] extends bigint ? K : never }[keyof U] : never;

/**
 * The fields of a decoded value, or of any of its forms, each read on its own. A bigint field is also readable as two numbers
 * of 32 bits, `_lo` and `_hi`.
 */
export type FieldsInPlace<Out> = { readonly [K in KeysOf<Out>]: ValueOf<Out, K> } & {
  readonly [K in Half<WideKeys<Out>>]: number;
};
