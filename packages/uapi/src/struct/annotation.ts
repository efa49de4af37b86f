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

/** Some bytes of a buffer and what they are. */
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
  /** Which way the value travels. */
  readonly direction: Direction;
  /** What is wrong with these bytes, if something is. */
  readonly problem?: string;
  /** For a word of bit fields: the fields, highest first. */
  readonly bits?: readonly BitAnnotation[];
}

/** Where in the tree of declarations an annotation is being made. */
export class Annotating {
  constructor(
    readonly keys: readonly (string | number)[] = [],
    readonly doc = '',
    readonly reserved = false,
    /** The numbers before it in the same struct, of which one may tell what it is. */
    readonly siblings: Siblings = {},
    readonly direction: Direction = 'none',
  ) {}

  /** The same place, one level further in; what the level does not say stays as it is. */
  under(key: string | number, level: Partial<Omit<Annotating, 'keys'>> = {}): Annotating {
    const { doc = this.doc, reserved = this.reserved, siblings = {}, direction = this.direction } = level;
    const keys = key === '' ? this.keys : [...this.keys, key];
    return new Annotating(keys, doc, reserved, siblings, direction);
  }

  get path(): string {
    return joinPath(this.keys);
  }
}

/** What annotations of bytes have that are no field. */
export const BLANK = { path: '', type: '', text: '', direction: 'none' } as const;

/** What is wrong with bytes that must be zero, if they must and are not. */
export function reservedProblem(reserved: boolean, bytes: Uint8Array): { problem?: string } {
  return reserved && bytes.some((byte) => byte !== 0) ? { problem: 'must be zero' } : {};
}

/** Bytes that belong to no field and must be zero. */
export function paddingAt(view: DataView, offset: number, length: number, doc = 'Padding.'): Annotation {
  const bytes = bytesAt(view, offset, length);
  return { ...BLANK, kind: 'padding', offset, bytes, doc, ...reservedProblem(true, bytes) };
}
