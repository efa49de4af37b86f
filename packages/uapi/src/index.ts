/**
 * The kernel's names (structs, flags, ioctls, errnos) and the functions of the codecs. `@iommufd/uapi/struct` declares
 * structs, `@iommufd/uapi/registry` finds them by name or number, and `@iommufd/uapi/history` dates them.
 */
export * from './amd/index.js';
export * from './errno.js';
export type { ErrnoMeanings, Ioctl, IoctlFile } from './ioctl.js';
export * from './iommufd/index.js';
export * from './request.js';
export * from './selftest/index.js';
export * from './smmuv3/index.js';
export * from './stream/faults.js';
export { lostBetween, sequenceDistance, VEVENT_SEQUENCE_MAX } from './stream/sequence.js';
export { type VeventCursor, veventCursor } from './stream/vevent-cursor.js';
export * from './stream/vevents.js';
export type { Annotation, BitAnnotation } from './struct/annotation.js';
export type { OwnBytes } from './struct/bytes.js';
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
} from './struct/codec.js';
export { StructError, type StructErrorDetails } from './struct/error.js';
export { fromJson, type Json, toJson } from './struct/json-codec.js';
export { type Layout, layout, type LayoutRow } from './struct/layout.js';
export type { AnyType, Decoded, Encodable, Type, View } from './struct/type.js';
export { view } from './struct/view.js';
export * from './syscalls.js';
export * from './tegra241/tegra241.js';
export * from './types.generated.js';
export * from './vfio/index.js';
export * from './vtd/index.js';
