import type { Implementation, OtherForm } from '../implementation.js';
import { implementations as binaryParser } from './binary-parser.js';
import { implementations as bufferBackedObject } from './buffer-backed-object.js';
import { implementations as dataViewBigInt } from './dataview-bigint.js';
import { implementations as dataViewU32 } from './dataview-u32.js';
import { implementations as koffi } from './koffi.js';
import { implementations as microPacked } from './micro-packed.js';
import { implementations as restructure } from './restructure.js';
import { implementations as structurae } from './structurae.js';
import { implementations as typedArrays } from './typed-arrays.js';
import { implementations as typedStruct } from './typed-struct.js';
import { implementations as uapi } from './uapi.js';

/** All who take part, in the order of the tables: ours, by hand, libraries. */
export const implementations: readonly (Implementation | OtherForm)[] = [
  ...uapi,
  ...dataViewU32,
  ...dataViewBigInt,
  ...typedArrays,
  ...binaryParser,
  ...bufferBackedObject,
  ...koffi,
  ...microPacked,
  ...restructure,
  ...structurae,
  ...typedStruct,
];
