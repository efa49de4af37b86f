import { Annotating, type Annotation, BLANK } from './annotation.js';
import { bytesAt, firstNonZero, viewOf } from './bytes.js';
import { joinPath, Mismatch, reporting, show } from './error.js';
import { type Fields, Struct } from './struct.js';
import { type AnyType, needs, type Type } from './type.js';

/** How strictly to read. */
export interface DecodeOptions {
  /** Accept reserved fields, padding and reserved bits that are not zero; fields show what is there. */
  readonly lenient?: boolean;
}

/**
 * Encodes a value.
 * @returns a new buffer of the type's size; for a struct with a flexible array as long as that needs, and for
 *   an older, shorter struct (its `size` says so and its later fields are absent) of that size
 * @throws StructError for a missing or unknown field, a number out of range or of the wrong kind, a wrong
 *   array length, a reserved field that is not zero
 */
export function encode<Out, In, V>(type: Type<Out, In, V>, value: In): Uint8Array<ArrayBuffer> {
  return reporting(type.name, () => {
    const length = type.lengthOf(value);
    // Written at full size first: the last field of an older struct may end in the middle of a word.
    const bytes = new Uint8Array(Math.max(length, type.byteLength));
    type.write(viewOf(bytes), 0, value);
    return bytes.length === length ? bytes : bytes.slice(0, length);
  });
}

/**
 * Encodes a value into a buffer. Nothing is written if the value does not fit.
 * @param offset where in `bytes` to write, in bytes
 * @returns the number of bytes written
 * @throws StructError as {@link encode} does, and if the buffer is too short
 */
export function encodeInto<Out, In, V>(
  type: Type<Out, In, V>,
  value: In,
  bytes: Uint8Array,
  offset = 0,
): number {
  const encoded = encode(type, value);
  reporting(type.name, () => {
    const room = bytes.length - offset;
    if (encoded.length > room) throw new Mismatch(offset, `room for ${encoded.length} bytes`, `${room}`);
  });
  bytes.set(encoded, offset);
  return encoded.length;
}

/**
 * Decodes a buffer that holds one value and nothing else.
 *
 * For a struct of iommufd the size protocol of `linux/iommufd.h` holds: a buffer that is shorter than the
 * struct, and whose `size` says so, is an older version, whose missing fields are absent; a longer one whose
 * `size` says so is accepted if the rest is zero. VFIO's `argsz` makes older versions likewise; what follows a
 * struct of VFIO, a chain of capabilities, is not part of it, so pass the struct's bytes alone. A buffer of the struct's own length is decoded whatever its
 * `size` field holds: that number is the caller's claim, and this is the place to look at it.
 * @throws StructError for a short or long buffer, and for reserved bytes and padding that are not zero
 */
export function decode<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Out {
  return reporting(type.name, () => {
    const view = viewOf(bytes);
    const lenient = options.lenient === true;
    return type.read(view, 0, decodedLength(type, view), lenient);
  });
}

/**
 * Decodes the first entries of what the kernel calls an array of structs: `stride` bytes apart, which may be
 * fewer or more than the struct has. As `iommu_copy_struct_from_user_array` does, missing bytes count as zero,
 * and bytes that the struct does not have must be zero.
 * @param options.stride distance of the entries, in bytes (`entry_len`); the struct's size if it is left out
 * @param options.count how many entries; as many as the buffer holds if it is left out
 */
export function decodeArray<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: DecodeOptions & { readonly stride?: number; readonly count?: number } = {},
): Out[] {
  return reporting(type.name, () =>
    entries(type, bytes, options).map((entry, i) => {
      try {
        const { view, at, bad } = entry;
        if (bad !== -1) throw new Mismatch(bad, 'zero beyond the struct', show(bytes[bad]));
        return type.read(view, at, at + type.byteLength, options.lenient === true);
      } catch (cause) {
        throw cause instanceof Mismatch ? cause.under(i) : cause;
      }
    }),
  );
}

/** One entry of an array, zero-extended where the stride is short. */
interface Entry {
  readonly view: DataView;
  /** Where the entry begins in `view`, which is the array's own buffer unless the stride is short. */
  readonly at: number;
  /** Offset of the first byte beyond the struct that is not zero, or -1. */
  readonly bad: number;
}

function entries(
  type: AnyType,
  bytes: Uint8Array,
  { stride = type.byteLength, count }: { readonly stride?: number; readonly count?: number },
): Entry[] {
  if (!Number.isInteger(stride) || stride < 1) {
    throw new Mismatch(0, 'a stride of at least 1 byte', show(stride));
  }
  const number = count ?? bytes.length / stride;
  const whole = Math.min(Math.floor(number), Math.floor(bytes.length / stride));
  if (!Number.isInteger(number) || number < 0 || number > whole) {
    const found = `${bytes.length - whole * stride} bytes`;
    throw new Mismatch(whole * stride, `an entry of ${stride} bytes`, found).under(whole);
  }
  return Array.from({ length: number }, (_, i) => {
    const from = i * stride;
    if (stride >= type.byteLength) {
      const bad = firstNonZero(viewOf(bytes), from + type.byteLength, from + stride);
      return { view: viewOf(bytes), at: from, bad };
    }
    // An offset in an error stays right: the copy keeps the entry where it was.
    const copy = new Uint8Array(from + type.byteLength);
    copy.set(bytes.subarray(from, from + stride), from);
    return { view: viewOf(copy), at: from, bad: -1 };
  });
}

/**
 * Encodes an array of structs, `stride` bytes apart; what the stride has beyond the struct is zero.
 * @throws StructError as {@link encode} does; if the stride is shorter than the struct and cuts off bytes that
 *   are not zero
 */
export function encodeArray<Out, In, V>(
  type: Type<Out, In, V>,
  values: readonly In[],
  { stride = type.byteLength }: { readonly stride?: number } = {},
): Uint8Array<ArrayBuffer> {
  return reporting(type.name, () => {
    if (!Number.isInteger(stride) || stride < 1)
      throw new Mismatch(0, 'a stride of at least 1 byte', show(stride));
    const bytes = new Uint8Array(values.length * stride);
    const entry = new Uint8Array(type.byteLength);
    values.forEach((value, i) => {
      try {
        type.write(viewOf(entry), 0, value);
        const bad = firstNonZero(viewOf(entry), stride, entry.length);
        if (bad !== -1) throw new Mismatch(bad, `zero beyond the stride of ${stride}`, show(entry[bad]));
      } catch (cause) {
        throw cause instanceof Mismatch ? moved(cause, i * stride).under(i) : cause;
      }
      bytes.set(entry.subarray(0, stride), i * stride);
    });
    return bytes;
  });
}

function moved({ keys, offset, expected, found }: Mismatch, by: number): Mismatch {
  const mismatch = new Mismatch(offset + by, expected, found);
  mismatch.keys.push(...keys);
  return mismatch;
}

/**
 * What each byte of a buffer is: annotations in order, without a gap or an overlap, from the first byte to the
 * last. Nothing is refused; what {@link decode} would refuse is an annotation's `problem`, and what a short
 * buffer lacks is at the end, with no bytes.
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
    const problem = rest.some((byte) => byte !== 0) ? { problem: 'must be zero' } : {};
    into.push({ ...BLANK, kind: 'rest', offset: end, bytes: rest, doc: `Beyond ${type.name}.`, ...problem });
  }
  return into;
}

/** Is the buffer, shorter than the struct, what a program knows that was built before its last fields came? */
function isOlder(type: AnyType, view: DataView): type is AnyType & Struct<Fields, Fields> {
  const length = view.byteLength;
  if (!(type instanceof Struct) || type.sized === undefined || length < type.minByteLength) return false;
  return claimedSize(view) === length && type.members.some(({ added, offset }) => added && offset === length);
}

function claimedSize(view: DataView): number {
  return view.byteLength < 4 ? 0 : view.getUint32(0, true);
}

/** How many bytes of the buffer the value takes, by the rules that {@link decode} states. */
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
