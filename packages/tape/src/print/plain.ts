/**
 * The fields of structs that hold nothing but numbers, as `annotate()` has them, without what only a listing of bytes needs. Most
 * structs of ioctls are such, and a tracer prints each of them while it keeps a program from going on.
 */

import { annotate, type AnyType, type Direction, type Fields, Integer, Struct } from '@iommufd/uapi/struct';

/** What a field is printed from. */
export interface ShownField {
  readonly kind: ReturnType<typeof annotate>[number]['kind'];
  readonly path: string;
  /** The value in words. */
  readonly text: string;
  readonly direction: Direction;
  /** What is wrong with the bytes, if something is. */
  readonly problem?: string | undefined;
  /** Of what is no number. */
  readonly bytes?: Uint8Array;
  /** The C type, where it is not known otherwise to be a number. */
  readonly type?: string;
}

/** A number of a struct. */
class Place {
  private value: number | bigint | undefined;
  private shown: ShownField | undefined;

  constructor(
    private readonly type: Integer<number | bigint>,
    private readonly path: string,
    private readonly offset: number,
    private readonly direction: Direction,
    private readonly isReserved: boolean,
  ) {}

  /** What it is printed from. Many fields are the same from call to call: that of the last one is kept. */
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

const places = new WeakMap<AnyType, readonly Place[] | null>();

/** The numbers of a struct, in order; null if it has anything else, or bytes between them. */
function placesOf(type: AnyType): readonly Place[] | null {
  let found = places.get(type);
  if (found === undefined) {
    const into: Place[] = [];
    found = type instanceof Struct && collect(type, '', 0, 'none', false, into) ? into : null;
    places.set(type, found);
  }
  return found;
}

/** @returns false for a struct with anything else than numbers */
function collect(
  { members }: Struct<Fields, Fields>,
  path: string,
  at: number,
  outer: Direction,
  isReserved: boolean,
  into: Place[],
): boolean {
  return members.every((member) => {
    const { name, type, offset, reserved, padding } = member;
    if (padding > 0 || name === '') return false;
    const direction = member.direction === 'none' ? outer : member.direction;
    const all = isReserved || reserved;
    if (type instanceof Struct) return collect(type, `${path}${name}.`, at + offset, direction, all, into);
    if (!(type instanceof Integer)) return false;
    into.push(new Place(type, `${path}${name}`, at + offset, direction, all));
    return true;
  });
}

/** What a struct is printed from, in order. @see annotate */
export function shownFields(type: AnyType, bytes: Uint8Array): readonly ShownField[] {
  const found = bytes.length === type.byteLength ? placesOf(type) : null;
  if (found === null) return annotate(type, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return found.map((place) => place.show(view));
}
