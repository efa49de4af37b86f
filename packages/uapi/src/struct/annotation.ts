import { bytesAt } from './bytes.js';
import { joinPath } from './error.js';
import type { Direction, Siblings } from './type.js';

/** A bit field inside an {@link Annotation}. */
export interface BitAnnotation {
  readonly name: string;
  /** Highest and lowest bit, counted from bit 0 of the whole record. */
  readonly hi: number;
  readonly lo: number;
  readonly text: string;
  readonly doc: string;
  readonly problem?: string;
}

/** A run of bytes of a buffer and its meaning. */
export interface Annotation {
  /** `reserved` must be zero; `padding` is what the compiler inserts; `rest` belongs to no field. */
  readonly kind: 'field' | 'reserved' | 'padding' | 'missing' | 'rest';
  /** `data_uptr`, `idr[3]`; empty for padding. */
  readonly path: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The C type. */
  readonly type: string;
  /** The value in words: a number, flag names, an enum name. */
  readonly text: string;
  readonly doc: string;
  /** Whether the caller or the kernel sets the value. */
  readonly direction: Direction;
  /** Why `decode` refuses these bytes. Absent if they are valid. */
  readonly problem?: string;
  /** For a word of bit fields: the fields, highest first. */
  readonly bits?: readonly BitAnnotation[];
}

/** The position in the tree of declarations while a buffer is annotated, and what applies there. */
export class Annotating {
  constructor(
    readonly keys: readonly (string | number)[] = [],
    readonly doc = '',
    readonly reserved = false,
    /** Values of the earlier numeric fields of the same struct. A tagged union selects its member by one of them. */
    readonly siblings: Siblings = {},
    readonly direction: Direction = 'none',
  ) {}

  /** The position of part `key`, one level deeper. What `level` leaves out is inherited. */
  under(key: string | number, level: Partial<Omit<Annotating, 'keys'>> = {}): Annotating {
    const { doc = this.doc, reserved = this.reserved, siblings = {}, direction = this.direction } = level;
    const keys = key === '' ? this.keys : [...this.keys, key];
    return new Annotating(keys, doc, reserved, siblings, direction);
  }

  get path(): string {
    return joinPath(this.keys);
  }
}

/** The properties of an annotation whose bytes belong to no field. */
export const BLANK = { path: '', type: '', text: '', direction: 'none' } as const;

/** The problem of reserved bytes that are not zero. Empty if there is no problem. */
export function reservedProblem(reserved: boolean, bytes: Uint8Array): { problem?: string } {
  return reserved && bytes.some((byte) => byte !== 0) ? { problem: 'must be zero' } : {};
}

/** Bytes that belong to no field and must be zero. */
export function paddingAt(view: DataView, offset: number, length: number, doc = 'Padding.'): Annotation {
  const bytes = bytesAt(view, offset, length);
  return { ...BLANK, kind: 'padding', offset, bytes, doc, ...reservedProblem(true, bytes) };
}
