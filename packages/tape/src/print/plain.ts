/**
 * A faster `annotate()` for structs whose members are all integers, as in most ioctls. It leaves out the properties that only a
 * listing of bytes needs. A tracer prints structs while the traced program waits, so this time adds to every call of the program.
 */

import { annotate, type AnyType, type Direction, type Fields, Integer, Struct } from '@iommufd/uapi/struct';

/** The properties of a field that are needed to print it. */
export interface ShownField {
  readonly kind: ReturnType<typeof annotate>[number]['kind'];
  readonly path: string;
  /** The value as text. */
  readonly text: string;
  readonly direction: Direction;
  /** The error in the bytes, if they are invalid. */
  readonly problem?: string | undefined;
  /** The bytes; missing for integers. */
  readonly bytes?: Uint8Array;
  /** The C type; missing for integers. */
  readonly type?: string;
}

/** An integer of a struct: prints its value. */
class IntegerMember {
  private value: number | bigint | undefined;
  private shown: ShownField | undefined;

  constructor(
    private readonly type: Integer<number | bigint>,
    private readonly path: string,
    private readonly offset: number,
    private readonly direction: Direction,
    private readonly isReserved: boolean,
  ) {}

  /** Returns the field to print. The last result is cached, because many values do not change from call to call. */
  show(view: DataView): ShownField {
    const value = this.type.read(view, this.offset);
    if (this.shown !== undefined && value === this.value) return this.shown;
    const { type, path, direction, isReserved } = this;
    this.value = value;
    return (this.shown = {
      kind: isReserved ? 'reserved' : 'field',
      path,
      text: type.format(value),
      direction,
      problem: isReserved && Number(value) !== 0 ? 'must be zero' : undefined,
    });
  }
}

const integersOf = new WeakMap<AnyType, readonly IntegerMember[] | null>();

/** The integers of a struct, in order; null if it has other members or padding. */
function integersIn(type: AnyType): readonly IntegerMember[] | null {
  let found = integersOf.get(type);
  if (found === undefined) {
    const into: IntegerMember[] = [];
    found = type instanceof Struct && collect(type, '', 0, 'none', false, into) ? into : null;
    integersOf.set(type, found);
  }
  return found;
}

/** Collects the integers of a struct. @returns false if it has other members or padding */
function collect(
  { members }: Struct<Fields, Fields>,
  path: string,
  at: number,
  outer: Direction,
  isReserved: boolean,
  into: IntegerMember[],
): boolean {
  return members.every((member) => {
    const { name, type, offset, reserved, padding } = member;
    if (padding > 0 || name === '') return false;
    const direction = member.direction === 'none' ? outer : member.direction;
    const all = isReserved || reserved;
    if (type instanceof Struct) return collect(type, `${path}${name}.`, at + offset, direction, all, into);
    if (!(type instanceof Integer)) return false;
    into.push(new IntegerMember(type, `${path}${name}`, at + offset, direction, all));
    return true;
  });
}

/** The fields of a struct, in order, as `annotate()` returns them. */
export function shownFields(type: AnyType, bytes: Uint8Array): readonly ShownField[] {
  const found = bytes.length === type.byteLength ? integersIn(type) : null;
  if (found === null) return annotate(type, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return found.map((member) => member.show(view));
}
