import { Annotating, type Annotation, BLANK, reservedProblem } from './annotation.js';
import { bytesAt, firstNonZero, type OwnBytes, viewOf } from './bytes.js';
import { atEach, joinPath, Mismatch, reporting, show } from './error.js';
import { type Fields, type Simplify, Struct } from './struct.js';
import {
  type AnyType,
  decodedQuickly,
  type Encodable,
  encodedBytes,
  encodedQuickly,
  hasRoom,
  needs,
  newlyEncoded,
  type Type,
} from './type.js';

/**
 * The input of {@link encodeZeroFilled} for a type that encodes `In`: any part may be missing, except the number that selects
 * the form of a record.
 */
export type ZeroFillable<In> = In extends number | bigint | Uint8Array
  ? In
  : In extends readonly unknown[]
    ? ZeroFillableArray<In>
    : [Literals<In>] extends [never]
      ? { readonly [K in keyof In]?: ZeroFillable<In[K]> }
      : Simplify<
          { readonly [K in keyof In]?: ZeroFillable<In[K]> } & { readonly [K in Literals<In>]: In[K] }
        >;
type ZeroFillableArray<In extends readonly unknown[]> = number extends In['length']
  ? readonly ZeroFillable<In[number]>[]
  : { readonly [K in keyof In]?: ZeroFillable<In[K]> };
/** The names of fields whose type is a single number. */
type Literals<In> = { [K in keyof In]-?: IsLiteral<In[K], K, never> }[keyof In];
type IsLiteral<N, Then, Else> = [N] extends [number] ? (number extends N ? Else : Then) : Else;

/** Options of decoding. */
export interface DecodeOptions {
  /** Accept reserved fields, padding and reserved bits that are not zero. */
  readonly lenient?: boolean;
}

/**
 * Encodes a value.
 * @returns a new buffer of the type's size. With a flexible array it also holds the elements. An older, shorter struct, whose
 *   `size` is smaller and whose later fields are absent, has that smaller size.
 * @throws StructError if a field is missing or unknown, a number is out of range or of the wrong kind, an array has the wrong
 *   length, or a reserved field is not zero
 */
export function encode<Out, In, V>(type: Type<Out, In, V>, value: In): OwnBytes {
  // Small enough for engines to inline, so that they know the type's compiled code at each place that calls encode().
  return newlyEncoded(type, value) ?? reporting(type.name, () => encodedBytes(type, value));
}

/**
 * Encodes a partial value. Missing fields, elements and bits are zero, at any depth. A record with several forms needs the
 * number that selects the form.
 *
 * Zero is meant literally: a missing `size` is 0, and a record of an unknown form has only zero bytes after its number. The
 * result always has the fields that later kernels added.
 * @returns a new buffer of the type's size, longer if the value has elements of a flexible array
 * @throws StructError as {@link encode} does, but not for a missing field
 */
export function encodeZeroFilled<T extends AnyType>(type: T, value: ZeroFillable<Encodable<T>>): OwnBytes {
  return reporting(type.name, () => {
    // The value is complete now. `write` checks it, as it checks any value.
    return encodedBytes(type, type.zeroFilled(value) as never);
  });
}

/**
 * Encodes a value into a buffer. Nothing is written if the value is invalid.
 * @param offset in `bytes`, in bytes
 * @returns the number of bytes written
 * @throws StructError as {@link encode} does, and if the buffer is too short
 */
export function encodeInto<Out, In, V>(
  type: Type<Out, In, V>,
  value: In,
  bytes: Uint8Array,
  offset = 0,
): number {
  if (encodedQuickly(type, value, bytes, offset)) return type.byteLength;
  return encodedSlowly(type, value, bytes, offset);
}

function encodedSlowly<Out, In, V>(
  type: Type<Out, In, V>,
  value: In,
  bytes: Uint8Array,
  offset: number,
): number {
  return reporting(type.name, () => {
    const view = viewOf(bytes);
    const encoded = encodedBytes(type, value);
    hasRoom(encoded.length, offset, view.byteLength);
    bytesAt(view, offset, encoded.length).set(encoded);
    return encoded.length;
  });
}

/**
 * Decodes a buffer that contains exactly one value.
 *
 * Structs of iommufd follow the size protocol of `linux/iommufd.h`: a buffer shorter than the struct, with a matching `size`,
 * is an older version, whose missing fields are absent; a longer one with a matching `size` is accepted if the rest is zero.
 * VFIO's `argsz` works likewise for older versions; the chain of capabilities behind a struct of VFIO is not part of it, so
 * pass the bytes of the struct alone. The kernel also accepts a size that ends within a field, and zero-extends the field;
 * here that is an error, because the truncation would not be visible.
 *
 * A buffer of the struct's own length is decoded whatever its `size` field contains, so that the caller can inspect it.
 * @throws StructError if the buffer is too short or too long, or reserved bytes or padding are not zero
 */
export function decode<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, options?: DecodeOptions): Out {
  return decodedQuickly(type, bytes) ?? decodedSlowly(type, bytes, options);
}

function decodedSlowly<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: DecodeOptions | undefined,
): Out {
  return reporting(type.name, () => {
    const view = viewOf(bytes);
    return type.read(view, 0, decodedLength(type, view), options?.lenient === true);
  });
}

/**
 * Decodes an array of structs with a stride, which may be smaller or larger than the struct. As in
 * `iommu_copy_struct_from_user_array()`, missing bytes are zero, and bytes beyond the struct must be zero.
 * @param options.stride distance of the entries in bytes (`entry_len`); the size of the struct by default
 * @param options.count number of entries; as many as the buffer contains by default
 */
export function decodeArray<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: DecodeOptions & { readonly stride?: number; readonly count?: number } = {},
): Out[] {
  return reporting(type.name, () => {
    const { stride = type.byteLength } = options;
    checkElement(type, stride);
    const view = viewOf(bytes);
    const count = entryCount(bytes.length, stride, options.count);
    const lenient = options.lenient === true;
    const short = new Uint8Array(type.byteLength);
    const values: Out[] = [];
    atEach(count, (i) => {
      const at = i * stride;
      if (stride < type.byteLength) {
        short.set(bytes.subarray(at, at + stride));
        values.push(movedBy(at, () => type.read(viewOf(short), 0, short.length, lenient)));
        return;
      }
      const bad = firstNonZero(view, at + type.byteLength, at + stride);
      if (bad !== -1) throw new Mismatch(bad, 'zero beyond the struct', show(bytes[bad]));
      values.push(type.read(view, at, at + type.byteLength, lenient));
    });
    return values;
  });
}

function checkElement(type: AnyType, stride: number): void {
  if (type.open) throw new TypeError(`an array of ${type.name}, whose size is open`);
  if (!Number.isInteger(stride) || stride < 1)
    throw new Mismatch(0, 'a stride of at least 1 byte', show(stride));
}

/**
 * The number of entries to decode: `wanted`, or as many as `length` bytes hold.
 * @throws Mismatch if the buffer holds fewer than `wanted`, or ends within an entry
 */
function entryCount(length: number, stride: number, wanted = length / stride): number {
  const whole = Math.floor(length / stride);
  if (Number.isInteger(wanted) && wanted >= 0 && wanted <= whole) return wanted;
  if (wanted < 0 || Number.isNaN(wanted)) throw new Mismatch(0, 'a count of 0 or more', show(wanted));
  throw new Mismatch(whole * stride, `an entry of ${stride} bytes`, `${length - whole * stride} bytes`).under(
    whole,
  );
}

/** Runs `work`, which handles a copy at offset 0, and moves the offset of its mismatch to the original, at `at`. */
function movedBy<T>(at: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof Mismatch ? cause.movedBy(at) : cause;
  }
}

/**
 * Encodes an array of structs with a stride; bytes between the structs are zero.
 * @throws StructError as {@link encode} does; if the stride is shorter than the struct and cuts off bytes that
 *   are not zero
 */
export function encodeArray<Out, In, V>(
  type: Type<Out, In, V>,
  values: readonly In[],
  { stride = type.byteLength }: { readonly stride?: number } = {},
): OwnBytes {
  return reporting(type.name, () => {
    checkElement(type, stride);
    if (!Array.isArray(values)) throw new Mismatch(0, 'an array', show(values));
    const buffer = new ArrayBuffer(values.length * stride);
    const bytes = new Uint8Array(buffer);
    const view = new DataView(buffer);
    let i = 0;
    try {
      // By index, because forEach skips holes: a hole is a missing entry. Not by `atEach`, whose call costs measurable time.
      for (; i < values.length; i++) {
        const at = i * stride;
        const value = values[i] as In;
        if (stride >= type.byteLength) type.write(view, at, value);
        else
          bytes.set(
            movedBy(at, () => cutEntry(type, value, stride)),
            at,
          );
      }
    } catch (cause) {
      throw cause instanceof Mismatch ? cause.under(i) : cause;
    }
    return bytes;
  });
}

/** The bytes of an entry that is longer than the stride, cut to the stride. @throws Mismatch if a cut byte is not zero */
function cutEntry<Out, In, V>(type: Type<Out, In, V>, value: In, stride: number): Uint8Array {
  const entry = encodedBytes(type, value);
  const bad = firstNonZero(viewOf(entry), stride, entry.length);
  if (bad !== -1) throw new Mismatch(bad, `zero beyond the stride of ${stride}`, show(entry[bad]));
  return entry.subarray(0, stride);
}

/**
 * Annotates every byte of a buffer, in order, without gaps and overlaps. It accepts invalid bytes: what {@link decode} would
 * refuse is in `problem` of the annotation. If the buffer is too short, the last annotation is of kind `missing`.
 */
export function annotate(type: AnyType, bytes: Uint8Array): Annotation[] {
  const into: Annotation[] = [];
  const view = viewOf(bytes);
  if (bytes.length >= type.byteLength) {
    type.annotate(view, 0, type.lengthRead(bytes.length), new Annotating(), into);
  } else if (type instanceof Struct) {
    type.annotateUpTo(bytes.length, view, 0, bytes.length, new Annotating(), into);
  }
  const last = into.at(-1);
  const end = last === undefined ? 0 : last.offset + last.bytes.length;
  const rest = bytesAt(view, end, bytes.length - end);
  if (bytes.length < type.byteLength && !isOlder(type, view)) {
    const keys: (string | number)[] = [];
    type.locate(bytes.length, keys);
    const problem = `${type.byteLength - bytes.length} bytes missing`;
    const doc = 'The buffer ends here.';
    into.push({ ...BLANK, kind: 'missing', path: joinPath(keys), offset: end, bytes: rest, doc, problem });
  } else if (rest.length > 0) {
    const grown = type instanceof Struct && type.sized === 'size' && claimedSize(view) === bytes.length;
    const problem = grown ? reservedProblem(true, rest) : { problem: `no part of ${type.name}` };
    into.push({ ...BLANK, kind: 'rest', offset: end, bytes: rest, doc: `Beyond ${type.name}.`, ...problem });
  }
  return into;
}

/** True if the buffer is an older version of the struct: without the fields that were added later, and with its own size. */
function isOlder(type: AnyType, view: DataView): type is AnyType & Struct<Fields, Fields> {
  const length = view.byteLength;
  if (!(type instanceof Struct) || type.sized === undefined || length < type.minByteLength) return false;
  return claimedSize(view) === length && type.members.some(({ added, offset }) => added && offset === length);
}

function claimedSize(view: DataView): number {
  return view.byteLength < 4 ? 0 : view.getUint32(0, true);
}

/** Number of bytes of the buffer that belong to the value, by the rules in {@link decode}. */
function decodedLength(type: AnyType, view: DataView): number {
  const length = view.byteLength;
  if (isOlder(type, view)) return length;
  needs(type, 0, length);
  const taken = type.lengthRead(length);
  if (taken === length) return length;
  if (!(type instanceof Struct && type.sized === 'size' && claimedSize(view) === length)) {
    throw new Mismatch(taken, `nothing beyond ${taken} bytes`, `${length - taken} more`);
  }
  const bad = firstNonZero(view, taken, length);
  if (bad !== -1) {
    throw new Mismatch(
      bad,
      `zero beyond the ${taken} bytes that are known (E2BIG)`,
      show(view.getUint8(bad)),
    );
  }
  return taken;
}
