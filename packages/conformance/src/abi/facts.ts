import { readFileSync } from 'node:fs';

/** The C type of a member: a name, or its members. */
export type CType =
  | string
  | { readonly array: CType; readonly count: number }
  | { readonly struct: readonly CMember[] }
  | { readonly union: readonly CMember[] };

/** A member as the compiler lays it out; the name of an anonymous one is empty. */
export interface CMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: CType;
}

/** Facts about the headers, from a C compiler. */
export interface AbiFacts {
  readonly kernel: string;
  /** Their source: headers and compiler. */
  readonly how: string;
  readonly structs: Readonly<
    Record<string, { readonly size: number; readonly align: number; readonly fields: readonly CMember[] }>
  >;
  readonly constants: Readonly<Record<string, number>>;
}

/** Facts about the header of the SMMUv3 driver; numbers in hex. */
export interface Smmuv3Facts {
  readonly kernel: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The URL of a file of facts: `iommufd` or `smmuv3`. */
export const factsFile = (name: string): URL => new URL(`../../abi/${name}.json`, import.meta.url);

// The files are checked in. Tests compare every name in them with a declaration.
const read = (name: string): unknown => JSON.parse(readFileSync(factsFile(name), 'utf8'));

/** Sizes, offsets and values of `linux/iommufd.h`, `linux/vfio.h` and the mock driver's header. */
export const iommufdFacts = read('iommufd') as AbiFacts;
/** Offsets, masks and values of the arm-smmu-v3 driver. */
export const smmuv3Facts = read('smmuv3') as Smmuv3Facts;
