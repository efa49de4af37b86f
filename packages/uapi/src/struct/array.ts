import { type Annotating, type Annotation, reservedProblem } from './annotation.js';
import { bytesAt, fromHex, toHex } from './bytes.js';
import { atEach, inside, Mismatch, show } from './error.js';
import { INSPECT } from './inspect.js';
import type { Json } from './json.js';
import { type Accessor, AT, DATA, type InPlace, Type } from './type.js';
import { assign, innerPlace } from './view.js';

/** An in-place view of an array: `get` reads the buffer and `set` writes it. */
export class ArrayView<V> implements Iterable<V> {
  constructor(
    private readonly place: InPlace,
    /** Number of elements. */
    readonly length: number,
    private readonly element: (index: number) => Accessor<V>,
  ) {}

  /**
   * The element at `index`; for a struct, a view of it.
   * @throws RangeError if `index` is not an element
   */
  get(index: number): V {
    return this.accessor(index).get.call(this.place);
  }

  /**
   * Writes the element at `index`. Structs and arrays cannot be assigned; write their fields and elements.
   * @throws RangeError if `index` is not an element
   * @throws StructError if the value is out of range
   */
  set(index: number, value: V): void {
    const { set } = this.accessor(index);
    if (set === undefined) throw new TypeError(`element ${index} cannot be assigned, only its fields`);
    assign(this.place, index, set, value);
  }

  *[Symbol.iterator](): Generator<V> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }

  /** The elements, for `console.log`. @internal */
  [INSPECT](): V[] {
    return [...this];
  }

  private accessor(index: number): Accessor<V> {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return this.element(index);
    throw new RangeError(`an array of ${this.length} has no element ${index}`);
  }
}

/**
 * A tuple of `N` values of type `T`. If the compiler does not know the length, or the length has four or more digits, it is a
 * plain array: a tuple of that length would be too large a type.
 */
export type TupleOf<T, N extends number> = number extends N
  ? readonly T[]
  : `${N}` extends `${infer _1}${infer _2}${infer _3}${infer _4}${string}`
    ? readonly T[]
    : Repeated<T, N>;
type Repeated<T, N extends number, Seen extends readonly T[] = readonly []> = Seen['length'] extends N
  ? Seen
  : Repeated<T, N, readonly [...Seen, T]>;

/**
 * The base of arrays of fixed and of open length: `count` elements, starting at `at`. `Out` and `In` are the types of an
 * element, `Outs` and `Ins` those of the array.
 */
abstract class Elements<Out, In, V, Outs extends readonly Out[], Ins extends readonly In[]> extends Type<
  Outs,
  Ins,
  ArrayView<V>
> {
  readonly align: number;

  constructor(readonly element: Type<Out, In, V>) {
    super();
    if (element.open) throw new TypeError(`an array of ${element.name}, whose size is open`);
    this.align = element.align;
  }

  protected readCount(view: DataView, at: number, count: number, lenient: boolean): Out[] {
    const { element } = this;
    const values: Out[] = [];
    atEach(count, (i) => {
      const from = at + i * element.byteLength;
      values.push(element.read(view, from, from + element.byteLength, lenient));
    });
    return values;
  }

  override write(view: DataView, at: number, values: Ins): void {
    const { element } = this;
    // By index, because forEach skips holes: a hole in the array is a missing element.
    atEach(values.length, (i) => element.write(view, at + i * element.byteLength, values[i] as In));
  }

  /** `count` elements, or more if `values` has more. */
  protected fillCount(values: unknown, count: number): unknown {
    if (!Array.isArray(values)) return values;
    const given: readonly unknown[] = values;
    const length = Math.max(count, given.length);
    return Array.from({ length }, (_, i) => this.element.zeroFilled(given[i]));
  }

  protected annotateCount(
    view: DataView,
    at: number,
    count: number,
    context: Annotating,
    into: Annotation[],
  ): void {
    const { byteLength } = this.element;
    for (let i = 0; i < count; i++) {
      const from = at + i * byteLength;
      this.element.annotate(view, from, from + byteLength, context.under(i), into);
    }
  }

  protected viewCount(
    offset: number,
    key: string | number,
    count: (place: InPlace) => number,
  ): Accessor<ArrayView<V>> {
    const { element } = this;
    return {
      get(this: InPlace) {
        // Offsets of elements count from the start of the array, which is `offset` bytes into the view.
        const place = innerPlace(this, offset, key);
        return new ArrayView(place, count(place), (i) => element.accessor(i * element.byteLength, i));
      },
    };
  }

  override toJson(values: Outs): Json {
    return values.map((value) => this.element.toJson(value));
  }

  override fromJson(json: Json, at: number): unknown[] {
    if (!Array.isArray(json)) throw new Mismatch(at, 'an array', show(json));
    const { element } = this;
    return json.map((value: Json, i) =>
      inside(i, () => element.fromJson(value, at + i * element.byteLength)),
    );
  }
}

/** A C array of fixed length. */
export class ArrayType<Out, In, V, N extends number = number> extends Elements<
  Out,
  In,
  V,
  TupleOf<Out, N>,
  TupleOf<In, N>
> {
  readonly name: string;
  readonly byteLength: number;

  constructor(
    element: Type<Out, In, V>,
    readonly length: N,
  ) {
    super(element);
    this.name = `${element.name}[${length}]`;
    this.byteLength = element.byteLength * length;
  }

  override read(view: DataView, at: number, _end: number, lenient: boolean): TupleOf<Out, N> {
    // readCount() has read exactly `length` elements.
    return this.readCount(view, at, this.length, lenient) as readonly Out[] as TupleOf<Out, N>;
  }

  override write(view: DataView, at: number, values: TupleOf<In, N>): void {
    if (!Array.isArray(values) || values.length !== this.length) {
      throw new Mismatch(at, `an array of ${this.length}`, show(values));
    }
    super.write(view, at, values);
  }

  override zeroFilled(values: unknown = []): unknown {
    return this.fillCount(values, this.length);
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    this.annotateCount(view, at, this.length, context, into);
  }

  override accessor(offset: number, key: string | number): Accessor<ArrayView<V>> {
    return this.viewCount(offset, key, () => this.length);
  }

  override locate(available: number, keys: (string | number)[]): number {
    const index = Math.floor(available / this.element.byteLength);
    keys.push(index);
    const start = index * this.element.byteLength;
    return start + this.element.locate(available - start, keys);
  }
}

/** A flexible array member, the last member of a struct: as many elements as the rest of the buffer holds. */
export class FlexibleArray<Out, In, V> extends Elements<Out, In, V, Out[], readonly In[]> {
  readonly name: string;
  readonly byteLength = 0;
  override readonly open = true;

  constructor(element: Type<Out, In, V>) {
    super(element);
    this.name = `${element.name}[]`;
  }

  private count(at: number, end: number): number {
    const count = (end - at) / this.element.byteLength;
    if (Number.isInteger(count)) return count;
    const whole = Math.floor(count) * this.element.byteLength;
    throw new Mismatch(
      at + whole,
      `whole elements of ${this.element.byteLength} bytes`,
      `${end - at - whole} bytes at the end`,
    );
  }

  override read(view: DataView, at: number, end: number, lenient: boolean): Out[] {
    return this.readCount(view, at, this.count(at, end), lenient);
  }

  override write(view: DataView, at: number, values: readonly In[]): void {
    if (!Array.isArray(values)) throw new Mismatch(at, 'an array', show(values));
    super.write(view, at, values);
  }

  override zeroFilled(values: unknown = []): unknown {
    return this.fillCount(values, 0);
  }

  override annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void {
    this.annotateCount(view, at, Math.floor((end - at) / this.element.byteLength), context, into);
  }

  override accessor(offset: number, key: string | number): Accessor<ArrayView<V>> {
    const { byteLength } = this.element;
    return this.viewCount(offset, key, (place) =>
      Math.floor((place[DATA].byteLength - place[AT]) / byteLength),
    );
  }

  override lengthOf(values: readonly In[]): number {
    return Array.isArray(values) ? values.length * this.element.byteLength : 0;
  }
}

/** Bytes without a further layout. At the end of a struct their number may be open; elsewhere it is fixed. */
export class RawBytes extends Type<Uint8Array, Uint8Array, Uint8Array> {
  readonly name: string;
  readonly align = 1;
  readonly byteLength: number;
  override readonly open: boolean;

  constructor(readonly length: number | undefined) {
    super();
    this.open = length === undefined;
    this.name = `__u8[${length ?? ''}]`;
    this.byteLength = length ?? 0;
  }

  override read(view: DataView, at: number, end: number): Uint8Array {
    return bytesAt(view, at, this.length ?? end - at).slice();
  }

  override write(view: DataView, at: number, value: Uint8Array): void {
    if (!(value instanceof Uint8Array) || (this.length !== undefined && value.length !== this.length)) {
      const expected = this.length === undefined ? 'a Uint8Array' : `a Uint8Array of ${this.length}`;
      throw new Mismatch(at, expected, show(value));
    }
    bytesAt(view, at, value.length).set(value);
  }

  override zeroFilled(value: unknown = new Uint8Array(this.byteLength)): unknown {
    return value;
  }

  override annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void {
    const bytes = bytesAt(view, at, this.length ?? end - at);
    if (bytes.length === 0) return;
    const { path, doc, direction, reserved } = context;
    const fields = {
      path,
      offset: at,
      bytes,
      type: this.name,
      text: `${bytes.length} bytes`,
      doc,
      direction,
    };
    into.push({ kind: reserved ? 'reserved' : 'field', ...fields, ...reservedProblem(reserved, bytes) });
  }

  override accessor(offset: number): Accessor<Uint8Array> {
    const { length } = this;
    return {
      get(this: InPlace) {
        const from = this[AT] + offset;
        return bytesAt(this[DATA], from, length ?? this[DATA].byteLength - from);
      },
    };
  }

  override toJson(value: Uint8Array): Json {
    return toHex(value);
  }

  override fromJson(json: Json, at: number): Uint8Array {
    if (typeof json !== 'string') throw new Mismatch(at, 'a string of hex digits', show(json));
    try {
      return fromHex(json);
    } catch {
      throw new Mismatch(at, 'a string of hex digits', show(json));
    }
  }

  override lengthOf(value: Uint8Array): number {
    return value instanceof Uint8Array ? value.length : this.byteLength;
  }
}

/** `element name[length]`. */
export function array<Out, In, V, const N extends number>(
  element: Type<Out, In, V>,
  length: N,
): ArrayType<Out, In, V, N> {
  return new ArrayType(element, length);
}

/** `element name[]`, the last member of a struct. */
export function flexible<Out, In, V>(element: Type<Out, In, V>): FlexibleArray<Out, In, V> {
  return new FlexibleArray(element);
}

/** `__u8 name[]`, the last member of a struct, as a `Uint8Array`. */
export const flexibleBytes: RawBytes = new RawBytes(undefined);
