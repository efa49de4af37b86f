/** The numbers of a struct, one by one, with their declarations. */

import {
  type AnyType,
  type Direction,
  type FieldLayout,
  Integer,
  Struct,
  TaggedUnion,
} from '@iommufd/uapi/struct';

/** A number of a struct, or bytes that are not a number. */
export interface Leaf {
  readonly name: string;
  /** Offset from the start of the outermost struct. */
  readonly at: number;
  readonly size: number;
  readonly type: AnyType;
  readonly direction: Direction;
  readonly reserved: boolean;
  /** Reads another number of the same struct, by name. */
  readonly beside: (name: string | undefined) => bigint | undefined;
}

/** Reads a little-endian number of up to 64 bits. */
export function readNumber(data: DataView, at: number, size: number): bigint {
  switch (size) {
    case 1:
      return BigInt(data.getUint8(at));
    case 2:
      return BigInt(data.getUint16(at, true));
    case 4:
      return BigInt(data.getUint32(at, true));
    default:
      return data.getBigUint64(at, true);
  }
}

/** Writes the low bits of a number. */
export function writeNumber(data: DataView, at: number, size: number, value: bigint): void {
  switch (size) {
    case 1:
      data.setUint8(at, Number(BigInt.asUintN(8, value)));
      return;
    case 2:
      data.setUint16(at, Number(BigInt.asUintN(16, value)), true);
      return;
    case 4:
      data.setUint32(at, Number(BigInt.asUintN(32, value)), true);
      return;
    default:
      data.setBigUint64(at, BigInt.asUintN(64, value), true);
  }
}

/**
 * Walks through a struct. The member of a union is determined when the walk reaches it, so the caller may write the tag during
 * the walk.
 */
export function* leaves(type: AnyType, data: DataView, at = 0): Generator<Leaf> {
  if (!(type instanceof Struct)) return;
  const members: readonly FieldLayout[] = type.members;
  const beside = (wanted: string | undefined): bigint | undefined => {
    const member = members.find(({ name }) => name === wanted);
    const isThere = member !== undefined && at + member.offset + member.size <= data.byteLength;
    return isThere ? readNumber(data, at + member.offset, member.size) : undefined;
  };
  for (const { name, offset, size, type: inner, direction, reserved } of members) {
    if (inner instanceof Struct) {
      yield* leaves(inner, data, at + offset);
    } else if (inner instanceof TaggedUnion) {
      const chosen = caseOf(inner, beside(inner.tag));
      if (chosen === undefined)
        yield { name, at: at + offset, size, type: inner, direction, reserved, beside };
      else yield* leaves(chosen, data, at + offset);
    } else {
      yield { name, at: at + offset, size, type: inner, direction, reserved, beside };
    }
  }
}

function caseOf(
  { cases }: TaggedUnion<Record<string, readonly [number, AnyType]>>,
  tag: bigint | undefined,
): AnyType | undefined {
  const found = Object.values(cases).find(([value]) => BigInt(value) === tag);
  return found?.[1];
}

/** True if it is a number that {@link readNumber} supports. */
export const isNumber = ({ type }: Leaf): boolean => type instanceof Integer;
