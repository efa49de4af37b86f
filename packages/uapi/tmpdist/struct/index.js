export {} from './annotation.js';
export { array, ArrayType, ArrayView, flexible, FlexibleArray, flexibleBytes, RawBytes } from './array.js';
export { addressBits, bit, bitRange, bits, BitStruct, bitStruct, maskOf, wideBits, } from './bits.js';
export { fromHex, toHex } from './bytes.js';
export { annotate, decode, decodeArray, encode, encodeArray, encodeInto, } from './codec.js';
export { enumeration, flagSet, } from './enumeration.js';
export { StructError } from './error.js';
export { address, enumOf, flags, flags64, Integer, objectId, s32, structSize, u16, u32, u64, u8, userPointer, } from './integer.js';
export { fromJson, toJson } from './json-codec.js';
export { layout } from './layout.js';
export {} from './role.js';
export { Struct, struct } from './struct.js';
export { reserved, Type, } from './type.js';
export { TaggedUnion, taggedUnion, Union, union } from './union.js';
export { variant, Variants, variants, } from './variants.js';
export { view } from './view.js';
//# sourceMappingURL=index.js.map