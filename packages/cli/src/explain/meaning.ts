import type { Json } from '@iommufd/uapi/struct';
import type { Io } from '../io.js';

/** One meaning of a term. */
export interface Meaning {
  /** Its kind: `ioctl`, `errno`, `struct`. */
  readonly kind: string;
  readonly name: string;
  /** The meaning as text. */
  readonly text: (io: Io) => string;
  /** The same as data, for `--json`. */
  readonly json: { readonly [key: string]: Json };
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
