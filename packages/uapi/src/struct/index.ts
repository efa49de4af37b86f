export { type ErrnoMeanings, type Ioctl, ioctl, type IoctlFile } from '../ioctl.js';
export { type Annotation, type BitAnnotation } from './annotation.js';
export {
  array,
  ArrayType,
  ArrayView,
  flexible,
  FlexibleArray,
  flexibleBytes,
  RawBytes,
  type TupleOf,
} from './array.js';
export {
  addressBits,
  bit,
  type BitField,
  type BitFields,
  bitRange,
  bits,
  BitStruct,
  bitStruct,
  type BitValues,
  hexBits,
  maskOf,
  streamBits,
  wideBits,
} from './bits.js';
export { fromHex, type OwnBytes, toHex } from './bytes.js';
export {
  annotate,
  decode,
  decodeArray,
  type DecodeOptions,
  encode,
  encodeArray,
  encodeInto,
  encodeZeroFilled,
  type ZeroFillable,
} from './codec.js';
export {
  type Enumeration,
  enumeration,
  type FlagSet,
  flagSet,
  type Member,
  type Members,
  type MemberValues,
} from './enumeration.js';
export type { Compiled, Generated } from './compiled.js';
export { StructError, type StructErrorDetails } from './error.js';
export {
  address,
  type BigInteger,
  enumOf,
  flags,
  flags64,
  Integer,
  objectId,
  s32,
  type SmallInteger,
  structSize,
  u16,
  u32,
  u64,
  u8,
  userPointer,
} from './integer.js';
export { fromJson, type Json, toJson } from './json-codec.js';
export { type Layout, layout, type LayoutRow } from './layout.js';
export { busDeviceFunction, namesOf, type ObjectKind, type Pointee, type Role } from './role.js';
export { type DecodedStruct, type Fields, Struct, struct, type StructOptions } from './struct.js';
export {
  type AnyType,
  type Decoded,
  type Direction,
  type Encodable,
  type Field,
  type FieldLayout,
  reserved,
  Type,
  type View,
} from './type.js';
export { TaggedUnion, taggedUnion, Union, union } from './union.js';
export {
  type TagPlace,
  type UnknownVariant,
  type Variant,
  variant,
  Variants,
  variants,
  type VariantValue,
  type VariantView,
} from './variants.js';
export { view } from './view.js';
