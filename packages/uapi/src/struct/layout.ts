import { BitStruct } from './bits.js';
import { Integer } from './integer.js';
import { roleName } from './role.js';
import { Struct } from './struct.js';
import type { AnyType, Direction } from './type.js';
import { isUnion } from './union.js';
import { Variants } from './variants.js';

/** One row of a layout: a field, or some bits of one. */
export interface LayoutRow {
  /** Empty for an anonymous union. */
  readonly name: string;
  /** In bytes, from the start of the outermost type. */
  readonly offset: number;
  /** In bytes; 0 for a flexible array. */
  readonly size: number;
  /** For a bit field: its highest and lowest bit, counted from bit 0 of the record. */
  readonly bits?: { readonly hi: number; readonly lo: number };
  /** The C type. */
  readonly type: string;
  readonly direction: Direction;
  readonly reserved: boolean;
  /** The role of a number: `Flags of …`, `Id of hwpt`; empty for a plain number. */
  readonly role: string;
  readonly doc: string;
  /** The members of a struct or union. */
  readonly rows: readonly LayoutRow[];
}

/** The layout of a type, as data. */
export interface Layout {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly rows: readonly LayoutRow[];
}

/** The layout of a type: the fields of a struct, the bits of a record, each form of a record with variants. */
export function layout(type: AnyType): Layout {
  return { name: type.name, size: type.byteLength, align: type.align, rows: rowsOf(type, 0) };
}

const describeRole = (type: AnyType): string => (type instanceof Integer ? roleName(type.role) : '');

function rowsOf(type: AnyType, base: number): LayoutRow[] {
  if (type instanceof Struct) {
    return type.members.map(({ name, offset, size, type: inner, direction, doc, reserved }) => ({
      name,
      offset: base + offset,
      size,
      type: inner.name,
      direction,
      reserved,
      role: describeRole(inner),
      doc,
      rows: rowsOf(inner, base + offset),
    }));
  }
  const plain = { offset: base, direction: 'none', reserved: false, role: '' } as const;
  if (isUnion(type)) {
    return Object.entries(type.members).map(([name, inner]) => {
      const { byteLength: size, name: typeName } = inner;
      return {
        ...plain,
        name,
        size,
        type: typeName,
        role: describeRole(inner),
        doc: '',
        rows: rowsOf(inner, base),
      };
    });
  }
  if (type instanceof Variants) {
    return [...type.structs.values()].map((form) => {
      const { name, byteLength: size, description: doc } = form;
      return { ...plain, name, size, type: type.name, doc, rows: rowsOf(form, base) };
    });
  }
  if (type instanceof BitStruct) {
    return type.members.map(({ name, hi, lo, doc, role }) => {
      const offset = base + Math.floor(lo / 8);
      const size = Math.floor(hi / 8) - Math.floor(lo / 8) + 1;
      return {
        ...plain,
        name,
        offset,
        size,
        bits: { hi, lo },
        type: 'bits',
        role: roleName(role),
        doc,
        rows: [],
      };
    });
  }
  return [];
}
