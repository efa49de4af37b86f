import type { Json } from '@iommufd/uapi/struct';
import type { Io } from '../io.js';

/** One thing that a term may be. */
export interface Meaning {
  /** What kind of thing: `ioctl`, `errno`, `struct`. */
  readonly kind: string;
  readonly name: string;
  /** In words, for people. */
  readonly text: (io: Io) => string;
  /** The same as data. */
  readonly json: { readonly [key: string]: Json };
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
