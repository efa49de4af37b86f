/**
 * Compiled code for one type: without a loop over fields or dynamic names, so that engines optimise it like code written by
 * hand. It handles the common case only: all fields present, nothing reserved set. Otherwise it returns undefined, and the
 * generic codec follows the declaration field by field, which also produces the error message.
 *
 * `packages/compiler` writes it from the declarations, as source, so that it runs where `eval` does not. A declaration
 * imports it from the file beside its own (`destroy.ts` from `destroy.generated.ts`). Nothing is registered, so a bundler
 * keeps or drops a declaration together with its code.
 */
export interface Compiled<Out, In> {
  /** @returns the value at `at`; undefined if anything reserved is not zero. The caller has checked the length. */
  read(view: DataView, at: number): Out | undefined;
  /** @returns false, with nothing written, unless `value` has the fields of the type and no others, all in range */
  write(view: DataView, at: number, value: In): boolean;
}

/**
 * The generated export of a declaration: compiled code if values of the type are read and written often, otherwise undefined.
 * Its type names the decoded value, `Out`, an interface with the documentation of each field for editors to show.
 */
export type Generated<Out, In> = Compiled<Out, In> | undefined;

/** The generated export of a declaration without compiled code. */
export type Named<Out> = Generated<Out, never>;

/** The input of encoding for a struct that decodes to `Out`: fields `Reserved` are optional. */
export type ToEncode<Out, Reserved extends keyof Out = never> = {
  readonly [K in keyof Out as Exclude<K, Reserved>]: Out[K];
} & { readonly [K in keyof Out as Extract<K, Reserved>]?: Out[K] };
