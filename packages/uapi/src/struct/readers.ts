/** Reads one field of the record that begins at `at`. */
export type Reader<V = unknown> = (view: DataView, at: number) => V;

/** Reads the word of 32 bits that is `offset` bytes from `at`. */
export const wordReader =
  (offset: number): Reader<number> =>
  (view, at) =>
    view.getUint32(at + offset, true);

/** Is the value that begins at `at` as its declaration wants it? */
export type Checker = (view: DataView, at: number) => boolean;

/** One reader a field, by name. */
export type Readers = ReadonlyMap<string, Reader>;

/** A 64-bit field as it is and, `_lo` and `_hi`, as the two numbers of 32 bits that it consists of. */
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
 * The fields of a decoded value, or of any of its forms, each to be read by itself; bigints also as two numbers
 * of 32 bits.
 */
export type FieldsInPlace<Out> = { readonly [K in KeysOf<Out>]: ValueOf<Out, K> } & {
  readonly [K in Half<WideKeys<Out>>]: number;
};
