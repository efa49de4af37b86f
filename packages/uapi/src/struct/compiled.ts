/**
 * Straight code for one type: no loop over fields, no name of a field in a variable, so that an engine makes of it what
 * it makes of code written by hand. It knows only the usual: all fields there, nothing reserved set. For the rest it
 * gives up, and the declaration is followed field by field, which also finds the words for what is wrong.
 *
 * `packages/compiler` writes it from the declarations, as source, so that it runs where `eval` does not. A declaration
 * takes it from the file beside its own (`destroy.ts` from `destroy.generated.ts`). Nothing is registered: a bundler that
 * keeps the declaration keeps its code, and one that drops the declaration drops both.
 */
export interface Compiled<Out, In> {
  /** @returns the value at `at`; undefined if anything reserved is not zero. The caller has made sure of the length. */
  read(view: DataView, at: number): Out | undefined;
  /** @returns false, with nothing written, unless `value` has the fields of the type and no others, all in range */
  write(view: DataView, at: number, value: In): boolean;
}

/**
 * What the generated file has for a declaration: code, if values of the type are read and written often. In any case its
 * type gives what decoding gives a name, and has the documentation of each field for editors to show.
 */
export type Generated<Out, In> = Compiled<Out, In> | undefined;

/** What it has for a declaration without code: the name alone. */
export type Named<Out> = Generated<Out, never>;

/** What encoding takes of a struct that decodes to `Out`: fields `Reserved` may be left out. */
export type ToEncode<Out, Reserved extends keyof Out = never> = {
  readonly [K in keyof Out as Exclude<K, Reserved>]: Out[K];
} & { readonly [K in keyof Out as Extract<K, Reserved>]?: Out[K] };
